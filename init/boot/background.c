#include "background.h"

#include <linux/ioprio.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NICE_AFTER = 5, LOWEST = 7 };

static void set(int policy, int io_class, int io_level)
{
	struct {
		int priority;
		int room[15]; /* musl's sched_param is larger than the kernel's */
	} none = { 0, { 0 } };

	/* musl refuses sched_setscheduler itself */
	syscall(SYS_sched_setscheduler, 0, policy, &none);
	syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(io_class, io_level));
}

void background_enter(void)
{
	set(SCHED_IDLE, IOPRIO_CLASS_IDLE, 0);
}

void background_leave(void)
{
	set(SCHED_OTHER, IOPRIO_CLASS_BE, LOWEST);
	setpriority(PRIO_PROCESS, 0, NICE_AFTER);
}
