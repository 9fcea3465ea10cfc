#include "inflate.h"

#include "../init/base/fd.h"
#include "../init/base/span.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int inflate_read(const char *path, void **data, size_t *size, struct err *e)
{
	FD_AUTO fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, "open %s", path);
	if (!S_ISREG(st.st_mode) || st.st_size < 0 || (size_t)st.st_size > INFLATE_MAX)
		return err_say(e, "%s: not a file of a module's size", path);
	*size = (size_t)st.st_size;
	*data = malloc(*size + 1);
	if (!*data)
		return err_sys(e, "read %s", path);
	if (fd_read_full(fd, *data, *size) != (ssize_t)*size) {
		free(*data);
		return err_sys(e, "read %s", path);
	}
	return 0;
}

/* Doubles *data. */
static int grow(void **data, size_t *room, struct err *e)
{
	size_t more = *room ? 2 * *room : (size_t)64 << 10;
	void *bigger = more > INFLATE_MAX ? NULL : realloc(*data, more);

	if (!bigger)
		return err_say(e, "too large decompressed");
	*data = bigger;
	*room = more;
	return 0;
}

static int read_all(struct archive *a, void **data, size_t *size, struct err *e)
{
	struct archive_entry *entry;
	size_t room = 0;
	la_ssize_t len;

	if (archive_read_next_header(a, &entry) != ARCHIVE_OK)
		return err_say(e, "%s", archive_error_string(a));
	/* "raw" takes anything: without a filter it is not what its name says */
	if (archive_filter_code(a, 0) == ARCHIVE_FILTER_NONE)
		return err_say(e, "not compressed, or damaged");
	*size = 0;
	do {
		if (*size == room && grow(data, &room, e) < 0)
			return -1;
		len = archive_read_data(a, (char *)*data + *size, room - *size);
		if (len < 0)
			return err_say(e, "%s", archive_error_string(a));
		*size += (size_t)len;
	} while (len > 0);
	return 0;
}

/* libarchive knows them by their first bytes. */
static int unpack(const void *packed, size_t packed_size, void **data, size_t *size,
                  struct err *e)
{
	struct archive *a = archive_read_new();

	if (!a)
		return err_say(e, "out of memory");
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_xz(a);
	archive_read_support_filter_zstd(a);
	archive_read_support_format_raw(a);

	int result = archive_read_open_memory(a, packed, packed_size) == ARCHIVE_OK
	                     ? read_all(a, data, size, e)
	                     : err_say(e, "%s", archive_error_string(a));

	archive_read_free(a);
	return result;
}

int inflate_file(const char *path, void **data, size_t *size, struct err *e)
{
	struct span name = span_of(path);
	void *packed = NULL;
	size_t packed_size;

	*data = NULL;
	if (inflate_read(path, &packed, &packed_size, e) < 0)
		return -1;
	if (!span_ends(name, ".xz") && !span_ends(name, ".zst") && !span_ends(name, ".gz")) {
		*data = packed;
		*size = packed_size;
		return 0;
	}

	int result = unpack(packed, packed_size, data, size, e);

	free(packed);
	if (result < 0) {
		free(*data);
		*data = NULL;
		return err_wrap(e, "%s", path);
	}
	return 0;
}
