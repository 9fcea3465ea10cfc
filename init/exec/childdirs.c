#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/span.h"
#include "child.h"
#include "dirs.h"

static const int statuses[DIR_KINDS] = {
	[DIR_RUNTIME] = CHILD_RUNTIME_DIR,
	[DIR_STATE] = CHILD_STATE_DIR,
	[DIR_CACHE] = CHILD_CACHE_DIR,
	[DIR_LOGS] = CHILD_LOGS_DIR,
	[DIR_CONFIGURATION] = CHILD_CONFIGURATION_DIR,
};

/* One component at a time, each opened without following links, so that a
 * service that owns a directory on the way can't lead us elsewhere. */
static int make_beneath(int base, const char *name, struct err *e)
{
	struct span rest = span_of(name), part;
	FD_AUTO at = fcntl(base, F_DUPFD_CLOEXEC, 3);
	char text[NAME_MAX + 1];

	while (span_word(&rest, "/", &part)) {
		if (!span_copy(part, text, sizeof text))
			return err_say(e, "%s: name too long", name);
		if (mkdirat(at, text, 0755) < 0 && errno != EEXIST)
			return err_sys(e, "mkdir %s", name);

		int next = openat(at, text, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (next < 0)
			return err_sys(e, "open %s", name);
		fd_drop(&at);
		at = next;
	}
	return fd_take(&at);
}

static int make_dir(struct child *c, enum exec_dir_kind kind, int base, const char *name,
                    struct err *e)
{
	struct stat st;
	FD_AUTO dir = make_beneath(base, name, e);

	if (dir < 0)
		return err_wrap(e, "%s", dirs_kinds[kind].base);
	if (fchmod(dir, c->config->dirs[kind].mode) < 0 || fstat(dir, &st) < 0)
		return err_sys(e, "chmod %s/%s", dirs_kinds[kind].base, name);
	/* configuration belongs to root */
	if (kind == DIR_CONFIGURATION || (st.st_uid == c->account.uid && st.st_gid == c->gid))
		return 0;
	if (fchown(dir, c->account.uid, c->gid) < 0)
		return err_sys(e, "chown %s/%s", dirs_kinds[kind].base, name);
	return 0;
}

static int set_variable(struct child *c, enum exec_dir_kind kind, struct err *e)
{
	const struct text_list *names = &c->config->dirs[kind].names;
	char value[4096];
	size_t len = 0;

	for (unsigned i = 0; i < names->n && len < sizeof value; i++)
		len += (size_t)snprintf(value + len, sizeof value - len, "%s%s/%s", i ? ":" : "",
		                        dirs_kinds[kind].base, names->at[i]);
	if (len >= sizeof value)
		return err_say(e, "%s: too many directories", dirs_kinds[kind].variable);
	return environment_set(c->env, dirs_kinds[kind].variable, value, e);
}

static int make_kind(struct child *c, enum exec_dir_kind kind, struct err *e)
{
	const struct text_list *names = &c->config->dirs[kind].names;

	if (names->n == 0)
		return 0;
	c->status = statuses[kind];
	if (fd_mkdirs(AT_FDCWD, dirs_kinds[kind].base, 0755, e) < 0)
		return -1;

	FD_AUTO base = open(dirs_kinds[kind].base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (base < 0)
		return err_sys(e, "open %s", dirs_kinds[kind].base);
	for (unsigned i = 0; i < names->n; i++)
		if (make_dir(c, kind, base, names->at[i], e) < 0)
			return -1;
	return set_variable(c, kind, e);
}

int child_dirs(struct child *c, struct err *e)
{
	for (int kind = 0; kind < DIR_KINDS; kind++)
		if (make_kind(c, (enum exec_dir_kind)kind, e) < 0)
			return -1;
	return 0;
}
