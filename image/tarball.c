#include "tarball.h"

#include "../init/base/fd.h"
#include "../init/base/paths.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_MAX_BYTES 4096

static const char *const content[] = { PATH_CONF, "etc/ssl/certs/ca-certificates.crt",
	                               "usr/lib/firmware/", "lib/firmware/" };
static const char *const modules[] = { "usr/lib/modules/", "lib/modules/" };

/* Without what mksquashfs takes off: a leading '/' or "./", and a '/' at the end. */
static struct span below_top(const char *name)
{
	struct span s = span_of(name);

	while (span_starts(s, "/") || span_starts(s, "./"))
		s = span_from(s, s.at[0] == '/' ? 1 : 2);
	while (span_ends(s, "/"))
		s.len--;
	return span_is(s, ".") ? span_from(s, 1) : s;
}

static bool is_plain(struct span name)
{
	struct span part;

	while (span_word(&name, "/", &part))
		if (span_is(part, ".."))
			return false;
	return true;
}

enum tarball_part tarball_part(const char *name, struct span *rest)
{
	struct span s = *rest = below_top(name);

	if (s.len == 0)
		return TARBALL_TOP;
	if (s.len >= NAME_MAX_BYTES || !is_plain(s))
		return TARBALL_OTHER;
	if (span_is(s, "lib"))
		return TARBALL_LIB;
	for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
		if (span_starts(s, modules[i]))
			return TARBALL_MODULES;
	for (size_t i = 0; i < sizeof content / sizeof *content; i++)
		if (span_ends(span_of(content[i]), "/") ? span_starts(s, content[i])
		                                        : span_is(s, content[i]))
			return TARBALL_CONTENT;
	return TARBALL_OTHER;
}

bool tarball_link_is_inside(struct span name, const char *target)
{
	struct span left = span_of(target), part;
	size_t depth = 0;

	if (span_starts(left, "/"))
		return false;
	while (span_word(&name, "/", &part))
		depth++;
	/* the link's own name is no folder to leave */
	while (span_starts(left, "../") && depth-- > 1)
		left = span_from(left, 3);
	return left.len > 0 && is_plain(left);
}

struct looking {
	struct archive *archive;
	int to;                 /* the folder to put things below */
	bool lib_is_link;       /* to usr/lib */
	size_t members;
	struct tarball *found;
};

static int say(struct archive *a, struct err *e)
{
	const char *text = archive_error_string(a);

	return err_say(e, "%s", text ? text : "not a tar archive");
}

/* Opens it with the formats that the caller has chosen. */
static int open_packed(struct archive *a, const char *path, struct err *e)
{
	archive_read_support_filter_all(a);
	return archive_read_open_filename(a, path, 1 << 16) == ARCHIVE_OK ? 0 : say(a, e);
}

/* Makes the folders above `name`. */
static int make_above(int to, const char *name, struct err *e)
{
	char above[NAME_MAX_BYTES];
	const char *slash = strrchr(name, '/');

	if (!slash)
		return 0;
	snprintf(above, sizeof above, "%.*s", (int)(slash - name), name);
	return fd_mkdirs(to, above, 0755, e);
}

