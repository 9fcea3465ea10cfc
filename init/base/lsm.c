#include "lsm.h"

#include <fcntl.h>
#include <unistd.h>

#include "fd.h"
#include "paths.h"

bool lsm_has_apparmor(struct err *e)
{
	char text[8] = "";
	struct err unread;

	if (fd_read_file(AT_FDCWD, PATH_APPARMOR_ENABLED, text, sizeof text, &unread) > 0 &&
	    text[0] == 'Y')
		return true;
	err_say(e, "this kernel has no AppArmor, or it is off (apparmor=1 security=apparmor on the "
	           "command line)");
	return false;
}

bool lsm_has_selinux(struct err *e)
{
	if (access(PATH_SELINUX_ENFORCE, F_OK) == 0)
		return true;
	err_say(e, "SELinux is not in force");
	return false;
}
