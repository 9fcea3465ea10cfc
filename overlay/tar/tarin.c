#include "tarin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../init/base/report.h"
#include "gzin.h"
#include "pax.h"
#include "tar.h"

struct tarin {
	struct gzin gz;
	uint64_t left; /* bytes of the member's data not read yet */
	bool extended; /* an L, K or x header stands before the member */
	char long_name[MEMBER_PATH_MAX], long_target[MEMBER_PATH_MAX];
	struct pax pax;
	char *pax_bytes; /* of the last pax header: what `pax` points into */
	size_t pax_room;
	char path[MEMBER_PATH_MAX], target[MEMBER_PATH_MAX];
	uint8_t scratch[16384];
};

static int read_exactly(struct tarin *t, void *buf, size_t len, struct err *e)
{
	ssize_t n = gzin_read(&t->gz, buf, len, e);

	if (n < 0)
		return -1;
	return (size_t)n == len ? 0 : err_say(e, "cut short: the archive has no end");
}

static ssize_t read_data(void *ctx, void *buf, size_t len, struct err *e)
{
	struct tarin *t = ctx;
	size_t want = len < t->left ? len : (size_t)t->left;

	if (read_exactly(t, buf, want, e) < 0)
		return -1;
	t->left -= want;
	return (ssize_t)want;
}

static int skip(struct tarin *t, uint64_t len, struct err *e)
{
	while (len > 0) {
		size_t n = len < sizeof t->scratch ? (size_t)len : sizeof t->scratch;

		if (read_exactly(t, t->scratch, n, e) < 0)
			return -1;
		len -= n;
	}
	return 0;
}

/* The data of a header that describes the next one. */
static int read_text(struct tarin *t, const struct tar_header *h, char *buf, size_t size,
                     struct err *e)
{
	if (h->size > size)
		return err_say(e, "name or attributes of %llu bytes are too long",
		               (unsigned long long)h->size);
	if (read_exactly(t, buf, (size_t)h->size, e) < 0)
		return -1;
	return skip(t, tar_padding(h->size), e);
}

static int read_long(struct tarin *t, const struct tar_header *h, char *buf, struct err *e)
{
	if (read_text(t, h, buf, MEMBER_PATH_MAX - 1, e) < 0)
		return -1;
	buf[h->size] = '\0';
	return *buf ? 0 : err_say(e, "empty long name");
}

/* The records of a pax header; *text is valid until the next one is read. */
static int read_pax(struct tarin *t, const struct tar_header *h, struct span *text, struct err *e)
{
	if (h->size > t->pax_room && h->size <= PAX_MAX) {
		char *bytes = realloc(t->pax_bytes, (size_t)h->size);

		if (!bytes)
			return err_sys(e, "pax header");
		t->pax_bytes = bytes;
		t->pax_room = (size_t)h->size;
	}
	*text = (struct span){ t->pax_bytes, (size_t)h->size };
	return read_text(t, h, t->pax_bytes, PAX_MAX, e);
}

/* The member's own header comes after the one that is refused. */
static int name_refused(struct tarin *t, struct err *e)
{
	char block[TAR_BLOCK], name[sizeof e->text] = "";
	struct tar_header h;
	struct err unread;

	if (t->pax.path.at)
		snprintf(name, sizeof name, "%.*s", SPAN_ARGS(t->pax.path));
	else if (read_exactly(t, block, sizeof block, &unread) == 0 &&
	         tar_decode(block, &h, &unread) > 0)
		snprintf(name, sizeof name, "%s", h.name);
	if (!*name)
		return -1;
	report_clean(name);
	return err_wrap(e, "%s", name);
}

/* 1: the header described the next one, read on; 0: it is a member; -1 with *e. */
static int read_extension(struct tarin *t, const struct tar_header *h, struct err *e)
{
	struct span text;

	switch (h->type) {
	case TAR_GNU_NAME:
		t->extended = true;
		return read_long(t, h, t->long_name, e) < 0 ? -1 : 1;
	case TAR_GNU_LINK:
		t->extended = true;
		return read_long(t, h, t->long_target, e) < 0 ? -1 : 1;
	case TAR_PAX:
		if (t->pax.path.at || t->pax.n_xattrs)
			return err_say(e, "two pax headers for one member");
		t->extended = true;
		if (read_pax(t, h, &text, e) < 0)
			return -1;
		return pax_decode(text, &t->pax, e) < 0 ? name_refused(t, e) : 1;
	case TAR_PAX_GLOBAL:
		if (t->extended)
			return err_say(e, "global pax header in the wrong place");
		if (read_pax(t, h, &text, e) < 0)
			return -1;
		return pax_decode_global(text, e) < 0 ? -1 : 1;
	default:
		return 0;
	}
}

static enum member_type type_of(const struct tar_header *h)
{
	switch (h->type) {
	case TAR_FILE:
		return MEMBER_FILE;
	case TAR_DIRECTORY:
		return MEMBER_DIRECTORY;
	case TAR_SYMLINK:
		return MEMBER_SYMLINK;
	case TAR_HARDLINK:
		return MEMBER_HARDLINK;
	case TAR_CHARACTER:
	case TAR_BLOCKDEVICE:
	case TAR_FIFO:
		return MEMBER_OTHER;
	default:
		return MEMBER_NONE;
	}
}

