#include <sched.h>

#include "../unit/sandbox.h"
#include "child.h"

int child_spaces(struct child *c, struct err *e)
{
	if (c->box && c->box->protect_hostname && unshare(CLONE_NEWUTS) < 0)
		return err_sys(e, "ProtectHostname=: a name space of its own for the host's name");
	return 0;
}
