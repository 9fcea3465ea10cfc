#include "view.h"

#include <errno.h>
#include <limits.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/span.h"
#include "dirs.h"

/* --- Gathering --- */

static struct view_entry *find(struct view *v, const char *path)
{
	for (unsigned i = 0; i < v->n; i++)
		if (strcmp(v->at[i].path, path) == 0)
			return &v->at[i];
	return NULL;
}

static void merge(struct view_entry *old, const struct view_entry *new)
{
	struct view_entry both = new->kind > old->kind ? *new : *old;

	both.write = new->write > old->write ? new->write : old->write;
	both.execute = new->execute > old->execute ? new->execute : old->execute;
	both.path = old->path;
	both.optional = new->optional && old->optional;
	*old = both;
}

/* NULL: there is no room. */
static const char *keep(struct view *v, const char *path)
{
	size_t size = strlen(path) + 1;
	char *at = v->text + v->used;

	if (size > sizeof v->text - v->used)
		return NULL;
	v->used += size;
	return memcpy(at, path, size);
}

/* A path that is missing is nobody's wish any more if it may be, and may be made where
 * something is to be put there. */
static int add(struct view *v, struct view_entry new, struct err *e)
{
	char real[PATH_MAX];
	struct view_entry *old;

	if (realpath(new.path, real)) {
		old = find(v, real);
		if (old) {
			merge(old, &new);
			return 0;
		}
		new.path = keep(v, real);
	} else if (new.optional && (errno == ENOENT || errno == ENOTDIR)) {
		return 0;
	} else if (new.kind != VIEW_BIND && new.kind != VIEW_TMPFS) {
		return err_sys(e, "%s=%s", new.directive, new.path);
	} else {
		new.path = keep(v, new.path);
	}
	if (v->n == VIEW_MAX || !new.path)
		return err_say(e, "%s=: too many paths", new.directive);
	new.tree = -1;
	v->at[v->n++] = new;
	return 0;
}

struct fixed {
	const char *path;
	enum view_kind kind;
	enum view_right write;
};

/* Paths of the system's layout; not every machine has each. */
static int add_fixed(struct view *v, const char *directive, const struct fixed *rows, size_t n,
                     struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		struct view_entry new = {
			.path = rows[i].path, .directive = directive, .kind = rows[i].kind,
			.write = rows[i].write, .optional = true,
		};

		if (add(v, new, e) < 0)
			return -1;
	}
	return 0;
}

#define ADD_FIXED(v, directive, rows, e) \
	add_fixed(v, directive, rows, sizeof rows / sizeof *rows, e)

static int add_system(struct view *v, enum protect_system system, struct err *e)
{
	static const struct fixed usual[] = {
		{ "/usr", VIEW_SAME, RIGHT_TAKEN },
		{ "/boot", VIEW_SAME, RIGHT_TAKEN },
		{ "/efi", VIEW_SAME, RIGHT_TAKEN },
		{ "/etc", VIEW_SAME, RIGHT_TAKEN }, /* last: of SYSTEM_FULL only */
	};
	static const struct fixed strict[] = {
		{ "/", VIEW_SAME, RIGHT_TAKEN },
		{ "/dev", VIEW_SAME, RIGHT_GIVEN },
		{ "/proc", VIEW_SAME, RIGHT_GIVEN },
		{ "/sys", VIEW_SAME, RIGHT_GIVEN },
	};
	size_t n = sizeof usual / sizeof *usual;

	if (system == SYSTEM_OPEN)
		return 0;
	if (system == SYSTEM_STRICT)
		return ADD_FIXED(v, "ProtectSystem", strict, e);
	return add_fixed(v, "ProtectSystem", usual, system == SYSTEM_FULL ? n : n - 1, e);
}

