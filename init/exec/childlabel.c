#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/lsm.h"
#include "child.h"

enum { LABEL_MAX = 4096 };

/* One write, or the kernel takes a part of the label for the whole. */
static int write_label(const char *path, const char *text, struct err *e)
{
	FD_AUTO fd = open(path, O_WRONLY | O_CLOEXEC);
	size_t len = strlen(text);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		return err_sys(e, "%s", path);
	return 0;
}

/* The file of AppArmor's own is there since Linux 5.8; the other is whose turn it is. */
static int set_apparmor(const char *profile, struct err *e)
{
	static const char own[] = "/proc/self/attr/apparmor/exec";
	char text[LABEL_MAX];

	if (!lsm_has_apparmor(e))
		return err_wrap(e, "AppArmorProfile=%s", profile);
	if ((size_t)snprintf(text, sizeof text, "exec %s", profile) >= sizeof text)
		return err_say(e, "AppArmorProfile=: name too long");
	if (write_label(access(own, F_OK) == 0 ? own : "/proc/self/attr/exec", text, e) < 0)
		return err_wrap(e, "AppArmorProfile=%s: is the profile loaded?", profile);
	return 0;
}

static int set_selinux(const char *context, struct err *e)
{
	if (!lsm_has_selinux(e) || write_label("/proc/self/attr/exec", context, e) < 0)
		return err_wrap(e, "SELinuxContext=%s", context);
	return 0;
}

int child_label(struct child *c, struct err *e)
{
	const struct exec_label *selinux = &c->config->selinux, *apparmor = &c->config->apparmor;

	if (c->s->command->flags & EXEC_FULL_PRIVILEGES)
		return 0;
	c->status = CHILD_SELINUX;
	if (selinux->text && set_selinux(selinux->text, e) < 0 && !selinux->optional)
		return -1;
	c->status = CHILD_APPARMOR;
	if (apparmor->text && set_apparmor(apparmor->text, e) < 0 && !apparmor->optional)
		return -1;
	return 0;
}
