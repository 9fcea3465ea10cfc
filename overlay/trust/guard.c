#include "guard.h"

#include <sys/mman.h>
#include <sys/prctl.h>

int guard_memory(struct err *e)
{
	/* as pages come into use: a mapping may be far larger than what is used of it */
	if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) < 0)
		return err_sys(e, "keep secrets out of swap");
	prctl(PR_SET_DUMPABLE, 0);
	return 0;
}