static int add_home(struct view *v, enum protect_home home, struct err *e)
{
	static const char *const paths[] = { "/home", "/root", "/run/user" };
	static const enum view_kind kinds[] = {
		[HOME_HIDDEN] = VIEW_HIDDEN,
		[HOME_READ_ONLY] = VIEW_SAME,
		[HOME_TMPFS] = VIEW_TMPFS,
	};

	for (size_t i = 0; home != HOME_OPEN && i < sizeof paths / sizeof *paths; i++) {
		struct view_entry new = {
			.path = paths[i], .directive = "ProtectHome", .kind = kinds[home],
			.options = "mode=0755,nosuid,nodev,noexec", .write = RIGHT_TAKEN,
			.optional = true,
		};

		if (add(v, new, e) < 0)
			return -1;
	}
	return 0;
}

static int add_kernel(struct view *v, const struct sandbox *box, struct err *e)
{
	static const struct fixed tunables[] = {
		{ "/proc/acpi", VIEW_SAME, RIGHT_TAKEN },
		{ "/proc/fs", VIEW_SAME, RIGHT_TAKEN },
		{ "/proc/irq", VIEW_SAME, RIGHT_TAKEN },
		{ "/proc/kallsyms", VIEW_HIDDEN, RIGHT_TAKEN },
		{ "/proc/kcore", VIEW_HIDDEN, RIGHT_TAKEN },
		{ "/proc/latency_stats", VIEW_SAME, RIGHT_TAKEN },
		{ "/proc/sys", VIEW_SAME, RIGHT_TAKEN },
		{ "/proc/sysrq-trigger", VIEW_SAME, RIGHT_TAKEN },
		{ "/proc/timer_stats", VIEW_SAME, RIGHT_TAKEN },
		{ "/sys", VIEW_SAME, RIGHT_TAKEN },
		/* ProtectControlGroups= is about it */
		{ "/sys/fs/cgroup", VIEW_SAME, RIGHT_GIVEN },
	};
	static const struct fixed groups[] = { { "/sys/fs/cgroup", VIEW_SAME, RIGHT_TAKEN } };
	static const struct fixed logs[] = { { "/dev/kmsg", VIEW_HIDDEN, RIGHT_TAKEN } };
	static const struct fixed modules[] = {
		{ "/lib/modules", VIEW_HIDDEN, RIGHT_TAKEN },
		{ "/usr/lib/modules", VIEW_HIDDEN, RIGHT_TAKEN },
	};

	if (box->protect_kernel_tunables &&
	    ADD_FIXED(v, "ProtectKernelTunables", tunables, e) < 0)
		return -1;
	if (box->protect_control_groups && ADD_FIXED(v, "ProtectControlGroups", groups, e) < 0)
		return -1;
	if (box->protect_kernel_logs && ADD_FIXED(v, "ProtectKernelLogs", logs, e) < 0)
		return -1;
	return box->protect_kernel_modules ? ADD_FIXED(v, "ProtectKernelModules", modules, e) : 0;
}

static int add_proc(struct view *v, const struct sandbox *box, struct err *e)
{
	static const char options[][2][32] = {
		[PROC_DEFAULT] = { "", "subset=pid" },
		[PROC_NO_ACCESS] = { "hidepid=noaccess", "hidepid=noaccess,subset=pid" },
		[PROC_INVISIBLE] = { "hidepid=invisible", "hidepid=invisible,subset=pid" },
		[PROC_PTRACEABLE] = { "hidepid=ptraceable", "hidepid=ptraceable,subset=pid" },
	};
	const struct view_entry new = {
		.path = "/proc", .kind = VIEW_PROC, .write = RIGHT_GIVEN,
		.options = options[box->proc][box->proc_subset == PROC_PID],
		.directive = box->proc != PROC_DEFAULT      ? "ProtectProc"
		             : box->proc_subset == PROC_PID ? "ProcSubset"
		                                            : "PrivatePIDs",
	};

	if (box->proc == PROC_DEFAULT && box->proc_subset == PROC_ALL && !box->private_pids)
		return 0;
	return add(v, new, e);
}

