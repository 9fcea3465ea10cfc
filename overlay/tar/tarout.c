#include "tarout.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl.h"
#include "tar.h"

enum { RECORD = 20 * TAR_BLOCK }; /* tar pads archives to this */
static const uint64_t octal_max = 077777777777;

void tarout_open(struct tarout *t,
                 int (*write)(void *ctx, const void *bytes, size_t len, struct err *e), void *ctx)
{
	t->write = write;
	t->ctx = ctx;
	t->pax = (struct pax_text){ 0 };
	t->members = 0;
	t->bytes = 0;
}

void tarout_drop(struct tarout *t)
{
	free(t->pax.at);
	t->pax = (struct pax_text){ 0 };
}

static int put(struct tarout *t, const void *bytes, size_t len, struct err *e)
{
	t->bytes += len;
	return t->write(t->ctx, bytes, len, e);
}

static int pad(struct tarout *t, uint64_t size, struct err *e)
{
	static const uint8_t zeros[TAR_BLOCK];

	return put(t, zeros, tar_padding(size), e);
}

/* The name as it stands in the archive: whiteouts as OCI has them, directories
 * with a slash. */
static int write_name(const struct member *m, char *name, size_t size, struct err *e)
{
	char parent[MEMBER_PATH_MAX];
	const char *last;
	int len;

	switch (m->type) {
	case MEMBER_WHITEOUT:
		last = member_split(m->path, parent);
		len = snprintf(name, size, "%s%s" WHITEOUT_PREFIX "%s", parent, *parent ? "/" : "",
		               last);
		break;
	case MEMBER_OPAQUE:
		len = snprintf(name, size, "%s/" WHITEOUT_OPAQUE, m->path);
		break;
	case MEMBER_DIRECTORY:
		len = snprintf(name, size, "%s/", *m->path ? m->path : ".");
		break;
	default:
		len = snprintf(name, size, "%s", m->path);
	}
	return len < 0 || (size_t)len >= size ? err_say(e, "%s: path too long", m->path) : 0;
}

static int add_number(struct pax_text *pax, const char *key, uint64_t value, struct err *e)
{
	char text[24];
	int len = snprintf(text, sizeof text, "%" PRIu64, value);

	return pax_add(pax, key, text, (size_t)len, e);
}

static int add_mtime(struct pax_text *pax, const struct timespec *mtime, struct err *e)
{
	int64_t seconds = mtime->tv_sec;
	long nanoseconds = mtime->tv_nsec;
	char text[48];

	if (seconds >= 0 && (uint64_t)seconds <= octal_max && nanoseconds == 0)
		return 0;
	/* a time before 1970 counts back from there */
	bool negative = seconds < 0;

	if (negative && nanoseconds > 0) {
		seconds++;
		nanoseconds = 1000000000 - nanoseconds;
	}

	int len = snprintf(text, sizeof text, "%s%" PRIu64, negative ? "-" : "",
	                   negative ? (uint64_t)-seconds : (uint64_t)seconds);

	if (nanoseconds > 0) {
		len += snprintf(text + len, sizeof text - (size_t)len, ".%09ld", nanoseconds);
		while (text[len - 1] == '0')
			len--;
	}
	return pax_add(pax, "mtime", text, (size_t)len, e);
}

static int add_xattr(struct pax_text *pax, const struct xattr *x, struct err *e)
{
	char text[ACL_TEXT_MAX], key[300];
	const bool access = strcmp(x->name, ACL_ACCESS) == 0;

	if (!access && strcmp(x->name, ACL_DEFAULT) != 0) {
		snprintf(key, sizeof key, "SCHILY.xattr.%s", x->name);
		return pax_add(pax, key, x->value, x->len, e);
	}

	int len = acl_to_text(x->value, x->len, text, e);

	return len < 0 ? -1
	               : pax_add(pax, access ? "SCHILY.acl.access" : "SCHILY.acl.default", text,
	                         (size_t)len, e);
}

static int add_text(struct pax_text *pax, const char *key, const char *value, struct err *e)
{
	return pax_add(pax, key, value, strlen(value), e);
}

