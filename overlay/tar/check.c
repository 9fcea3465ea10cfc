#include "check.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/base/fd.h"
#include "acl.h"

/* `exact`: the whole name, else a prefix. */
static const struct {
	const char *name;
	bool exact, kept;
} xattr_rules[] = {
	{ "user.", false, true },
	{ "trusted.overlay.", false, false }, /* the overlay's own notes */
	{ "trusted.", false, true },
	{ "security.capability", true, true },
	{ "security.selinux", true, true },
	{ ACL_ACCESS, true, true },
	{ ACL_DEFAULT, true, true },
};

bool check_xattr_is_kept(const char *name)
{
	for (size_t i = 0; i < sizeof xattr_rules / sizeof *xattr_rules; i++) {
		const char *rule = xattr_rules[i].name;

		if (xattr_rules[i].exact ? strcmp(name, rule) == 0
		                         : strncmp(name, rule, strlen(rule)) == 0)
			return xattr_rules[i].kept;
	}
	return false;
}

static int check_xattrs(const struct member *m, struct err *e)
{
	size_t whole = 0;

	for (size_t i = 0; i < m->xattrs.n; i++) {
		const struct xattr *x = &m->xattrs.at[i];

		if (!check_xattr_is_kept(x->name))
			return err_say(e, "%s: extended attribute %s is not allowed", m->path,
			               x->name);
		if (strcmp(x->name, "security.capability") == 0 && m->type != MEMBER_FILE)
			return err_say(e, "%s: capabilities on a %s", m->path,
			               member_type_name(m->type));
		whole += strlen(x->name) + x->len;
	}
	if (whole > MEMBER_XATTRS_MAX)
		return err_say(e, "%s: %zu bytes of extended attributes", m->path, whole);
	return 0;
}

/* Setuid and setgid are what turns a file into another user's rights: only where
 * the image itself has them. */
static int check_setid(const struct check *c, const struct member *m, struct err *e)
{
	uint32_t bits = m->mode & (S_ISUID | S_ISGID);
	struct stat st = { 0 };

	if (m->type != MEMBER_FILE || !bits)
		return 0;
	if (c->pristine >= 0) {
		FD_AUTO fd = fd_open_beneath(c->pristine, m->path, O_PATH | O_NOFOLLOW, 0);

		if (fd < 0 || fstat(fd, &st) < 0)
			st.st_mode = 0;
	}
	if (S_ISREG(st.st_mode) && (st.st_mode & bits) == bits && st.st_uid == m->uid &&
	    st.st_gid == m->gid)
		return 0;
	return err_say(e, "%s: set%s bit that the image does not have there", m->path,
	               bits & S_ISUID ? "uid" : "gid");
}

/* In an archive such a name is a deletion. */
static bool has_reserved_name(const char *path)
{
	const size_t prefix = sizeof WHITEOUT_PREFIX - 1;

	for (; path; path = strchr(path, '/')) {
		path += *path == '/';
		if (strncmp(path, WHITEOUT_PREFIX, prefix) == 0)
			return true;
	}
	return false;
}

/* Where a boot mounts what every system has: with anything else there, none would come up. */
static bool is_mount_point(const char *path)
{
	static const char *const points[] = { "dev", "proc", "run", "sys" };

	for (size_t i = 0; i < sizeof points / sizeof *points; i++)
		if (strcmp(path, points[i]) == 0)
			return true;
	return false;
}

int check_member(const struct check *c, const struct member *m, struct err *e)
{
	if (m->type == MEMBER_OTHER)
		return err_say(e, "%s: device, FIFO or socket", m->path);
	if (m->type == MEMBER_NONE)
		return err_say(e, "%s: unknown type of member", m->path);
	if (!*m->path && m->type != MEMBER_DIRECTORY)
		return err_say(e, "/: the root can only be a directory");
	if (is_mount_point(m->path) &&
	    (m->type == MEMBER_FILE || m->type == MEMBER_SYMLINK || m->type == MEMBER_HARDLINK))
		return err_say(e, "%s: a boot mounts there, so it can only be a directory",
		               m->path);
	if (has_reserved_name(m->path))
		return err_say(e,
		               "%s: names that begin with " WHITEOUT_PREFIX " stand for deletions",
		               m->path);
	if (check_setid(c, m, e) < 0)
		return -1;
	return check_xattrs(m, e);
}

/* Most members lie where the one before did. */
static bool has_same_parent(const struct check *c, const char *path)
{
	size_t len = strlen(c->parent);

	return len > 0 && strncmp(path, c->parent, len) == 0 && path[len] == '/' &&
	       !strchr(path + len + 1, '/');
}

/* What lies above a member is a directory from then on, named or not. */
static int check_parents(struct check *c, const char *path, struct err *e)
{
	if (has_same_parent(c, path))
		return 0;
	for (const char *slash = path; (slash = strchr(slash, '/')); slash++) {
		size_t len = (size_t)(slash - path);
		int above = seen_add(&c->seen, path, len, MEMBER_DIRECTORY, e);

		if (above < 0)
			return -1;
		if (above && above != MEMBER_DIRECTORY)
			return err_say(e, "%s: %.*s above it is a %s", path, (int)len, path,
			               member_type_name((enum member_type)above));
	}
	member_split(path, c->parent);
	return 0;
}

/* A hard link is to a file, and is one from then on. */
static int check_target(const struct check *c, const struct member *m, struct err *e)
{
	if (m->type != MEMBER_HARDLINK)
		return 0;

	int what = seen_find(&c->seen, m->target, strlen(m->target));

	if (what != MEMBER_FILE && what != MEMBER_SYMLINK)
		return err_say(e, "%s: hard link to %s, which is no file before it in the archive",
		               m->path, m->target);
	return 0;
}

/* An opaque mark belongs to a directory that may have been named already. */
static int note(struct check *c, const struct member *m, struct err *e)
{
	size_t len = strlen(m->path);
	enum member_type as = m->type == MEMBER_OPAQUE ? MEMBER_DIRECTORY : m->type;
	int before;

	if (as == MEMBER_HARDLINK)
		as = (enum member_type)seen_find(&c->seen, m->target, strlen(m->target));
	before = seen_add(&c->seen, m->path, len, (int)as, e);
	if (before > 0 && before != (int)as)
		return err_say(e, "%s: twice, as a %s and as a %s", m->path,
		               member_type_name((enum member_type)before), member_type_name(as));
	return before < 0 ? -1 : 0;
}

int check_next(struct check *c, const struct member *m, struct err *e)
{
	if (check_member(c, m, e) < 0 || check_parents(c, m->path, e) < 0 ||
	    check_target(c, m, e) < 0 || note(c, m, e) < 0)
		return -1;
	c->bytes += m->size;
	if (++c->members > CHECK_MEMBERS_MAX)
		return err_say(e, "%s: more than %d members", m->path, CHECK_MEMBERS_MAX);
	return 0;
}

int check_sink(void *check, const struct member *m, const struct member_data *data, struct err *e)
{
	(void)data;
	return check_next(check, m, e);
}

void check_drop(struct check *c)
{
	seen_drop(&c->seen);
}