/* What of /dev is no device of the hardware stays as it is. */
static int add_devices(struct view *v, struct err *e)
{
	static const char *const kept[] = {
		"/dev/pts", "/dev/shm", "/dev/mqueue", "/dev/hugepages",
	};
	struct view_entry dev = {
		.path = "/dev", .directive = "PrivateDevices", .kind = VIEW_DEV,
		.write = RIGHT_TAKEN, .execute = RIGHT_TAKEN,
	};

	if (add(v, dev, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
		struct view_entry new = {
			.path = kept[i], .from = kept[i], .directive = "PrivateDevices",
			.kind = VIEW_BIND, .write = RIGHT_GIVEN, .optional = true,
		};

		if (add(v, new, e) < 0)
			return -1;
	}
	return 0;
}

static int add_tmp(struct view *v, const char *path, const char *from, struct err *e)
{
	const struct view_entry new = {
		.path = path, .directive = "PrivateTmp", .kind = VIEW_BIND, .from = from,
		.write = RIGHT_GIVEN, .optional = true,
	};

	return from[0] ? add(v, new, e) : 0;
}

static int add_paths(struct view *v, const struct sandbox *box, struct err *e)
{
	static const struct {
		const char *directive;
		enum view_kind kind;
		enum view_right write, execute;
	} lists[PATH_LISTS] = {
		[PATHS_READ_WRITE] = { "ReadWritePaths", VIEW_SAME, RIGHT_GIVEN, RIGHT_INHERITED },
		[PATHS_READ_ONLY] = { "ReadOnlyPaths", VIEW_SAME, RIGHT_TAKEN, RIGHT_INHERITED },
		[PATHS_INACCESSIBLE] =
			{ "InaccessiblePaths", VIEW_HIDDEN, RIGHT_TAKEN, RIGHT_TAKEN },
		[PATHS_EXEC] = { "ExecPaths", VIEW_SAME, RIGHT_INHERITED, RIGHT_GIVEN },
		[PATHS_NO_EXEC] = { "NoExecPaths", VIEW_SAME, RIGHT_INHERITED, RIGHT_TAKEN },
	};

	for (int kind = 0; kind < PATH_LISTS; kind++)
		for (unsigned i = 0; i < box->paths[kind].n; i++) {
			const char *path = box->paths[kind].at[i];
			struct view_entry new = {
				.path = path + (path[0] == '-'), .directive = lists[kind].directive,
				.kind = lists[kind].kind, .write = lists[kind].write,
				.execute = lists[kind].execute, .optional = path[0] == '-',
			};

			if (add(v, new, e) < 0)
				return -1;
		}
	return 0;
}

static bool has_option(const char *options, const char *name)
{
	struct span left = span_of(options), option;

	while (span_word(&left, ",", &option))
		if (span_is(option, name))
			return true;
	return false;
}

static int add_others(struct view *v, const struct sandbox *box, struct err *e)
{
	for (unsigned i = 0; i < box->binds_n; i++) {
		const struct sandbox_bind *b = &box->binds[i];
		struct view_entry new = {
			.path = b->to, .from = b->from, .kind = VIEW_BIND, .flat = b->flat,
			.directive = b->read_only ? "BindReadOnlyPaths" : "BindPaths",
			.write = b->read_only ? RIGHT_TAKEN : RIGHT_GIVEN,
		};
		char real[PATH_MAX];

		if (b->optional && !realpath(b->from, real) && errno == ENOENT)
			continue;
		if (add(v, new, e) < 0)
			return -1;
	}
	for (unsigned i = 0; i < box->tmpfs_n; i++) {
		const struct sandbox_tmpfs *t = &box->tmpfs[i];
		struct view_entry new = {
			.path = t->at, .options = t->options, .kind = VIEW_TMPFS,
			.directive = "TemporaryFileSystem",
			.write = has_option(t->options, "ro") ? RIGHT_TAKEN : RIGHT_GIVEN,
		};

		if (add(v, new, e) < 0)
			return -1;
	}
	return 0;
}

static int add_own_of(struct view *v, const struct dirs_kind *kind,
                      const struct text_list *names, struct err *e)
{
	for (unsigned i = 0; i < names->n; i++) {
		char path[PATH_MAX];
		struct view_entry new = {
			.path = path, .directive = kind->directive, .write = RIGHT_GIVEN,
			.optional = true,
		};

		snprintf(path, sizeof path, "%s/%s", kind->base, names->at[i]);
		if (add(v, new, e) < 0)
			return -1;
	}
	return 0;
}

/* Configuration is the administrator's to write. */
static int add_own(struct view *v, const struct exec_config *config, struct err *e)
{
	for (int kind = 0; kind < DIR_KINDS; kind++)
		if (kind != DIR_CONFIGURATION &&
		    add_own_of(v, &dirs_kinds[kind], &config->dirs[kind].names, e) < 0)
			return -1;
	return 0;
}

/* --- Settling --- */

static int by_path(const void *a, const void *b)
{
	const struct view_entry *one = a, *other = b;

	return strcmp(one->path, other->path);
}

static bool is_below(const char *path, const char *above)
{
	size_t len = strlen(above);

	if (strcmp(above, "/") == 0)
		return strcmp(path, "/") != 0;
	return strncmp(path, above, len) == 0 && path[len] == '/';
}

/* The nearest path above; NULL: there is none. */
static struct view_entry *above(struct view *v, unsigned i)
{
	for (unsigned k = i; k-- > 0;)
		if (is_below(v->at[i].path, v->at[k].path))
			return &v->at[k];
	return NULL;
}

static uint64_t with_right(uint64_t attributes, uint64_t bit, enum view_right right)
{
	switch (right) {
	case RIGHT_GIVEN:
		return attributes & ~bit;
	case RIGHT_TAKEN:
		return attributes | bit;
	case RIGHT_INHERITED:
		break;
	}
	return attributes;
}

static void settle(struct view_entry *x, const struct view_entry *up)
{
	uint64_t inherited = up ? up->attributes : 0;

	x->attributes = with_right(inherited, MOUNT_ATTR_RDONLY, x->write);
	x->attributes = with_right(x->attributes, MOUNT_ATTR_NOEXEC, x->execute);
	x->differs = x->kind != VIEW_SAME || x->attributes != inherited;
	x->is_inside = up && (up->kind != VIEW_SAME || up->is_inside);
	/* in an empty directory there is nothing to be protected */
	if (x->is_inside && x->kind == VIEW_SAME)
		x->optional = true;
}

/* What is below a hidden path is hidden with it. */
static void settle_all(struct view *v)
{
	unsigned n = 0;

	qsort(v->at, v->n, sizeof *v->at, by_path);
	for (unsigned i = 0; i < v->n; i++) {
		struct view_entry *up;

		v->at[n] = v->at[i];
		up = above(v, n);
		if (up && up->kind == VIEW_HIDDEN)
			continue;
		settle(&v->at[n], up);
		n++;
	}
	v->n = n;
}

int view_make(struct view *v, const struct exec_config *config, const struct sandbox *box,
              const char *tmp, const char *var_tmp, struct err *e)
{
	v->n = 0;
	v->used = 0;
	if (add_system(v, box->system, e) < 0 || add_home(v, box->home, e) < 0 ||
	    add_kernel(v, box, e) < 0 || add_proc(v, box, e) < 0 ||
	    (box->private_devices && add_devices(v, e) < 0) ||
	    add_tmp(v, "/tmp", tmp, e) < 0 || add_tmp(v, "/var/tmp", var_tmp, e) < 0 ||
	    add_others(v, box, e) < 0 || add_paths(v, box, e) < 0 || add_own(v, config, e) < 0)
		return -1;
	settle_all(v);
	return 0;
}
