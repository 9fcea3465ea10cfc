#include "grow.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/blkpg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "../../overlay/medium/medium.h"
#include "../base/child.h"
#include "../base/clock.h"
#include "../base/fd.h"
#include "../base/paths.h"
#include "../disk/fatsize.h"
#include "../disk/gpt.h"
#include "medium.h"
#include "stage.h"
#include "sysfs.h"

/* A slow stick has that long for each step; the kernel makes 240 groups of ext4 in it. */
enum { STEP_MS = 60000, MEMORY = 16 << 20 };

#define MIB            ((uint64_t)1 << 20)
#define WORTH          (32 * MIB)
#define WORTH_PART     10 /* of the device */
#define LEFT           (2 * MIB) /* behind a partition that ends where the disk does */
/* fs/ext4/ext4.h; the kernel has no header for it */
#define EXT4_RESIZE_FS _IOW('f', 16, uint64_t)

bool grow_is_worth(uint64_t has, uint64_t room)
{
	return has < room && room - has >= WORTH && room - has > room / WORTH_PART;
}

/* A step's device, and what it is to fill. */
struct step {
	int fd;
	uint64_t size;   /* bytes of the device */
	unsigned number; /* of the partition */
};

static int call(int (*work)(void *, void *, struct err *), struct step *s, void *out, size_t size,
                enum child_walls walls, struct err *e)
{
	const struct child_limits limits = { .deadline_ms = clock_now_ms() + STEP_MS,
		                             .memory = MEMORY,
		                             .walls = walls };

	return child_call(work, s, out, size, &limits, e);
}

/* --- The partition --- */

static int lengthen(void *arg, void *out, struct err *e)
{
	const struct step *s = arg;

	return gpt_grow(s->fd, s->size, s->number, out, e);
}

/* The kernel has its own list of a disk's partitions. */
static int tell_kernel(const struct step *s, const struct gpt_part *part, struct err *e)
{
	struct blkpg_partition p = { .pno = (int)s->number,
		                     .start = (long long)(part->start * GPT_SECTOR),
		                     .length = (long long)(part->sectors * GPT_SECTOR) };
	struct blkpg_ioctl_arg arg = { .op = BLKPG_RESIZE_PARTITION, .datalen = sizeof p, .data = &p };

	if (ioctl(s->fd, BLKPG, &arg) < 0)
		return err_sys(e, "use the longer partition (the next boot does)");
	return 0;
}

static int grow_partition(struct boot *b, struct err *e)
{
	struct sysfs_part at;
	struct gpt_part part;
	struct step s;
	char path[96];

	if (!sysfs_partition(b->medium.device, &at))
		return 0;
	s = (struct step){ .size = sysfs_block_size(at.disk), .number = at.number };
	if (s.size < at.end + LEFT)
		return 0;
	snprintf(path, sizeof path, "/dev/%s", at.disk);

	FD_AUTO fd = s.fd = open(path, O_RDWR | O_CLOEXEC);

	int locked = 0;

	if (fd < 0)
		return err_sys(e, "open %s", path);
	if (ioctl(fd, BLKROGET, &locked) == 0 && locked)
		return err_say(e, "%s is write-protected", path);

	int grown = call(lengthen, &s, &part, sizeof part, CHILD_READS, e);

	return grown <= 0 ? grown : tell_kernel(&s, &part, e);
}

/* --- FAT --- */

static int set_fat(void *arg, void *out, struct err *e)
{
	const struct step *s = arg;

	(void)out;
	return fatsize_set(s->fd, 0, s->size, e);
}

static int could_set_fat(void *arg, void *out, struct err *e)
{
	const struct step *s = arg;

	(void)out;
	return fatsize_could_set(s->fd, 0, s->size, e);
}

static int on_device(const struct boot *b, int flags, int (*work)(void *, void *, struct err *),
                     struct err *e)
{
	char path[96], none = 0;
	struct step s = { .size = sysfs_block_size(b->medium.device) };

	snprintf(path, sizeof path, "/dev/%s", b->medium.device);

	FD_AUTO fd = s.fd = open(path, flags | O_CLOEXEC);

	return fd < 0 ? err_sys(e, "open %s", path) : call(work, &s, &none, sizeof none, CHILD_READS, e);
}

/* The kernel knows another size only after it has mounted it anew. */
static int grow_fat(struct boot *b, struct err *e)
{
	int worth = on_device(b, O_RDONLY, could_set_fat, e);

	if (worth <= 0)
		return worth;
	fd_drop(&b->medium.dir);
	if (umount2(PATH_MEDIUM, 0) < 0) {
		err_sys(e, "unmount the medium");
		worth = -1;
	} else {
		struct err again;

		worth = on_device(b, O_RDWR, set_fat, e);
		if (medium_mount(b, &b->medium, PATH_MEDIUM, b->settings.rootflags, &again) < 0) {
			*e = again;
			return -1;
		}
	}
	if (b->medium.dir < 0)
		b->medium.dir = open(PATH_MEDIUM, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return worth;
}

/* --- ext4 --- */

static int resize_ext4(void *arg, void *out, struct err *e)
{
	const struct step *s = arg;
	uint64_t blocks = s->size;

	(void)out;
	return ioctl(s->fd, EXT4_RESIZE_FS, &blocks) < 0 ? err_sys(e, "grow ext4") : 1;
}

static int grow_ext4(struct boot *b, struct err *e)
{
	uint64_t room = sysfs_block_size(b->medium.device);
	struct err lock = { 0 };
	struct statvfs st;
	char none = 0;

	if (fstatvfs(b->medium.dir, &st) < 0)
		return err_sys(e, "look at the medium");
	if (!grow_is_worth((uint64_t)st.f_blocks * st.f_frsize, room))
		return 0;
	if (medium_set_writable(PATH_MEDIUM, b->medium.dir, true, e) < 0)
		return -1;

	struct step s = { .fd = b->medium.dir, .size = room / st.f_bsize };
	int grown = call(resize_ext4, &s, &none, sizeof none, CHILD_OPEN, e);

	if (medium_set_writable(PATH_MEDIUM, b->medium.dir, false, &lock) < 0 && grown >= 0) {
		*e = lock;
		return -1;
	}
	return grown;
}

static uint64_t size_of(int dir)
{
	struct statvfs st;

	return fstatvfs(dir, &st) < 0 ? 0 : (uint64_t)st.f_blocks * st.f_frsize;
}

int grow_run(struct boot *b, struct err *e)
{
	const char *fstype = b->medium.found.fstype;
	bool fat = strcmp(fstype, "vfat") == 0, ext4 = strcmp(fstype, "ext4") == 0;

	if (!b->settings.grow || b->settings.findiso[0] || !(fat || ext4))
		return STAGE_WAS_SKIPPED;
	if (b->settings.nosave || b->settings.failsafe)
		return STAGE_WAS_SKIPPED; /* nothing is to be written */

	uint64_t before = size_of(b->medium.dir);

	if (grow_partition(b, e) < 0)
		return err_wrap(e, "%s", b->medium.device);

	int grown = fat ? grow_fat(b, e) : grow_ext4(b, e);
	if (grown <= 0)
		return grown < 0 ? err_wrap(e, "%s", b->medium.device) : STAGE_WAS_SKIPPED;
	boot_say(b, REPORT_INFO, "grow: the medium had %" PRIu64 " MiB and has %" PRIu64, before / MIB,
	         size_of(b->medium.dir) / MIB);
	return 0;
}
