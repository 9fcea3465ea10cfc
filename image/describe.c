#include "describe.h"

#include "../init/base/bytes.h"
#include "../init/base/fd.h"
#include "kernel.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD_SIZE = 65536 };

/* Documentation/filesystems/squashfs.rst; the superblock is the file's start. */
static bool is_squashfs(const unsigned char *head, size_t len, struct description *d)
{
	static const char *const packers[] = { "?", "gzip", "lzma", "lzo", "xz", "lz4", "zstd" };

	if (len < 96 || memcmp(head, "hsqs", 4) != 0)
		return false;

	uint64_t packer = le16_get(head + 20);

	d->kind = "squashfs";
	snprintf(d->text, sizeof d->text, "squashfs, %s, %llu inodes, %llu bytes",
	         packers[packer < 7 ? packer : 0], (unsigned long long)le32_get(head + 4),
	         (unsigned long long)le64_get(head + 40));
	return true;
}

/* The superblock lies at 1024 (fs/erofs/erofs_fs.h). */
static bool is_erofs(const unsigned char *head, size_t len, struct description *d)
{
	const unsigned char *sb = head + 1024;

	if (len < 1024 + 128 || le32_get(sb) != 0xe0f5e1e2)
		return false;
	d->kind = "erofs";
	snprintf(d->text, sizeof d->text, "erofs, %llu inodes, %llu blocks of %u bytes",
	         (unsigned long long)le64_get(sb + 16), (unsigned long long)le32_get(sb + 36),
	         1U << (sb[12] & 31));
	return true;
}

static bool is_kernel(const unsigned char *head, size_t len, struct description *d)
{
	char release[128];

	if (!kernel_release_of(head, len, release, sizeof release))
		return false;
	d->kind = "kernel";
	snprintf(d->text, sizeof d->text, "Linux %s", release);
	return true;
}

/* The name of the first partition (UEFI specification, 5.3.3): UTF-16, of which
 * the plain letters are shown. */
static bool is_disk(const unsigned char *head, size_t len, struct description *d)
{
	const unsigned char *entry = head + 1024;
	char name[37] = "";

	if (len < 1024 + 128 || memcmp(head + 512, "EFI PART", 8) != 0)
		return false;
	for (size_t i = 0; i < 36; i++) {
		unsigned char c = entry[56 + 2 * i];

		name[i] = c == 0 || (c > ' ' && c < 127 && entry[57 + 2 * i] == 0) ? (char)c : '?';
	}

	uint64_t first = le64_get(entry + 32), last = le64_get(entry + 40);

	d->kind = "disk";
	snprintf(d->text, sizeof d->text, "disk, GPT, partition %s at %llu, %llu MiB", name,
	         (unsigned long long)first, (unsigned long long)((last - first + 1) >> 11));
	return true;
}

void describe_head(const unsigned char *head, size_t len, struct description *d)
{
	if (is_squashfs(head, len, d) || is_kernel(head, len, d) || is_disk(head, len, d) ||
	    is_erofs(head, len, d))
		return;
	d->kind = "unknown";
	snprintf(d->text, sizeof d->text, "not a file of an image");
}

/* "lib/modules/6.1.0-50-amd64/kernel/…": the release, and one more module. */
static void count_entry(const char *name, size_t *files, size_t *modules, char release[static 128])
{
	const char *rest = strncmp(name, "lib/modules/", 12) == 0 ? name + 12 : NULL;

	++*files;
	if (!rest)
		return;
	snprintf(release, 128, "%.*s", (int)strcspn(rest, "/"), rest);
	*modules += strstr(rest, ".ko") != NULL;
}

static void describe_archive(const char *path, struct description *d)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	size_t files = 0, modules = 0;
	char release[128] = "no kernel";

	archive_read_support_filter_zstd(a);
	archive_read_support_filter_gzip(a);
	archive_read_support_format_cpio(a);
	if (archive_read_open_filename(a, path, 65536) == ARCHIVE_OK)
		while (archive_read_next_header(a, &entry) == ARCHIVE_OK)
			count_entry(archive_entry_pathname(entry), &files, &modules, release);
	archive_read_free(a);
	if (files == 0)
		return;
	d->kind = "initramfs";
	snprintf(d->text, sizeof d->text, "initramfs, %zu entries, %zu modules of %s", files, modules,
	         release);
}

int describe_file(const char *path, struct description *d, struct err *e)
{
	static unsigned char head[HEAD_SIZE];
	FD_AUTO fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, "open %s", path);

	ssize_t len = fd_read_full(fd, head, sizeof head);

	if (len < 0)
		return err_sys(e, "read %s", path);
	describe_head(head, (size_t)len, d);
	d->size = (uint64_t)st.st_size;
	if (strcmp(d->kind, "unknown") == 0)
		describe_archive(path, d);
	return 0;
}
