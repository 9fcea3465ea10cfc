#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/bytes.h"
#include "../base/dir.h"
#include "../base/fd.h"
#include "loop.h"
#include "memory.h"
#include "mounts.h"
#include "verify.h"

#define IMAGE_FOLDER "slate"

int image_decode(struct span head, uint64_t size, const char **fstype, struct err *e)
{
	static const char squashfs_magic[4] = "hsqs";
	uint64_t needs = 0;

	if (head.len >= 96 && memcmp(head.at, squashfs_magic, 4) == 0) {
		*fstype = "squashfs";
		needs = le64_get(head.at + 40); /* bytes_used */
	} else if (head.len >= 1024 + 128 && le32_get(head.at + 1024) == 0xe0f5e1e2) {
		unsigned block_bits = (unsigned char)head.at[1024 + 12];

		*fstype = "erofs";
		if (block_bits < 9 || block_bits > 16)
			return err_say(e, "is damaged: its block size can't be");
		needs = (uint64_t)le32_get(head.at + 1024 + 36) << block_bits; /* blocks */
	} else {
		return err_say(e, "is neither squashfs nor erofs");
	}
	if (needs > size)
		return err_say(e, "is cut short: %" PRIu64 " of %" PRIu64 " bytes are there", size,
		               needs);
	return 0;
}

static bool path_is_inside(struct span path)
{
	struct span part;

	while (span_word(&path, "/", &part))
		if (span_is(part, ".."))
			return false;
	return true;
}

int image_list_parse(struct span list, struct image *images, size_t *n, struct err *e)
{
	struct span path;

	*n = 0;
	while (span_word(&list, ":", &path)) {
		if (*n == BOOT_IMAGES_MAX)
			return err_say(e, "slate.image=: more than %d images", BOOT_IMAGES_MAX);

		struct image *image = &images[*n];

		*image = (struct image){ 0 };
		while (path.len && path.at[0] == '/')
			path = span_from(path, 1);
		if (path.len == 0 || !path_is_inside(path) ||
		    !span_copy(path, image->path, sizeof image->path))
			return err_say(e, "slate.image=: not a path on the medium: %.*s",
			               SPAN_ARGS(path));
		(*n)++;
	}
	return *n ? 0 : err_say(e, "slate.image=: names no image");
}

static int is_image(const struct dirent *entry)
{
	struct span name = span_of(entry->d_name);

	return entry->d_name[0] != '.' &&
	       (span_ends(name, ".squashfs") || span_ends(name, ".erofs"));
}

/* root.squashfs before root.erofs before the others by name. */
static int by_preference(const void *a, const void *b)
{
	const char *x = ((const struct image *)a)->path, *y = ((const struct image *)b)->path;
	static const char *const first[] = { IMAGE_FOLDER "/root.squashfs",
		                             IMAGE_FOLDER "/root.erofs" };

	for (size_t i = 0; i < sizeof first / sizeof *first; i++)
		if (strcmp(x, first[i]) == 0 || strcmp(y, first[i]) == 0)
			return strcmp(x, first[i]) == 0 ? -1 : 1;
	return strcmp(x, y);
}

int image_list_read(int dir, struct image *images, size_t *n, struct err *e)
{
	DIR *d = dir_list(fd_open_beneath(dir, IMAGE_FOLDER, O_RDONLY | O_DIRECTORY, 0));

	*n = 0;
	if (!d && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (!d)
		return err_sys(e, "open %s on the medium", IMAGE_FOLDER);
	for (struct dirent *entry; *n < BOOT_IMAGES_MAX && (entry = readdir(d));) {
		struct image *image = &images[*n];

		*image = (struct image){ 0 };
		if (is_image(entry) && strlen(entry->d_name) < sizeof image->path - 8) {
			snprintf(image->path, sizeof image->path, IMAGE_FOLDER "/%.240s",
			         entry->d_name);
			(*n)++;
		}
	}
	closedir(d);
	qsort(images, *n, sizeof *images, by_preference);
	return 0;
}

static int open_image(int dir, struct image *image, int *file, struct err *e)
{
	FD_AUTO fd = fd_open_beneath(dir, image->path, O_RDONLY | O_NONBLOCK, 0);
	struct stat st;

	if (fd < 0)
		return err_sys(e, "can't be opened");
	if (fstat(fd, &st) < 0)
		return err_sys(e, "stat");
	if (!S_ISREG(st.st_mode))
		return err_say(e, "is not a file");
	image->size = (uint64_t)st.st_size;
	*file = fd_take(&fd);
	return 0;
}

/* An unsigned image says itself what it is; a signed one's manifest does. */
static int look_at_head(int file, struct image *image, struct err *e)
{
	char head[IMAGE_HEAD];
	const char *fstype;
	ssize_t len = fd_read_full(file, head, sizeof head);

	if (len < 0)
		return err_sys(e, "can't be read");
	if (image_decode((struct span){ head, (size_t)len }, image->size, &fstype, e) < 0)
		return -1;
	snprintf(image->fstype, sizeof image->fstype, "%s", fstype);
	return 0;
}

static int mount_verified(struct boot *b, int loop, struct image *image, const char *target,
                          struct err *e)
{
	char device[48];

	if (dmverity_open(&b->modules, loop, image->loop, &image->verity, &image->mapped, e) < 0)
		return -1;
	snprintf(device, sizeof device, "/dev/%s", image->mapped.device);

	int result = mounts_mount(device, target, image->fstype, "ro", e);

	/* from here on the mount alone holds it */
	dmverity_release(&image->mapped);
	return result;
}

static int mount_file(struct boot *b, int file, struct image *image, const char *target,
                      struct err *e)
{
	char device[48];

	if (loop_load(&b->modules, e) < 0 || modules_load_fs(&b->modules, image->fstype, e) < 0)
		return -1;

	FD_AUTO loop = loop_attach(file, image->path, image->loop, sizeof image->loop, e);

	if (loop < 0)
		return -1;
	if (image->verified)
		return mount_verified(b, loop, image, target, e);
	snprintf(device, sizeof device, "/dev/%s", image->loop);
	return mounts_mount(device, target, image->fstype, "ro", e);
}

static int check(struct boot *b, int dir, int file, struct image *image, struct err *e)
{
	struct rootmanifest m;
	int verified = verify_image(b, dir, image->path, file, &m, e);

	if (verified <= 0)
		return verified < 0 ? -1 : look_at_head(file, image, e);
	if (memory_check(b, &m, e) < 0)
		return -1;
	image->verified = true;
	image->version = m.version;
	snprintf(image->name, sizeof image->name, "%s", m.name);
	image->verity = m.verity;
	snprintf(image->fstype, sizeof image->fstype, "%s", m.fstype);
	return 0;
}

int image_mount(struct boot *b, int dir, struct image *image, const char *target, struct err *e)
{
	FD_AUTO file = -1;

	if (open_image(dir, image, &file, e) < 0 || check(b, dir, file, image, e) < 0 ||
	    mount_file(b, file, image, target, e) < 0)
		return err_wrap(e, "image %s", image->path);
	return 0;
}
