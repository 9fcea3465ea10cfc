#include "hardened.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/paths.h"

#define LOCKDOWN_AT PATH_SECURITYFS "/lockdown"

static const struct {
	const char *word;
	unsigned long flag;
} mount_flags[] = {
	{ "nosuid", MS_NOSUID },
	{ "nodev", MS_NODEV },
	{ "noexec", MS_NOEXEC },
};

static ssize_t read_text(const char *path, char *text, size_t size)
{
	struct err ignored;
	ssize_t len = fd_read_file(AT_FDCWD, path, text, size, &ignored);

	if (len < 0)
		text[0] = '\0';
	else
		text[strcspn(text, "\n")] = '\0';
	return len;
}

/* --- sysctl, switch --- */

static void sysctl_path(const struct hardening_row *row, char *path, size_t size)
{
	int start = snprintf(path, size, "/proc/sys/");

	snprintf(path + start, size - (size_t)start, "%s", row->name);
	for (char *c = path + start; *c; c++)
		if (*c == '.')
			*c = '/';
}

static void look_sysctl(const struct hardening_row *row, struct hardened *out)
{
	char path[128];

	sysctl_path(row, path, sizeof path);
	if (access(path, F_OK) < 0)
		out->state = HARDENED_LACKING;
	else if (read_text(path, out->found, sizeof out->found) >= 0 &&
	         strcmp(out->found, row->wanted) == 0)
		out->state = HARDENED_OK;
}

static int set_sysctl(const struct hardening_row *row, struct err *e)
{
	char path[128];
	FD_AUTO fd = -1;

	sysctl_path(row, path, sizeof path);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || fd_write_full(fd, row->wanted, strlen(row->wanted)) < 0)
		return err_sys(e, "%s", row->name);
	return 0;
}

/* --- boot --- */

/* The value of the last word `name` in a list of them; .at NULL: there is none, or it
 * has no value. */
static bool find_word(const char *path, char separator, const char *name, char *value, size_t size)
{
	const char separators[] = { separator, '\n', '\0' };
	char text[8192];
	struct err ignored;
	struct span rest, word, key, its;
	bool found = false;
	ssize_t len = fd_read_file(AT_FDCWD, path, text, sizeof text, &ignored);

	rest = (struct span){ text, len > 0 ? (size_t)len : 0 };
	while (span_word(&rest, separators, &word)) {
		span_cut(word, '=', &key, &its);
		if (!span_is(key, name))
			continue;
		found = true;
		if (!its.at || !span_copy(its, value, size))
			value[0] = '\0';
	}
	return found;
}

static void look_boot(const struct hardening_row *row, struct hardened *out)
{
	char left[160];

	if (!find_word("/proc/cmdline", ' ', row->name, out->found, sizeof out->found))
		return;
	if (!row->early && find_word(PATH_UNCLAIMED, '\n', row->name, left, sizeof left))
		out->state = HARDENED_LACKING;
	else if (strcmp(out->found, row->wanted) == 0)
		out->state = HARDENED_OK;
}

/* --- mount, tmpfs --- */

static bool has_option(const char *options, struct span wanted)
{
	struct span list = span_of(options), word;

	while (span_word(&list, ",", &word))
		if (word.len == wanted.len && memcmp(word.at, wanted.at, word.len) == 0)
			return true;
	return false;
}

/* Options of what is mounted on top there. False: nothing is. */
static bool mount_options(const char *at, char *options, size_t size)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	char text[2048];
	struct mntent entry;
	bool found = false;

	if (!mounts)
		return false;
	while (getmntent_r(mounts, &entry, text, sizeof text))
		if (strcmp(entry.mnt_dir, at) == 0) {
			snprintf(options, size, "%s", entry.mnt_opts);
			found = true;
		}
	endmntent(mounts);
	return found;
}

static void look_mount(const struct hardening_row *row, struct hardened *out)
{
	struct span list = span_of(row->wanted), word;
	char options[1024];

	if (!mount_options(row->name, options, sizeof options)) {
		if (row->kind == HARDENING_MOUNT)
			out->state = HARDENED_LACKING;
		return;
	}
	snprintf(out->found, sizeof out->found, "%.*s", (int)sizeof out->found - 1, options);
	while (span_word(&list, ",", &word))
		if (!has_option(options, word))
			return;
	out->state = HARDENED_OK;
}

