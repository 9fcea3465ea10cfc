#include "guard.h"

#include <sys/mman.h>
#include <sys/prctl.h>

int guard_memory(struct err *e)
{
	if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
		return err_sys(e, "keep secrets out of swap");
	prctl(PR_SET_DUMPABLE, 0);
	return 0;
}
