#include "recall.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "../../init/base/fd.h"
#include "../../init/base/paths.h"
#include "../../init/base/span.h"
#include "fsuuid.h"
#include "toramfile.h"

/* Does the device hold the file system that the machine was booted from? */
static bool is_it(const char *device, const struct toramfile *t)
{
	FD_AUTO fd = open(device, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char uuid[FSUUID_TEXT];

	return fd >= 0 && fsuuid_read(fd, t->fstype, uuid) && strcmp(uuid, t->uuid) == 0;
}

/* Where it is now: under its old name, or plugged in again under another. */
static bool find(const struct toramfile *t, char *device, size_t size)
{
	bool found = false;

	snprintf(device, size, "%s", t->device);
	if (is_it(device, t))
		return true;

	DIR *d = opendir("/sys/class/block");

	for (struct dirent *entry; d && !found && (entry = readdir(d));) {
		if (entry->d_name[0] == '.' || strncmp(entry->d_name, "loop", 4) == 0)
			continue;
		snprintf(device, size, "/dev/%.100s", entry->d_name);
		found = is_it(device, t);
	}
	if (d)
		closedir(d);
	return found;
}

/* Words that mount(2) has flags for: those of every medium are set anyway. */
static bool is_flag(struct span word)
{
	static const char *const flags[] = { "ro",     "rw",       "nosuid",  "nodev", "noexec",
		                             "noatime", "relatime", "sync",    "suid",  "dev",
		                             "exec",    "defaults", "dirsync", "async" };

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (span_is(word, flags[i]))
			return true;
	return false;
}

static int mount_again(const char *device, const struct toramfile *t, const char *point,
                       struct err *e)
{
	struct span rest = span_of(t->options), word;
	char data[sizeof t->options] = "";
	size_t used = 0;

	while (span_word(&rest, ",", &word))
		if (!is_flag(word))
			used += (size_t)snprintf(data + used, sizeof data - used, "%s%.*s",
			                         used ? "," : "", SPAN_ARGS(word));
	if (mount(device, point, t->fstype,
	          MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME, data) < 0)
		return err_sys(e, "mount %s on %s again", device, point);
	return 0;
}

static int say_away(const struct toramfile *t, struct err *e)
{
	char name[96] = "";

	if (t->label[0])
		snprintf(name, sizeof name, "LABEL=%s, ", t->label);
	return err_say(e,
	               "the medium (%s%s%s, before %s) is not plugged in: it was let go when the "
	               "root was in memory; plug it in and try again; nothing was read or written",
	               name, t->uuid[0] ? "UUID=" : t->fstype, t->uuid, t->device);
}

int recall_medium(const char *point, struct err *e)
{
	struct toramfile t;
	char device[128];

	toramfile_read(PATH_TORAM, &t);
	if (t.state != TORAM_HELD || !t.device[0])
		return 0;
	if (!find(&t, device, sizeof device))
		return say_away(&t, e);
	/* what happens to the machine's mounts is still seen here, but not the reverse */
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return err_sys(e, "mount %s for this command alone", device);
	return mount_again(device, &t, point, e) < 0 ? -1 : 1;
}