static int copy_file(struct looking *l, const char *name, struct err *e)
{
	FD_AUTO out = fd_open_beneath(l->to, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (out < 0)
		return err_sys(e, "unpack %s", name);
	return archive_read_data_into_fd(l->archive, out) == ARCHIVE_OK ? 0 : say(l->archive, e);
}

/* Firmware has links within itself; one that leads elsewhere is not for a build. */
static int copy_link(struct looking *l, const char *name, const char *target, struct err *e)
{
	if (!tarball_link_is_inside(span_of(name), target))
		return 0;
	if (symlinkat(target, l->to, name) < 0 && errno != EEXIST)
		return err_sys(e, "unpack %s", name);
	return 0;
}

static int copy(struct looking *l, struct archive_entry *entry, struct span rest, struct err *e)
{
	char name[NAME_MAX_BYTES];
	const char *target = archive_entry_symlink(entry);

	if (!span_copy(rest, name, sizeof name) || archive_entry_hardlink(entry))
		return 0;
	if (archive_entry_filetype(entry) == AE_IFDIR)
		return fd_mkdirs(l->to, name, 0755, e);
	if (make_above(l->to, name, e) < 0)
		return -1;
	if (archive_entry_filetype(entry) == AE_IFLNK && target)
		return copy_link(l, name, target, e);
	return archive_entry_filetype(entry) == AE_IFREG ? copy_file(l, name, e) : 0;
}

/* usr/lib/modules/RELEASE of whatever lies there. */
static int note_modules(struct looking *l, struct span rest, struct err *e)
{
	char name[NAME_MAX_BYTES];
	struct span below = span_from(rest, span_starts(rest, "usr/") ? strlen(modules[0])
	                                                              : strlen(modules[1]));
	struct span release;

	if (!span_word(&below, "/", &release))
		return 0;
	rest.len = (size_t)(release.at + release.len - rest.at);
	return span_copy(rest, name, sizeof name) ? fd_mkdirs(l->to, name, 0755, e) : 0;
}

static int look_at(struct looking *l, struct archive_entry *entry, struct err *e)
{
	const char *name = archive_entry_pathname(entry), *target = archive_entry_symlink(entry);
	struct span rest;

	if (!name)
		return 0;
	if (archive_entry_mtime(entry) > l->found->newest)
		l->found->newest = archive_entry_mtime(entry);
	enum tarball_part part = tarball_part(name, &rest);

	if (archive_entry_filetype(entry) == AE_IFREG && archive_entry_size(entry) > 0 &&
	    personal_note(&l->found->personal, rest, (uint64_t)archive_entry_size(entry), e) < 0)
		return -1;
	switch (part) {
	case TARBALL_TOP:
		l->found->mode = archive_entry_perm(entry);
		l->found->uid = archive_entry_uid(entry);
		l->found->gid = archive_entry_gid(entry);
		return 0;
	case TARBALL_LIB:
		l->lib_is_link = target && span_is(below_top(target), "usr/lib");
		return target ? 0 : fd_mkdirs(l->to, "lib", 0755, e);
	case TARBALL_MODULES:
		return note_modules(l, rest, e);
	case TARBALL_CONTENT:
		return copy(l, entry, rest, e);
	case TARBALL_OTHER:
		break;
	}
	l->members++;
	return 0;
}

static int look_at_all(struct looking *l, struct err *e)
{
	struct archive_entry *entry;
	int result;

	while ((result = archive_read_next_header(l->archive, &entry)) == ARCHIVE_OK ||
	       result == ARCHIVE_WARN)
		if (look_at(l, entry, e) < 0)
			return -1;
	if (result != ARCHIVE_EOF)
		return say(l->archive, e);
	if (l->members == 0)
		return err_say(e, "there is nothing in it");
	/* last, so that nothing was put through it */
	if (l->lib_is_link && symlinkat("usr/lib", l->to, "lib") < 0 && errno != EEXIST)
		return err_sys(e, "unpack lib");
	return 0;
}

int tarball_look(const char *path, const char *to, struct tarball *found, struct err *e)
{
	FD_AUTO dir = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct looking l = { .archive = archive_read_new(), .to = dir, .found = found };

	*found = (struct tarball){ .mode = 0755 };
	if (dir < 0 || !l.archive) {
		archive_read_free(l.archive);
		return err_sys(e, "open %s", to);
	}
	archive_read_support_format_tar(l.archive);

	int result = open_packed(l.archive, path, e);

	if (result == 0)
		result = look_at_all(&l, e);
	archive_read_free(l.archive);
	return result < 0 ? err_wrap(e, "%s", path) : 0;
}

static int pour(struct archive *a, int out, struct err *e)
{
	struct archive_entry *entry;
	static char chunk[1 << 16];
	la_ssize_t len;

	if (archive_read_next_header(a, &entry) != ARCHIVE_OK)
		return say(a, e);
	while ((len = archive_read_data(a, chunk, sizeof chunk)) > 0)
		if (fd_write_full(out, chunk, (size_t)len) < 0)
			return err_sys(e, "write");
	return len < 0 ? say(a, e) : 0;
}

int tarball_pour(const char *path, int out, struct err *e)
{
	struct archive *a = archive_read_new();

	if (!a)
		return err_say(e, "%s: out of memory", path);
	archive_read_support_format_raw(a);

	int result = open_packed(a, path, e);

	if (result == 0)
		result = pour(a, out, e);
	archive_read_free(a);
	return result < 0 ? err_wrap(e, "%s", path) : 0;
}
