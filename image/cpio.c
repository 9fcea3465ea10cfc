#include "cpio.h"

#include "inflate.h"
#include "tree.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Most of it is compressed already: 8.8 MB become 6.1, and higher levels gain nothing.
 * The kernel's decompressor takes the window, 256 KiB, besides what it unpacks: with
 * the usual 4 MiB the machine needs 3 MiB more to start, for 0.4 MB less to read. */
#define CPIO_ZSTD_LEVEL  "12"
#define CPIO_ZSTD_WINDOW "18" /* its logarithm */

enum { PAGE = 4096 }; /* a file in memory takes whole ones */

static int fail(const struct cpio *c, const char *name, struct err *e)
{
	return err_say(e, "%s: %s", name, archive_error_string(c->archive));
}

int cpio_open(struct cpio *c, const char *path, struct err *e)
{
	*c = (struct cpio){ .archive = archive_write_new() };
	if (!c->archive)
		return err_say(e, "%s: out of memory", path);
	if (archive_write_set_format_cpio_newc(c->archive) != ARCHIVE_OK ||
	    archive_write_add_filter_zstd(c->archive) != ARCHIVE_OK ||
	    archive_write_set_filter_option(c->archive, "zstd", "compression-level",
	                                    CPIO_ZSTD_LEVEL) != ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(c->archive, 1) != ARCHIVE_OK)
		return fail(c, path, e);
	/* libarchive has that since 3.7; the unit tests' may be older */
	archive_write_set_filter_option(c->archive, "zstd", "long", CPIO_ZSTD_WINDOW);
	if (archive_write_open_filename(c->archive, path) != ARCHIVE_OK)
		return fail(c, path, e);
	return 0;
}

static int write_entry(struct cpio *c, struct archive_entry *entry, const void *data, size_t size,
                       struct err *e)
{
	const char *name = archive_entry_pathname(entry);

	c->unpacked += (size + PAGE - 1) / PAGE * PAGE;
	archive_entry_set_ino(entry, ++c->inode);
	archive_entry_set_nlink(entry, 1);
	archive_entry_set_size(entry, (la_int64_t)size);
	archive_entry_set_mtime(entry, 0, 0);
	if (archive_write_header(c->archive, entry) != ARCHIVE_OK)
		return fail(c, name, e);
	if (size && archive_write_data(c->archive, data, size) != (la_ssize_t)size)
		return fail(c, name, e);
	return 0;
}

static int put_folder(struct cpio *c, const char *name, struct err *e)
{
	int added = names_add_new(&c->folders, name, e);

	if (added <= 0)
		return added;
	struct archive_entry *entry = archive_entry_new();
	if (!entry)
		return err_say(e, "%s: out of memory", name);
	archive_entry_set_pathname(entry, name);
	archive_entry_set_mode(entry, S_IFDIR | 0755);

	int result = write_entry(c, entry, NULL, 0, e);

	archive_entry_free(entry);
	return result;
}

static int put_folders_above(struct cpio *c, const char *name, struct err *e)
{
	char above[4096];

	for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(above, sizeof above, "%.*s", (int)(slash - name), name);
		if (put_folder(c, above, e) < 0)
			return -1;
	}
	return 0;
}

/* An entry for `name` below folders that are there; NULL with *e. */
static struct archive_entry *entry_new(struct cpio *c, const char *name, mode_t mode, struct err *e)
{
	if (put_folders_above(c, name, e) < 0)
		return NULL;
	struct archive_entry *entry = archive_entry_new();
	if (!entry) {
		err_say(e, "%s: out of memory", name);
		return NULL;
	}
	archive_entry_set_pathname(entry, name);
	archive_entry_set_mode(entry, mode);
	return entry;
}

int cpio_folder(struct cpio *c, const char *name, struct err *e)
{
	return put_folders_above(c, name, e) < 0 ? -1 : put_folder(c, name, e);
}

int cpio_link(struct cpio *c, const char *name, const char *target, struct err *e)
{
	struct archive_entry *entry = entry_new(c, name, S_IFLNK | 0777, e);

	if (!entry)
		return -1;
	archive_entry_set_symlink(entry, target);

	int result = write_entry(c, entry, NULL, 0, e);

	archive_entry_free(entry);
	return result;
}

int cpio_device(struct cpio *c, const char *name, mode_t mode, dev_t device, struct err *e)
{
	struct archive_entry *entry = entry_new(c, name, mode, e);

	if (!entry)
		return -1;
	archive_entry_set_rdevmajor(entry, major(device));
	archive_entry_set_rdevminor(entry, minor(device));

	int result = write_entry(c, entry, NULL, 0, e);

	archive_entry_free(entry);
	return result;
}

int cpio_data(struct cpio *c, const char *name, mode_t mode, const void *data, size_t size,
              struct err *e)
{
	struct archive_entry *entry = entry_new(c, name, S_IFREG | mode, e);

	if (!entry)
		return -1;

	int result = write_entry(c, entry, data, size, e);

	archive_entry_free(entry);
	return result;
}

int cpio_file(struct cpio *c, const char *name, mode_t mode, const char *from, struct err *e)
{
	void *data;
	size_t size;

	if (inflate_read(from, &data, &size, e) < 0)
		return -1;

	int result = cpio_data(c, name, mode, data, size, e);

	free(data);
	return result;
}

struct copying {
	struct cpio *cpio;
	const char *name, *from, *skip;
};

static bool is_skipped(const char *path, const char *skip)
{
	size_t len = skip ? strlen(skip) : 0;

	return skip && strncmp(path, skip, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

static int copy_one(void *ctx, const char *path, const struct stat *st, struct err *e)
{
	struct copying *t = ctx;
	char name[4096], from[4096], target[4096];

	if (is_skipped(path, t->skip))
		return 0;
	snprintf(name, sizeof name, "%s/%s", t->name, path);
	snprintf(from, sizeof from, "%s/%s", t->from, path);
	if (S_ISDIR(st->st_mode))
		return cpio_folder(t->cpio, name, e);
	if (S_ISREG(st->st_mode))
		return cpio_file(t->cpio, name, st->st_mode & 0111 ? 0755 : 0644, from, e);
	if (!S_ISLNK(st->st_mode))
		return err_say(e, "%s: neither a file, a folder nor a symbolic link", from);

	ssize_t len = readlink(from, target, sizeof target - 1);

	if (len < 0)
		return err_sys(e, "readlink %s", from);
	target[len] = '\0';
	return cpio_link(t->cpio, name, target, e);
}

int cpio_tree(struct cpio *c, const char *name, const char *from, const char *skip, struct err *e)
{
	struct copying t = { c, name, from, skip };

	if (cpio_folder(c, name, e) < 0)
		return -1;
	return tree_walk(from, copy_one, &t, e);
}

int cpio_close(struct cpio *c, struct err *e)
{
	int result = 0;

	if (c->archive && archive_write_close(c->archive) != ARCHIVE_OK)
		result = fail(c, "initramfs", e);
	archive_write_free(c->archive);
	names_drop(&c->folders);
	*c = (struct cpio){ 0 };
	return result;
}