static int collect(struct pax_text *pax, const struct member *m, const char *name, struct err *e)
{
	pax->len = 0;
	if (!tar_name_fits(name) && add_text(pax, "path", name, e) < 0)
		return -1;
	if (m->target && strlen(m->target) > 100 && add_text(pax, "linkpath", m->target, e) < 0)
		return -1;
	if (m->uid > 2097151 && add_number(pax, "uid", m->uid, e) < 0)
		return -1;
	if (m->gid > 2097151 && add_number(pax, "gid", m->gid, e) < 0)
		return -1;
	if (m->size > octal_max && add_number(pax, "size", m->size, e) < 0)
		return -1;
	if (add_mtime(pax, &m->mtime, e) < 0)
		return -1;
	for (size_t i = 0; i < m->xattrs.n; i++)
		if (add_xattr(pax, &m->xattrs.at[i], e) < 0)
			return -1;
	return 0;
}

static int write_pax(struct tarout *t, struct err *e)
{
	struct tar_header h = {
		.type = TAR_PAX, .name = "PaxHeaders/member", .mode = 0644, .size = t->pax.len
	};
	char block[TAR_BLOCK];

	if (t->pax.len == 0)
		return 0;
	tar_encode(&h, block);
	if (put(t, block, sizeof block, e) < 0 || put(t, t->pax.at, t->pax.len, e) < 0)
		return -1;
	return pad(t, t->pax.len, e);
}

static int write_header(struct tarout *t, const struct member *m, const char *name, struct err *e)
{
	static const enum tar_type types[] = {
		[MEMBER_FILE] = TAR_FILE,       [MEMBER_DIRECTORY] = TAR_DIRECTORY,
		[MEMBER_SYMLINK] = TAR_SYMLINK, [MEMBER_HARDLINK] = TAR_HARDLINK,
		[MEMBER_WHITEOUT] = TAR_FILE,   [MEMBER_OPAQUE] = TAR_FILE,
	};
	struct tar_header h = {
		.type = types[m->type],
		.mode = m->mode,
		.uid = m->uid,
		.gid = m->gid,
		.mtime = m->mtime.tv_sec,
		.size = m->size,
	};
	char block[TAR_BLOCK];

	/* cut where a pax record says it in full */
	snprintf(h.name, sizeof h.name, "%.256s", name);
	if (!tar_name_fits(name))
		h.name[100] = '\0';
	snprintf(h.target, sizeof h.target, "%.100s", m->target ? m->target : "");
	tar_encode(&h, block);
	return put(t, block, sizeof block, e);
}

static int write_data(struct tarout *t, const struct member *m, const struct member_data *data,
                      struct err *e)
{
	uint64_t left = m->size;
	ssize_t n = 0;

	while (left > 0 &&
	       (n = data->read(data->ctx, t->buf,
	                       left < sizeof t->buf ? (size_t)left : sizeof t->buf, e)) > 0) {
		if (put(t, t->buf, (size_t)n, e) < 0)
			return -1;
		left -= (uint64_t)n;
	}
	if (n < 0)
		return -1;
	if (left == 0)
		return pad(t, m->size, e);
	err_say(e, "%s: it changed while it was saved", m->path);
	e->code = ESTALE;
	return -1;
}

int tarout_member(void *tarout, const struct member *m, const struct member_data *data,
                  struct err *e)
{
	struct tarout *t = tarout;
	char name[MEMBER_PATH_MAX + 16];

	if (write_name(m, name, sizeof name, e) < 0)
		return -1;
	if (collect(&t->pax, m, name, e) < 0)
		return err_wrap(e, "%s", m->path);
	if (write_pax(t, e) < 0 || write_header(t, m, name, e) < 0)
		return -1;
	if (m->type == MEMBER_FILE && write_data(t, m, data, e) < 0)
		return -1;
	t->members++;
	return 0;
}

int tarout_finish(struct tarout *t, struct err *e)
{
	static const uint8_t zeros[2 * TAR_BLOCK];
	uint64_t whole = (t->bytes + sizeof zeros + RECORD - 1) / RECORD * RECORD;

	while (t->bytes < whole)
		if (put(t, zeros,
		        whole - t->bytes < sizeof zeros ? (size_t)(whole - t->bytes) : sizeof zeros,
		        e) < 0)
			return -1;
	return 0;
}
