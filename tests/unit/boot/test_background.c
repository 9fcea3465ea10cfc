/* background: what the kernel makes of it. */
#include "../../../init/boot/background.h"

#include <linux/ioprio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int io_class(void)
{
	return IOPRIO_PRIO_CLASS((int)syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0));
}

/* In a process of its own: without privileges nobody gets out of it again. */
static int stay_and_go(void)
{
	background_enter();
	if (getpriority(PRIO_PROCESS, 0) != 19 || io_class() != IOPRIO_CLASS_IDLE)
		return 1;
	background_leave();
	return getpriority(PRIO_PROCESS, 0) >= 5 && io_class() == IOPRIO_CLASS_BE ? 0 : 2;
}

static void the_others_go_first_until_it_is_left(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(stay_and_go());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_others_go_first_until_it_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
