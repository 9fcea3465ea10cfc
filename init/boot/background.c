#include "background.h"

#include <linux/ioprio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NICEST = 19, NICE_AFTER = 5, LOWEST = 7 };

static void set(int nice, unsigned io_class, unsigned io_level)
{
	setpriority(PRIO_PROCESS, 0, nice);
	syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, io_class << IOPRIO_CLASS_SHIFT | io_level);
}

/* Not SCHED_IDLE: where one program never rests, the copy would come four times later. */
void background_enter(void)
{
	set(NICEST, IOPRIO_CLASS_IDLE, 0);
}

void background_leave(void)
{
	set(NICE_AFTER, IOPRIO_CLASS_BE, LOWEST);
}
