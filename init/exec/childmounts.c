#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/paths.h"
#include "child.h"
#include "mounttree.h"
#include "privatetmp.h"
#include "view.h"

/* What covers a hidden file or directory: made once, for all services. */
#define NOTHING_FILE PATH_RUN "/nothing.file"
#define NOTHING_DIR PATH_RUN "/nothing.dir"

#define UNUSABLE (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

static int failed(struct err *e, const struct view_entry *x, const char *what)
{
	return err_sys(e, "%s=: %s %s", x->directive, what, x->path);
}

/* --- What is put in place --- */

static int copy_nothing(const char *path)
{
	struct stat st;
	int fd;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		mkdir(NOTHING_DIR, 0);
		return mounttree_copy(NOTHING_DIR, false);
	}
	fd = open(NOTHING_FILE, O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0);
	fd_drop(&fd);
	return mounttree_copy(NOTHING_FILE, false);
}

static int fill_dev(int dev)
{
	static const struct {
		char name[8];
		uint8_t major, minor;
	} nodes[] = {
		{ "null", 1, 3 },   { "zero", 1, 5 },    { "full", 1, 7 },
		{ "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 },
	};
	static const char *const folders[] = { "pts", "shm", "mqueue", "hugepages" };
	static const struct {
		char name[8];
		const char *target;
	} links[] = {
		{ "ptmx", "pts/ptmx" },          { "fd", "/proc/self/fd" },
		{ "stdin", "/proc/self/fd/0" },  { "stdout", "/proc/self/fd/1" },
		{ "stderr", "/proc/self/fd/2" }, { "log", "/run/systemd/journal/dev-log" },
	};

	for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
		dev_t device = makedev(nodes[i].major, nodes[i].minor);

		if (mknodat(dev, nodes[i].name, S_IFCHR | 0666, device) < 0 ||
		    fchmodat(dev, nodes[i].name, 0666, 0) < 0)
			return -1;
	}
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		if (mkdirat(dev, folders[i], 0755) < 0)
			return -1;
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		if (symlinkat(links[i].target, dev, links[i].name) < 0)
			return -1;
	return 0;
}

static int make_dev(void)
{
	FD_AUTO dev = mounttree_make("tmpfs", "mode=0755,size=4m,nr_inodes=1k", MOUNT_ATTR_NOSUID);

	return dev < 0 || fill_dev(dev) < 0 ? -1 : fd_take(&dev);
}

