#include "medium.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "../../init/base/clock.h"
#include "../../init/base/fd.h"
#include "../../init/base/paths.h"
#include "../../init/base/span.h"

enum { TRY_AGAIN_MS = 200 };

/* One line of mountinfo (proc(5)): "ID PARENT MAJ:MIN ROOT POINT OPTIONS… - TYPE SOURCE …" */
static bool read_mount_line(struct span line, const char *point, struct medium_info *m)
{
	struct span word, before = line;
	bool found = false;

	for (int i = 0; span_word(&before, " ", &word); i++) {
		if (i == 4 && !span_is(word, point))
			return false;
		if (i > 4 && span_is(word, "-")) {
			found = true;
			break;
		}
	}
	if (!found)
		return false;
	if (span_word(&before, " ", &word))
		span_copy(word, m->fstype, sizeof m->fstype);
	if (span_word(&before, " ", &word))
		span_copy(word, m->device, sizeof m->device);
	return true;
}

static void read_mount(const char *point, struct medium_info *m)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char line[4096];

	while (f && fgets(line, sizeof line, f))
		read_mount_line(span_trim(span_of(line)), point, m); /* the last one counts */
	if (f)
		fclose(f);
}

/* The label stands in what the boot wrote down: "medium":{…"label":"SLATE"…}. */
static void read_label(struct medium_info *m)
{
	static const char key[] = "\"label\":\"";
	char text[16384];
	struct err e;
	char *at;

	if (fd_read_file(AT_FDCWD, PATH_BOOT_JSON, text, sizeof text, &e) < 0)
		return;
	at = strstr(text, "\"medium\":");
	at = at ? strstr(at, key) : NULL;
	if (at)
		snprintf(m->label, sizeof m->label, "%.*s",
		         (int)strcspn(at + sizeof key - 1, "\"\\"), at + sizeof key - 1);
}

void medium_read(const struct layer *l, struct medium_info *m)
{
	struct statvfs st;

	*m = (struct medium_info){ 0 };
	if (l->remount) {
		read_mount(l->medium, m);
		if (strcmp(l->medium, PATH_MEDIUM) == 0)
			read_label(m);
	}
	if (l->medium_fd >= 0 && fstatvfs(l->medium_fd, &st) == 0) {
		m->writable = !(st.f_flag & ST_RDONLY);
		m->free = (uint64_t)st.f_bavail * st.f_frsize;
	}
	if (m->label[0] && m->device[0])
		snprintf(m->title, sizeof m->title, "LABEL=%s (%s)", m->label, m->device);
	else
		snprintf(m->title, sizeof m->title, "%s", m->device[0] ? m->device : l->medium);
}

static const struct {
	unsigned long stat, mount;
} kept_flags[] = {
	{ ST_NOSUID, MS_NOSUID },   { ST_NODEV, MS_NODEV },           { ST_NOEXEC, MS_NOEXEC },
	{ ST_NOATIME, MS_NOATIME }, { ST_NODIRATIME, MS_NODIRATIME }, { ST_RELATIME, MS_RELATIME },
};

static bool is_iso(int fd)
{
	struct statfs st;

	return fstatfs(fd, &st) == 0 && st.f_type == ISOFS_SUPER_MAGIC;
}

/* What a medium is mounted with, for a remount to keep. One that can't be asked any more
 * has the strictest, so that it can be locked all the same. */
static unsigned long flags_to_keep(int fd)
{
	unsigned long flags = 0;
	struct statvfs st;

	if (fstatvfs(fd, &st) < 0)
		return MS_NOSUID | MS_NODEV | MS_NOEXEC;
	for (size_t i = 0; i < sizeof kept_flags / sizeof *kept_flags; i++)
		if (st.f_flag & kept_flags[i].stat)
			flags |= kept_flags[i].mount;
	return flags;
}

static int set_writable(const struct layer *l, bool writable, struct err *e)
{
	unsigned long flags = MS_REMOUNT | (writable ? 0 : MS_RDONLY);
	const char *wanted = writable ? "writable" : "read-only";
	struct statvfs st;

	if (!l->remount)
		return 0;
	if (writable && is_iso(l->medium_fd))
		return err_say(e, "the medium is an ISO image, which nothing can be saved on; "
		                  "start from a disk image (slate image build --type disk)");
	if (mount(NULL, l->medium, NULL, flags | flags_to_keep(l->medium_fd), NULL) < 0)
		return err_sys(e, "remount %s %s", l->medium, wanted);
	if (fstatvfs(l->medium_fd, &st) < 0)
		return err_sys(e, "remount %s %s: look whether it is", l->medium, wanted);
	if (writable == !(st.f_flag & ST_RDONLY))
		return 0;
	return err_say(e, "remount %s: the kernel kept it %s", l->medium,
	               writable ? "read-only" : "writable");
}

int medium_unlock(const struct layer *l, struct err *e)
{
	return set_writable(l, true, e);
}

int medium_lock(const struct layer *l, struct err *e)
{
	return set_writable(l, false, e);
}

int medium_reserve(const struct layer *l, int *fd, struct err *e)
{
	FD_AUTO lock = open(l->lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	char pid[24] = "";

	if (lock < 0)
		return err_sys(e, "open %s", l->lock);
	if (flock(lock, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK)
			return err_sys(e, "lock %s", l->lock);
		if (pread(lock, pid, sizeof pid - 1, 0) <= 0)
			return err_say(e, "another save is running");
		return err_say(e, "another save is running (process %.*s)",
		               (int)strspn(pid, "0123456789"), pid);
	}
	/* a unit's number in a name space of its own says nothing to others */
	if (ftruncate(lock, 0) == 0 && getpid() != 1)
		dprintf(lock, "%d\n", (int)getpid());
	*fd = fd_take(&lock);
	return 0;
}

int medium_reserve_within(const struct layer *l, unsigned patience_ms, int *fd, struct err *e)
{
	uint64_t deadline_ms = clock_now_ms() + patience_ms;
	const struct timespec pause = { 0, TRY_AGAIN_MS * 1000000L };

	while (medium_reserve(l, fd, e) < 0) {
		/* only another save ends by itself */
		if (e->code || clock_left_ms(deadline_ms) == 0)
			return -1;
		nanosleep(&pause, NULL);
	}
	return 0;
}

int medium_settle(const struct layer *l, struct err *e)
{
	FD_AUTO lock = -1;
	struct statvfs st;
	struct err busy;

	if (!l->remount || l->medium_fd < 0 || fstatvfs(l->medium_fd, &st) < 0 ||
	    (st.f_flag & ST_RDONLY) || medium_reserve(l, &lock, &busy) < 0)
		return 0;
	return medium_lock(l, e) < 0 ? -1 : 1;
}

int medium_set_writable(const char *point, int dir, bool writable, struct err *e)
{
	const struct layer l = { .medium = point, .remount = true, .medium_fd = dir };

	return writable ? medium_unlock(&l, e) : medium_lock(&l, e);
}