/* pax beats GNU beats the header itself. */
static struct span choose(struct span pax, const char *gnu, const char *header)
{
	return pax.at ? pax : span_of(*gnu ? gnu : header);
}

static int read_target(struct tarin *t, const struct tar_header *h, struct member *m, struct err *e)
{
	struct span target = choose(t->pax.target, t->long_target, h->target);

	if (m->type != MEMBER_SYMLINK && m->type != MEMBER_HARDLINK)
		return 0;
	m->target = t->target;
	if (target.len == 0 || !span_copy(target, t->target, sizeof t->target))
		return err_say(e, "%s: link target is empty or too long", m->path);
	if (m->type == MEMBER_SYMLINK)
		return 0;
	return member_path(target.at, target.len, t->target, e) < 0
	               ? err_wrap(e, "%s: linked to", m->path)
	               : 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct xattr *)a)->name, ((const struct xattr *)b)->name);
}

static int decode_member(struct tarin *t, const struct tar_header *h, struct member *m,
                         struct err *e)
{
	struct span name = choose(t->pax.path, t->long_name, h->name);

	*m = (struct member){
		.type = type_of(h),
		.path = t->path,
		.mode = h->mode,
		.uid = t->pax.has_uid ? t->pax.uid : h->uid,
		.gid = t->pax.has_gid ? t->pax.gid : h->gid,
		.mtime = t->pax.has_mtime ? t->pax.mtime : (struct timespec){ h->mtime, 0 },
		.size = t->pax.has_size ? t->pax.size : h->size,
		.xattrs = { t->pax.n_xattrs, t->pax.xattrs },
	};
	qsort(m->xattrs.at, m->xattrs.n, sizeof *m->xattrs.at, by_name);
	if (member_path(name.at, name.len, t->path, e) < 0)
		return -1;
	if (m->type == MEMBER_NONE)
		return err_say(e, "%s: type %d of member is not known", t->path, (int)h->type);
	if (m->type != MEMBER_FILE && m->size != 0)
		return err_say(e, "%s: a %s with data", t->path, member_type_name(m->type));
	if (member_whiteout(m, t->path, e) < 0)
		return -1;
	return read_target(t, h, m, e);
}

/* Reads headers up to and with the next member's. 1: *m; 0: end; -1 with *e. */
static int next_member(struct tarin *t, struct member *m, struct err *e)
{
	char block[TAR_BLOCK];
	struct tar_header h;

	t->extended = false;
	t->long_name[0] = t->long_target[0] = '\0';
	t->pax.path = t->pax.target = (struct span){ NULL, 0 };
	t->pax.has_size = t->pax.has_mtime = t->pax.has_uid = t->pax.has_gid = false;
	t->pax.n_xattrs = 0;
	for (;;) {
		if (read_exactly(t, block, sizeof block, e) < 0)
			return -1;

		int found = tar_decode(block, &h, e);

		if (found < 0)
			return -1;
		if (found == 0)
			return t->extended ? err_say(e, "ends in the middle of a member") : 0;

		int more = read_extension(t, &h, e);

		if (more < 0)
			return -1;
		if (more == 0)
			return decode_member(t, &h, m, e) < 0 ? -1 : 1;
	}
}

/* To the end of the gzip file, so that its CRC is checked; only zeros may follow. */
static int read_to_end(struct tarin *t, struct err *e)
{
	ssize_t n;

	while ((n = gzin_read(&t->gz, t->scratch, sizeof t->scratch, e)) > 0)
		for (ssize_t i = 0; i < n; i++)
			if (t->scratch[i])
				return err_say(e, "bytes after the end of the archive");
	return n < 0 ? -1 : 0;
}

static int read_members(struct tarin *t, const struct sink *sink, struct err *e)
{
	const struct member_data data = { read_data, t };
	struct member m;
	int more;

	while ((more = next_member(t, &m, e)) > 0) {
		t->left = m.size;

		unsigned padding = tar_padding(m.size);

		if (sink->member(sink->ctx, &m, &data, e) < 0)
			return -1;
		if (skip(t, t->left + padding, e) < 0)
			return err_wrap(e, "%s", m.path);
	}
	return more < 0 ? -1 : read_to_end(t, e);
}

int tarin_read(int fd, uint64_t length, const struct sink *sink, struct err *e)
{
	return tarin_read_crypt(fd, length, NULL, sink, e);
}

int tarin_read_crypt(int fd, uint64_t length, const struct gzin_crypt *crypt,
                     const struct sink *sink, struct err *e)
{
	struct tarin *t = malloc(sizeof *t);
	int result = -1;

	if (!t)
		return err_sys(e, "archive");
	t->pax_bytes = NULL;
	t->pax_room = 0;
	if (gzin_open(&t->gz, fd, length, crypt, TARIN_MOST, e) == 0)
		result = read_members(t, sink, e);
	gzin_close(&t->gz);
	free(t->pax_bytes);
	free(t);
	return result;
}