static int make_tree(const struct view_entry *x)
{
	switch (x->kind) {
	case VIEW_SAME:
		return mounttree_copy(x->path, true);
	case VIEW_TMPFS:
		return mounttree_make("tmpfs", x->options[0] ? x->options : "mode=0755",
		                      MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	case VIEW_PROC:
		return mounttree_make("proc", x->options,
		                      MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	case VIEW_DEV:
		return make_dev();
	case VIEW_BIND:
		return mounttree_copy(x->from, !x->flat);
	case VIEW_HIDDEN:
		return copy_nothing(x->path);
	}
	return -1;
}

/* --- Where it is put --- */

static int make_point(const struct view_entry *x, struct err *e)
{
	struct stat st;
	char above[PATH_MAX], *slash;
	int fd;

	if (fstat(x->tree, &st) < 0)
		return failed(e, x, "stat what comes to");
	if (S_ISDIR(st.st_mode))
		return fd_mkdirs(AT_FDCWD, x->path, 0755, e);
	if (!span_copy(span_of(x->path), above, sizeof above))
		return err_say(e, "%s=: path too long", x->directive);
	slash = strrchr(above, '/');
	*slash = '\0';
	if (slash > above && fd_mkdirs(AT_FDCWD, above, 0755, e) < 0)
		return -1;
	fd = open(x->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	if (fd < 0)
		return failed(e, x, "create");
	fd_drop(&fd);
	return 0;
}

static int attach(const struct view_entry *x, struct err *e)
{
	if (mounttree_attach(x->tree, x->path) == 0)
		return 0;
	if (errno == ENOENT && x->optional)
		return 0;
	if (errno != ENOENT || (x->kind != VIEW_BIND && x->kind != VIEW_TMPFS))
		return failed(e, x, "mount");
	if (make_point(x, e) < 0)
		return err_wrap(e, "%s=", x->directive);
	return mounttree_attach(x->tree, x->path) < 0 ? failed(e, x, "mount") : 0;
}

static bool is_root(const struct view_entry *x)
{
	return strcmp(x->path, "/") == 0;
}

/* What is mounted on "/" is not seen before this process takes it for its root. What
 * comes later is put there. */
static int enter(const struct view_entry *x, struct err *e)
{
	if (fchdir(x->tree) < 0 || chroot(".") < 0 || chdir("/") < 0)
		return failed(e, x, "enter");
	return 0;
}

static int place(struct view_entry *x, struct err *e)
{
	uint64_t attributes = x->attributes | (x->kind == VIEW_HIDDEN ? UNUSABLE : 0);

	if (!x->differs)
		return 0;
	if (x->kind == VIEW_SAME && is_root(x))
		return mounttree_add_root(attributes) < 0 ? failed(e, x, "protect") : 0;
	if (x->tree < 0)
		x->tree = make_tree(x);
	if (x->tree < 0)
		return x->optional && errno == ENOENT ? 0 : failed(e, x, "prepare");
	/* what is to be mounted in it needs directories there */
	if (x->kind == VIEW_TMPFS)
		attributes &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	if (mounttree_add(x->tree, attributes, true) < 0)
		return failed(e, x, "protect");
	if (attach(x, e) < 0)
		return -1;
	return is_root(x) ? enter(x, e) : 0;
}

static int finish(struct view_entry *x, struct err *e)
{
	if (x->kind == VIEW_TMPFS && mounttree_add(x->tree, x->attributes, false) < 0)
		return failed(e, x, "protect");
	fd_drop(&x->tree);
	return 0;
}

/* What is taken from the machine's own files is taken before any of them is protected,
 * or an exception would be as protected as what is around it. */
static int prepare(struct view_entry *x, struct err *e)
{
	if (!x->differs || (x->kind == VIEW_SAME && (is_root(x) || x->is_inside)))
		return 0;
	x->tree = make_tree(x);
	if (x->tree < 0 && !(x->optional && errno == ENOENT))
		return failed(e, x, "prepare");
	return 0;
}

static bool changes_anything(const struct view *v)
{
	for (unsigned i = 0; i < v->n; i++)
		if (v->at[i].differs)
			return true;
	return false;
}

static int show(struct view *v, struct err *e)
{
	for (unsigned i = 0; i < v->n; i++)
		if (prepare(&v->at[i], e) < 0)
			return -1;
	for (unsigned i = 0; i < v->n; i++)
		if (place(&v->at[i], e) < 0)
			return -1;
	for (unsigned i = 0; i < v->n; i++)
		if (finish(&v->at[i], e) < 0)
			return -1;
	return 0;
}

static const char *first_wish(const struct view *v)
{
	for (unsigned i = 0; i < v->n; i++)
		if (v->at[i].differs)
			return v->at[i].directive;
	return "PrivateMounts";
}

int child_mounts(struct child *c, struct err *e)
{
	char name[PRIVATETMP_SIZE], tmp[2][PRIVATETMP_SIZE] = { "", "" };
	struct view v;

	privatetmp_name(c->s->unit, &c->s->invocation, name);
	for (int i = 0; i < 2 && c->box->private_tmp; i++)
		if (privatetmp_make(privatetmp_bases[i], name, tmp[i], e) < 0)
			return err_wrap(e, "PrivateTmp=");
	if (view_make(&v, c->config, c->box, tmp[0], tmp[1], e) < 0)
		return -1;
	if (!changes_anything(&v) && !c->box->private_mounts)
		return 0;
	if (mounttree_leave() < 0)
		return err_sys(e, "%s=: a name space of its own for mounts", first_wish(&v));
	return show(&v, e);
}
