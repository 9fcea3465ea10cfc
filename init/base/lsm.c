#include "lsm.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "paths.h"

#define SELINUX "/sys/fs/selinux"
#define OWN     "/proc/self/attr/current"
/* Of an init's program, in every policy that is made of the reference policy: ours comes
 * from the initramfs, which has no labels. */
#define INIT_LABEL "system_u:object_r:init_exec_t:s0"

enum { LABEL_MAX = 512 };

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

/* What a process of label `from` becomes by executing a file of label `file`. */
static int next_label(const char *from, const char *file, char to[LABEL_MAX], struct err *e)
{
	char class[16], question[2 * LABEL_MAX + 32];
	FD_AUTO fd = open(SELINUX "/create", O_RDWR | O_CLOEXEC);
	int len;
	ssize_t got;

	if (fd < 0)
		return err_sys(e, SELINUX "/create");
	if (fd_read_file(AT_FDCWD, SELINUX "/class/process/index", class, sizeof class, e) < 0)
		return -1;
	len = snprintf(question, sizeof question, "%s %s %s", from, file, class);
	if (write(fd, question, (size_t)len) < 0 || (got = read(fd, to, LABEL_MAX - 1)) < 0)
		return err_sys(e, SELINUX "/create: %s", question);
	to[got] = '\0';
	return 0;
}

int lsm_become_init(struct err *e)
{
	char now[LABEL_MAX], next[LABEL_MAX];

	if (fd_read_file(AT_FDCWD, OWN, now, sizeof now, e) < 0 ||
	    next_label(now, INIT_LABEL, next, e) < 0)
		return -1;
	if (strcmp(now, next) == 0)
		return 0;
	return fd_write_file(AT_FDCWD, OWN, next, strlen(next), e);
}
