#include "condition.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "../base/dir.h"
#include "../base/fd.h"
#include "../base/keytab.h"
#include "facts.h"

#ifndef STATX_ATTR_MOUNT_ROOT
#define STATX_ATTR_MOUNT_ROOT 0x2000 /* linux/stat.h, which musl's sys/stat.h excludes */
#endif

/* What a check gets: the value without its negation. 1, 0, or -1 with *e. */
struct check {
	int root;
	const char *value;
};

enum value_kind { VALUE_TEXT, VALUE_PATH, VALUE_BOOL };

static int open_path(const struct check *c, int flags)
{
	return fd_open_in_root(c->root, c->value, flags, 0);
}

static int stat_path(const struct check *c, struct stat *st)
{
	FD_AUTO fd = open_path(c, O_PATH);

	return fd < 0 ? -1 : fstat(fd, st);
}

static int path_exists(const struct check *c, struct err *e)
{
	struct stat st;

	(void)e;
	return stat_path(c, &st) == 0;
}

static int path_is_directory(const struct check *c, struct err *e)
{
	struct stat st;

	(void)e;
	return stat_path(c, &st) == 0 && S_ISDIR(st.st_mode);
}

static int path_is_socket(const struct check *c, struct err *e)
{
	struct stat st;

	(void)e;
	return stat_path(c, &st) == 0 && S_ISSOCK(st.st_mode);
}

static int path_is_symbolic_link(const struct check *c, struct err *e)
{
	FD_AUTO fd = open_path(c, O_PATH | O_NOFOLLOW);
	struct stat st;

	(void)e;
	return fd >= 0 && fstat(fd, &st) == 0 && S_ISLNK(st.st_mode);
}

