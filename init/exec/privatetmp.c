#include "privatetmp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/fd.h"

const char *const privatetmp_bases[2] = { "/tmp", "/var/tmp" };

void privatetmp_name(const struct unit *u, const struct invocation *run,
                     char name[PRIVATETMP_SIZE])
{
	char text[INVOCATION_TEXT];

	invocation_text(run, text);
	snprintf(name, PRIVATETMP_SIZE, "slate-private-%.180s-%s", u->name, text);
}

/* Another command of this run may have made it; nobody else is trusted to. */
static int open_folder(int base, const char *name, struct err *e)
{
	FD_AUTO folder = -1;
	struct stat st;

	if (mkdirat(base, name, 0700) < 0 && errno != EEXIST)
		return err_sys(e, "mkdir %s", name);
	folder = openat(base, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder < 0 || fstat(folder, &st) < 0)
		return err_sys(e, "open %s", name);
	if (st.st_uid != geteuid() || st.st_mode & 077)
		return err_say(e, "%s is somebody else's", name);
	return fd_take(&folder);
}

int privatetmp_make(const char *base, const char *name, char path[PRIVATETMP_SIZE],
                    struct err *e)
{
	FD_AUTO dir = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	FD_AUTO folder = -1;

	path[0] = '\0';
	if (dir < 0)
		return errno == ENOENT ? 0 : err_sys(e, "open %s", base);
	folder = open_folder(dir, name, e);
	if (folder < 0)
		return err_wrap(e, "%s", base);
	/* the umask is the unit's */
	if (mkdirat(folder, "tmp", 01777) < 0 && errno != EEXIST)
		return err_sys(e, "mkdir %s/%s/tmp", base, name);
	if (fchmodat(folder, "tmp", 01777, 0) < 0)
		return err_sys(e, "chmod %s/%s/tmp", base, name);
	snprintf(path, PRIVATETMP_SIZE, "%s/%s/tmp", base, name);
	return 0;
}
