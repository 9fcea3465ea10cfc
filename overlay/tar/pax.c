#include "pax.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XATTR_KEY "SCHILY.xattr."

/* Takes a record off *text. 1: there is one; 0: the end; -1: malformed. */
static int next_record(struct span *text, struct span *key, struct span *value)
{
	struct span number, rest;
	uint64_t len;

	if (text->len == 0)
		return 0;
	span_cut(*text, ' ', &number, &rest);
	if (!rest.at || number.len > 6 || !span_uint(number, PAX_MAX, &len))
		return -1;
	if (len > text->len || len < number.len + 3 || text->at[len - 1] != '\n')
		return -1;

	struct span record = { rest.at, len - number.len - 2 };

	span_cut(record, '=', key, value);
	*text = span_from(*text, len);
	return value->at && key->len > 0 ? 1 : -1;
}

/* "-12.5" is 12.5 s before 1970: tv_nsec counts forward from the second below. */
static bool read_time(struct span value, struct timespec *out)
{
	bool negative = span_starts(value, "-");
	struct span whole, fraction;
	uint64_t seconds;
	long nanoseconds = 0;

	span_cut(span_from(value, negative ? 1 : 0), '.', &whole, &fraction);
	if (!span_uint(whole, INT64_MAX / 2, &seconds))
		return false;
	for (size_t i = 0; i < 9; i++) {
		char digit = i < fraction.len ? fraction.at[i] : '0';

		if (digit < '0' || digit > '9')
			return false;
		nanoseconds = nanoseconds * 10 + (digit - '0');
	}
	*out = (struct timespec){ negative ? -(time_t)seconds : (time_t)seconds, nanoseconds };
	if (negative && nanoseconds > 0)
		*out = (struct timespec){ out->tv_sec - 1, 1000000000 - nanoseconds };
	return true;
}

static int take_xattr(struct pax *p, const char *name, const void *value, size_t len, struct err *e)
{
	size_t i = 0;

	/* a later record replaces an earlier one of the same key */
	while (i < p->n_xattrs && strcmp(p->xattrs[i].name, name) != 0)
		i++;
	if (i == PAX_XATTRS)
		return err_say(e, "more than %d extended attributes", PAX_XATTRS);
	snprintf(p->names[i], sizeof p->names[i], "%s", name);
	p->xattrs[i] = (struct xattr){ p->names[i], value, len };
	p->n_xattrs += i == p->n_xattrs;
	return 0;
}

static int take_acl(struct pax *p, int which, struct span value, struct err *e)
{
	int len = acl_from_text(value, p->acls[which], e);

	return len < 0 ? -1
	               : take_xattr(p, which ? ACL_DEFAULT : ACL_ACCESS, p->acls[which],
	                            (size_t)len, e);
}

static int take_named_xattr(struct pax *p, struct span name, struct span value, struct err *e)
{
	char text[256];

	if (!span_copy(name, text, sizeof text) || !*text)
		return err_say(e, "extended attribute with a bad name");
	return take_xattr(p, text, value.at, value.len, e);
}

static int take_path(struct span *into, struct span value, struct err *e)
{
	if (value.len == 0 || memchr(value.at, '\0', value.len))
		return err_say(e, "name with a NUL byte, or empty");
	*into = value;
	return 0;
}

static int take_id(bool *has, uint32_t *id, struct span value, struct err *e)
{
	uint64_t number;

	if (!span_uint(value, UINT32_MAX - 1, &number))
		return err_say(e, "owner or group is not a number: %.*s", SPAN_ARGS(value));
	*has = true;
	*id = (uint32_t)number;
	return 0;
}

/* 1: taken; 0: a key that means nothing here; -1 with *e. */
static int take(struct pax *p, struct span key, struct span value, struct err *e)
{
	if (span_is(key, "path"))
		return take_path(&p->path, value, e) < 0 ? -1 : 1;
	if (span_is(key, "linkpath"))
		return take_path(&p->target, value, e) < 0 ? -1 : 1;
	if (span_is(key, "uid"))
		return take_id(&p->has_uid, &p->uid, value, e) < 0 ? -1 : 1;
	if (span_is(key, "gid"))
		return take_id(&p->has_gid, &p->gid, value, e) < 0 ? -1 : 1;
	if (span_is(key, "size"))
		return (p->has_size = span_uint(value, INT64_MAX - 512, &p->size))
		               ? 1
		               : err_say(e, "size is not a number: %.*s", SPAN_ARGS(value));
	if (span_is(key, "mtime"))
		return (p->has_mtime = read_time(value, &p->mtime))
		               ? 1
		               : err_say(e, "time is not a number: %.*s", SPAN_ARGS(value));
	if (span_is(key, "SCHILY.acl.access"))
		return take_acl(p, 0, value, e) < 0 ? -1 : 1;
	if (span_is(key, "SCHILY.acl.default"))
		return take_acl(p, 1, value, e) < 0 ? -1 : 1;
	if (span_starts(key, XATTR_KEY))
		return take_named_xattr(p, span_from(key, sizeof XATTR_KEY - 1), value, e) < 0 ? -1
		                                                                               : 1;
	if (span_starts(key, "GNU.sparse."))
		return err_say(e, "sparse file");
	return 0;
}

int pax_decode(struct span text, struct pax *out, struct err *e)
{
	struct span key, value;
	int more;

	while ((more = next_record(&text, &key, &value)) > 0)
		if (take(out, key, value, e) < 0)
			return -1;
	return more < 0 ? err_say(e, "malformed pax header") : 0;
}

int pax_decode_global(struct span text, struct err *e)
{
	struct pax *ignored = calloc(1, sizeof *ignored);
	struct span key, value;
	int more, taken = 0;

	if (!ignored)
		return err_sys(e, "global header");
	while (taken == 0 && (more = next_record(&text, &key, &value)) > 0)
		taken = take(ignored, key, value, e);
	free(ignored);
	if (taken > 0)
		return err_say(e, "global pax header sets %.*s", SPAN_ARGS(key));
	return taken < 0 ? -1 : more < 0 ? err_say(e, "malformed pax header") : 0;
}

static size_t digits(size_t n)
{
	size_t count = 1;

	while (n >= 10)
		n /= 10, count++;
	return count;
}

static int reserve(struct pax_text *text, size_t more, struct err *e)
{
	size_t size = text->size ? text->size : 1024;

	if (text->len + more > PAX_MAX)
		return err_say(e, "more than %d KiB of attributes", PAX_MAX / 1024);
	while (size < text->len + more)
		size *= 2;
	if (size > text->size) {
		char *at = realloc(text->at, size);

		if (!at)
			return err_sys(e, "attributes");
		text->at = at;
		text->size = size;
	}
	return 0;
}

int pax_add(struct pax_text *text, const char *key, const void *value, size_t len, struct err *e)
{
	size_t rest = strlen(key) + len + 3; /* blank, "=", newline */
	size_t whole = rest + digits(rest);

	/* the number counts its own digits */
	if (rest + digits(whole) > whole)
		whole++;
	if (reserve(text, whole + 1, e) < 0)
		return -1;
	text->len += (size_t)sprintf(text->at + text->len, "%zu %s=", whole, key);
	memcpy(text->at + text->len, value, len);
	text->len += len;
	text->at[text->len++] = '\n';
	return 0;
}