/* Through the kernel's word on it (statx), which needs no second path. */
static int path_is_mount_point(const struct check *c, struct err *e)
{
	FD_AUTO fd = open_path(c, O_PATH);
	struct statx st;

	if (fd < 0)
		return 0;
	if (statx(fd, "", AT_EMPTY_PATH, 0, &st) < 0)
		return err_sys(e, "statx %s", c->value);
	if (!(st.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT))
		return err_say(e, "this kernel does not tell mount points");
	return (st.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

static int path_is_read_write(const struct check *c, struct err *e)
{
	FD_AUTO fd = open_path(c, O_PATH);
	struct statvfs st;

	(void)e;
	return fd >= 0 && fstatvfs(fd, &st) == 0 && !(st.f_flag & ST_RDONLY);
}

static int directory_not_empty(const struct check *c, struct err *e)
{
	DIR *dir = dir_list(open_path(c, O_RDONLY | O_DIRECTORY));

	(void)e;
	if (!dir)
		return 0;

	int found = dir_next(dir) != NULL;

	closedir(dir);
	return found;
}

static int file_not_empty(const struct check *c, struct err *e)
{
	struct stat st;

	(void)e;
	return stat_path(c, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0;
}

static int file_is_executable(const struct check *c, struct err *e)
{
	struct stat st;

	(void)e;
	return stat_path(c, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0111);
}

/* Matches the components of a pattern one after the other, beneath the root. */
static int glob_exists(int dir, const char *pattern, int depth)
{
	struct span left = span_of(pattern), part;
	char name[NAME_MAX + 1];
	const struct dirent *d;
	DIR *listing;
	int found = 0;

	if (!span_word(&left, "/", &part))
		return 1;
	if (depth == 0 || !span_copy(part, name, sizeof name))
		return 0;
	listing = dir_list(openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (!listing)
		return 0;
	while (!found && (d = readdir(listing))) {
		if (fnmatch(name, d->d_name, FNM_PERIOD) != 0)
			continue;
		if (span_trim(left).len == 0) {
			found = 1;
			break;
		}

		FD_AUTO next = openat(dir, d->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);

		found = next >= 0 && glob_exists(next, left.at, depth - 1);
	}
	closedir(listing);
	return found;
}

static int path_exists_glob(const struct check *c, struct err *e)
{
	FD_AUTO root = openat(c->root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return err_sys(e, "open the root");
	return glob_exists(root, c->value, 32);
}

static int first_boot(const struct check *c, struct err *e)
{
	bool wanted = true;
	struct check marker = { c->root, "/run/systemd/first-boot" };

	keytab_bool(span_of(c->value), &wanted);
	return path_exists(&marker, e) == (int)wanted;
}

/* /usr is newer than the time noted below /etc or /var. */
static int needs_update(const struct check *c, struct err *e)
{
	char path[64];
	struct check usr = { c->root, "/usr" }, mark = { c->root, path };
	struct stat st, done;

	(void)e;
	snprintf(path, sizeof path, "/%s/.updated",
	         c->value[0] == '/' ? c->value + 1 : c->value);
	if (stat_path(&usr, &st) < 0)
		return 0;
	return stat_path(&mark, &done) < 0 || st.st_mtime > done.st_mtime;
}

static const struct {
	int (*check)(const struct check *c, struct err *e); /* NULL: see `fact` */
	int (*fact)(int root, const char *value, struct err *e);
	enum value_kind value;
} kinds[CONDITIONS] = {
	[CONDITION_AC_POWER] = { .fact = fact_ac_power, .value = VALUE_BOOL },
	[CONDITION_ARCHITECTURE] = { .fact = fact_architecture },
	[CONDITION_CAPABILITY] = { .fact = fact_capability },
	[CONDITION_CONTROL_GROUP_CONTROLLER] = { .fact = fact_controller },
	[CONDITION_CPU_FEATURE] = { .fact = fact_cpu_feature },
	[CONDITION_CPUS] = { .fact = fact_cpus },
	[CONDITION_CREDENTIAL] = { .fact = fact_credential },
	[CONDITION_DIRECTORY_NOT_EMPTY] = { .check = directory_not_empty, .value = VALUE_PATH },
	[CONDITION_ENVIRONMENT] = { .fact = fact_environment },
	[CONDITION_FILE_IS_EXECUTABLE] = { .check = file_is_executable, .value = VALUE_PATH },
	[CONDITION_FILE_NOT_EMPTY] = { .check = file_not_empty, .value = VALUE_PATH },
	[CONDITION_FIRST_BOOT] = { .check = first_boot, .value = VALUE_BOOL },
	[CONDITION_GROUP] = { .fact = fact_group },
	[CONDITION_HOST] = { .fact = fact_host },
	[CONDITION_KERNEL_COMMAND_LINE] = { .fact = fact_command_line },
	[CONDITION_KERNEL_MODULE_LOADED] = { .fact = fact_module },
	[CONDITION_KERNEL_VERSION] = { .fact = fact_kernel },
	[CONDITION_MEMORY] = { .fact = fact_memory },
	[CONDITION_NEEDS_UPDATE] = { .check = needs_update },
	[CONDITION_OS_RELEASE] = { .fact = fact_os_release },
	[CONDITION_PATH_EXISTS] = { .check = path_exists, .value = VALUE_PATH },
	[CONDITION_PATH_EXISTS_GLOB] = { .check = path_exists_glob, .value = VALUE_PATH },
	[CONDITION_PATH_IS_DIRECTORY] = { .check = path_is_directory, .value = VALUE_PATH },
	[CONDITION_PATH_IS_MOUNT_POINT] = { .check = path_is_mount_point, .value = VALUE_PATH },
	[CONDITION_PATH_IS_READ_WRITE] = { .check = path_is_read_write, .value = VALUE_PATH },
	[CONDITION_PATH_IS_SOCKET] = { .check = path_is_socket, .value = VALUE_PATH },
	[CONDITION_PATH_IS_SYMBOLIC_LINK] = { .check = path_is_symbolic_link, .value = VALUE_PATH },
	[CONDITION_SECURITY] = { .fact = fact_security },
	[CONDITION_USER] = { .fact = fact_user },
	[CONDITION_VIRTUALIZATION] = { .fact = fact_virtualization },
};

bool condition_is_supported(enum condition_kind kind)
{
	return (unsigned)kind < CONDITIONS && (kinds[kind].check || kinds[kind].fact);
}

int condition_valid(enum condition_kind kind, struct span value, struct err *e)
{
	bool ignored;

	if ((unsigned)kind >= CONDITIONS)
		return err_say(e, "no such condition");
	if (value.len == 0)
		return err_say(e, "needs a value");
	if (kinds[kind].value == VALUE_PATH && value.at[0] != '/')
		return err_say(e, "not an absolute path: %.*s", SPAN_ARGS(value));
	if (kinds[kind].value == VALUE_BOOL && !keytab_bool(value, &ignored))
		return err_say(e, "neither yes nor no: %.*s", SPAN_ARGS(value));
	return 0;
}

int condition_holds(const struct unit_condition *c, int root, struct err *e)
{
	struct check check = { root, c->value };
	int result;

	if (!condition_is_supported((enum condition_kind)c->kind))
		return err_say(e, "%s=: can't be told by this version", c->name);
	if (kinds[c->kind].check)
		result = kinds[c->kind].check(&check, e);
	else
		result = kinds[c->kind].fact(root, c->value, e);
	if (result < 0)
		return err_wrap(e, "%s=", c->name);
	return result != (int)c->negate;
}

/* The first of one sort (conditions or assertions) that keeps the unit back. */
static const struct unit_condition *failed_of(const struct unit *u, int root, bool assertions)
{
	const struct unit_condition *trigger = NULL;
	bool triggered = false;

	for (unsigned i = 0; i < u->conditions_n; i++) {
		const struct unit_condition *c = &u->conditions[i];
		struct err ignored;

		if (c->assertion != assertions)
			continue;

		bool holds = condition_holds(c, root, &ignored) > 0;

		if (!c->trigger && !holds)
			return c;
		if (c->trigger && !trigger)
			trigger = c;
		triggered = triggered || (c->trigger && holds);
	}
	return triggered ? NULL : trigger;
}

const struct unit_condition *condition_failed(const struct unit *u, int root)
{
	const struct unit_condition *failed = failed_of(u, root, false);

	return failed ? failed : failed_of(u, root, true);
}