/* Parts the options into flags of the mount and what is for the file system. */
static unsigned long split_options(const char *wanted, char *rest, size_t size)
{
	struct span list = span_of(wanted), word;
	unsigned long flags = 0;

	rest[0] = '\0';
	while (span_word(&list, ",", &word)) {
		unsigned long flag = 0;
		size_t used = strlen(rest);

		for (size_t i = 0; i < sizeof mount_flags / sizeof *mount_flags; i++)
			if (span_is(word, mount_flags[i].word))
				flag = mount_flags[i].flag;
		if (!flag)
			snprintf(rest + used, size - used, "%s%.*s", used ? "," : "", SPAN_ARGS(word));
		flags |= flag;
	}
	return flags;
}

static int set_mount(const struct hardening_row *row, struct err *e)
{
	char rest[64], options[96], ignored[1024];
	unsigned long flags = split_options(row->wanted, rest, sizeof rest);
	struct statvfs fs;

	if (!mount_options(row->name, ignored, sizeof ignored)) {
		snprintf(options, sizeof options, "mode=1777,size=50%%%s%s", rest[0] ? "," : "", rest);
		if (mount("tmpfs", row->name, "tmpfs", flags, options) < 0)
			return err_sys(e, "mount a tmpfs on %s", row->name);
		return 0;
	}
	if (statvfs(row->name, &fs) < 0)
		return err_sys(e, "%s", row->name);
	/* these four have the same bits in both; what is not named is kept */
	flags |= fs.f_flag & (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC);
	if (mount(NULL, row->name, NULL, MS_REMOUNT | MS_BIND | flags, NULL) < 0)
		return err_sys(e, "remount %s", row->name);
	if (rest[0] && mount(NULL, row->name, NULL, MS_REMOUNT | flags, rest) < 0)
		return err_sys(e, "remount %s with %s", row->name, rest);
	return 0;
}

/* --- lockdown --- */

static int level_of(const char *name)
{
	static const char *const levels[] = { "none", "integrity", "confidentiality" };

	for (int i = 0; i < 3; i++)
		if (strcmp(name, levels[i]) == 0)
			return i;
	return -1;
}

static void open_security(void)
{
	if (access(LOCKDOWN_AT, F_OK) < 0)
		mount("securityfs", PATH_SECURITYFS, "securityfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

static void look_lockdown(const struct hardening_row *row, struct hardened *out)
{
	char text[160], *from, *to;

	open_security();
	if (read_text(LOCKDOWN_AT, text, sizeof text) < 0) {
		out->state = HARDENED_LACKING;
		return;
	}
	from = strchr(text, '[');
	to = from ? strchr(from, ']') : NULL;
	if (!to)
		return;
	*to = '\0';
	snprintf(out->found, sizeof out->found, "%s", from + 1);
	if (level_of(out->found) >= level_of(row->wanted) && level_of(row->wanted) >= 0)
		out->state = HARDENED_OK;
}

static int set_lockdown(const struct hardening_row *row, struct err *e)
{
	FD_AUTO fd = open(LOCKDOWN_AT, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || fd_write_full(fd, row->wanted, strlen(row->wanted)) < 0)
		return err_sys(e, "lockdown %s", row->wanted);
	return 0;
}

/* --- All --- */

static const struct {
	void (*look)(const struct hardening_row *row, struct hardened *out);
	int (*set)(const struct hardening_row *row, struct err *e); /* NULL: can't be set */
} kinds[] = {
	[HARDENING_BOOT] = { look_boot, NULL },
	[HARDENING_SYSCTL] = { look_sysctl, set_sysctl },
	[HARDENING_MOUNT] = { look_mount, set_mount },
	[HARDENING_TMPFS] = { look_mount, set_mount },
	[HARDENING_LOCKDOWN] = { look_lockdown, set_lockdown },
	[HARDENING_SWITCH] = { look_sysctl, set_sysctl },
};

void hardened_look(const struct hardening_row *row, struct hardened *out)
{
	*out = (struct hardened){ .state = HARDENED_DIFFERS };
	kinds[row->kind].look(row, out);
	if (row->kept && out->state == HARDENED_DIFFERS)
		out->state = HARDENED_KEPT;
}

int hardened_set(const struct hardening_row *row, struct err *e)
{
	struct hardened now;

	hardened_look(row, &now);
	if (now.state != HARDENED_DIFFERS || !kinds[row->kind].set)
		return 0;
	if (kinds[row->kind].set(row, e) < 0)
		return -1;
	/* some settings take what they are given and do as they like */
	hardened_look(row, &now);
	if (now.state == HARDENED_DIFFERS)
		return err_say(e, "%s: is %s, not %s", row->name, now.found, row->wanted);
	return 0;
}
