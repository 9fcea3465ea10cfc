#include "tar.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Chars only: may lie at any address. */
struct ustar {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, target[100];
	char magic[6], version[2], uname[32], gname[32], major[8], minor[8], prefix[155], rest[12];
};

_Static_assert(sizeof(struct ustar) == TAR_BLOCK, "a ustar header is one block");

enum { UID_FIELD_MAX = 2097151 };                    /* seven octal digits */
static const uint64_t size_field_max = 077777777777; /* eleven */

#define FIELD(f) (f), sizeof(f)

/* Bytes after the first byte with the top bit set are a big-endian two's complement
 * number, GNU's way for what octal can't hold. */
static bool read_binary(const char *field, size_t len, int64_t min, int64_t max, int64_t *out)
{
	const bool negative = field[0] & 0x40;
	uint64_t value = negative ? UINT64_MAX : 0;

	for (size_t i = 0; i < len; i++) {
		uint8_t byte = (uint8_t)field[i];

		if (i == 0)
			byte = negative ? byte : byte & 0x7f;
		/* what is shifted out must be copies of the sign */
		if ((value >> 56) != (negative ? 0xff : 0))
			return false;
		value = value << 8 | byte;
	}
	*out = (int64_t)value;
	return negative == (*out < 0) && *out >= min && *out <= max;
}

static bool read_octal(const char *field, size_t len, int64_t max, int64_t *out)
{
	uint64_t value = 0;
	size_t i = 0;

	while (i < len && field[i] == ' ')
		i++;
	for (; i < len && field[i] >= '0' && field[i] <= '7'; i++) {
		if (value >> 60)
			return false;
		value = value << 3 | (uint64_t)(field[i] - '0');
	}
	for (; i < len; i++)
		if (field[i] != ' ' && field[i] != '\0')
			return false;
	*out = (int64_t)value;
	return value <= (uint64_t)max;
}

static bool read_number(const char *field, size_t len, int64_t min, int64_t max, int64_t *out)
{
	if ((unsigned char)field[0] & 0x80)
		return read_binary(field, len, min, max, out);
	return read_octal(field, len, max, out);
}

static uint32_t checksum(const char block[TAR_BLOCK])
{
	const struct ustar *h = (const void *)block;
	uint32_t sum = 0;

	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += (unsigned char)block[i];
	for (size_t i = 0; i < sizeof h->sum; i++)
		sum += (unsigned)' ' - (unsigned char)h->sum[i];
	return sum;
}

static void read_name(const struct ustar *h, struct tar_header *out)
{
	/* GNU's magic is "ustar  ": its prefix field holds other things */
	const bool has_prefix = memcmp(h->magic, "ustar", 6) == 0 && h->prefix[0];

	snprintf(out->name, sizeof out->name, "%.*s%s%.*s", has_prefix ? (int)sizeof h->prefix : 0,
	         h->prefix, has_prefix ? "/" : "", (int)sizeof h->name, h->name);
	snprintf(out->target, sizeof out->target, "%.*s", (int)sizeof h->target, h->target);
}

static enum tar_type read_type(const struct ustar *h, const char *name)
{
	const size_t len = strlen(name);

	if (h->type != '\0' && h->type != '0' && h->type != '7')
		return (enum tar_type)(unsigned char)h->type;
	/* the old format has no directories but by their names */
	return len > 0 && name[len - 1] == '/' ? TAR_DIRECTORY : TAR_FILE;
}

int tar_decode(const char block[TAR_BLOCK], struct tar_header *out, struct err *e)
{
	static const char zeros[TAR_BLOCK];
	const struct ustar *h = (const void *)block;
	int64_t sum, mode, uid, gid, size, mtime;

	*out = (struct tar_header){ 0 };
	if (memcmp(block, zeros, TAR_BLOCK) == 0)
		return 0;
	if (!read_octal(FIELD(h->sum), UINT32_MAX, &sum) || sum != checksum(block))
		return err_say(e, "not a tar header (checksum does not match)");
	read_name(h, out);
	out->type = read_type(h, out->name);
	if (!read_number(FIELD(h->mode), 0, UINT32_MAX, &mode) ||
	    !read_number(FIELD(h->uid), 0, UINT32_MAX - 1, &uid) ||
	    !read_number(FIELD(h->gid), 0, UINT32_MAX - 1, &gid) ||
	    !read_number(FIELD(h->size), 0, INT64_MAX - TAR_BLOCK, &size) ||
	    !read_number(FIELD(h->mtime), INT64_MIN / 2, INT64_MAX / 2, &mtime))
		return err_say(e, "%s: a number in its tar header is out of range", out->name);
	out->mode = (uint32_t)mode & 07777;
	out->uid = (uint32_t)uid;
	out->gid = (uint32_t)gid;
	out->size = (uint64_t)size;
	out->mtime = mtime;
	return 1;
}

/* Where to cut `name` in two at a slash for prefix and name; -1: can't be done. */
static int split_at(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = len > 101 ? len - 101 : 1; i < len && i <= 155; i++)
		if (name[i] == '/' && i + 1 < len)
			return (int)i;
	return -1;
}

int tar_name_fits(const char *name)
{
	return strlen(name) <= 100 || split_at(name) > 0;
}

static void octal(char *field, size_t len, uint64_t value)
{
	field[len - 1] = '\0';
	for (size_t i = len - 1; i-- > 0; value >>= 3)
		field[i] = (char)('0' + (value & 7));
}

static void text(char *field, size_t size, const char *from, size_t len)
{
	memcpy(field, from, len < size ? len : size);
}

static void write_name(struct ustar *h, const char *name)
{
	int cut = strlen(name) > 100 ? split_at(name) : 0;

	if (cut > 0) {
		text(FIELD(h->prefix), name, (size_t)cut);
		name += cut + 1;
	}
	text(FIELD(h->name), name, strlen(name));
}

void tar_encode(const struct tar_header *from, char block[TAR_BLOCK])
{
	struct ustar *h = (void *)block;

	memset(block, 0, TAR_BLOCK);
	write_name(h, from->name);
	octal(FIELD(h->mode), from->mode);
	octal(FIELD(h->uid), from->uid <= UID_FIELD_MAX ? from->uid : 0);
	octal(FIELD(h->gid), from->gid <= UID_FIELD_MAX ? from->gid : 0);
	octal(FIELD(h->size), from->size <= size_field_max ? from->size : 0);
	octal(FIELD(h->mtime), from->mtime >= 0 && (uint64_t)from->mtime <= size_field_max
	                               ? (uint64_t)from->mtime
	                               : 0);
	h->type = (char)from->type;
	text(FIELD(h->target), from->target, strlen(from->target));
	memcpy(h->magic, "ustar", 6);
	memcpy(h->version, "00", 2);
	octal(FIELD(h->major), 0);
	octal(FIELD(h->minor), 0);
	octal(h->sum, sizeof h->sum - 1, checksum(block));
	h->sum[7] = ' ';
}

unsigned tar_padding(uint64_t size)
{
	return (unsigned)((TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK);
}
