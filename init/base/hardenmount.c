#include "hardenmount.h"

#include <errno.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

static const struct {
	const char *word;
	unsigned long flag;
} mount_flags[] = {
	{ "nosuid", MS_NOSUID },
	{ "nodev", MS_NODEV },
	{ "noexec", MS_NOEXEC },
};

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

/* A link leads to a folder with another name, whose row is another. */
static bool can_mount(const struct hardening_row *row)
{
	struct stat st;

	if (row->kind == HARDENING_BIND)
		return lstat(row->name, &st) == 0 && S_ISDIR(st.st_mode);
	return row->kind == HARDENING_TMPFS;
}

void hardenmount_look(const struct hardening_row *row, struct hardened *out)
{
	struct span list = span_of(row->wanted), word;
	char options[1024];

	if (!mount_options(row->name, options, sizeof options)) {
		if (!can_mount(row))
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

static int mount_tmpfs(const char *at, unsigned long flags, const char *rest, struct err *e)
{
	char options[96];

	snprintf(options, sizeof options, "mode=1777,size=50%%%s%s", rest[0] ? "," : "", rest);
	if (mount("tmpfs", at, "tmpfs", flags, options) < 0)
		return err_sys(e, "mount a tmpfs on %s", at);
	return 0;
}

/* Gives what is mounted there more options. */
static int remount(const struct hardening_row *row, unsigned long flags, const char *rest,
                   struct err *e)
{
	struct statvfs fs;

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

int hardenmount_set(const struct hardening_row *row, struct err *e)
{
	char rest[64], ignored[1024];
	unsigned long flags = split_options(row->wanted, rest, sizeof rest);

	if (mount_options(row->name, ignored, sizeof ignored))
		return remount(row, flags, rest, e);
	if (row->kind == HARDENING_TMPFS)
		return mount_tmpfs(row->name, flags, rest, e);
	/* the folder itself, which then is a mount that can have options; with those below it,
	 * as one that comes later would be mounted in the folder below it, too, and without */
	if (mount(row->name, row->name, NULL, MS_BIND | MS_REC, NULL) < 0)
		return err_sys(e, "mount %s on itself", row->name);
	return remount(row, flags, rest, e);
}
