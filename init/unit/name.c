#include "name.h"

#include <string.h>

static const char *const types[UNIT_TYPES] = {
	[UNIT_SERVICE] = "service", [UNIT_SOCKET] = "socket",       [UNIT_TARGET] = "target",
	[UNIT_TIMER] = "timer",     [UNIT_PATH] = "path",           [UNIT_MOUNT] = "mount",
	[UNIT_SWAP] = "swap",       [UNIT_AUTOMOUNT] = "automount", [UNIT_SLICE] = "slice",
	[UNIT_SCOPE] = "scope",     [UNIT_DEVICE] = "device",
};

const char *unit_type_name(enum unit_type type)
{
	return type > UNIT_TYPE_NONE && type < UNIT_TYPES ? types[type] : "none";
}

enum unit_type name_type(struct span suffix)
{
	if (suffix.len && suffix.at[0] == '.')
		suffix = span_from(suffix, 1);
	for (int t = UNIT_TYPE_NONE + 1; t < UNIT_TYPES; t++)
		if (span_is(suffix, types[t]))
			return (enum unit_type)t;
	return UNIT_TYPE_NONE;
}

static bool is_allowed(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '-' && c <= ':' && c != '/') ||
	       c == '_' || c == '\\' || c == '@';
}

static size_t last_of(struct span s, char c)
{
	size_t i = s.len;

	while (i && s.at[i - 1] != c)
		i--;
	return i ? i - 1 : s.len;
}

bool name_parse(struct span name, struct name_parts *out)
{
	size_t dot = last_of(name, '.');

	*out = (struct name_parts){ 0 };
	if (name.len >= UNIT_NAME_SIZE || dot == 0 || dot >= name.len)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!is_allowed(name.at[i]))
			return false;
	out->suffix = span_from(name, dot);
	out->type = name_type(out->suffix);
	span_cut((struct span){ name.at, dot }, '@', &out->prefix, &out->instance);
	return out->prefix.len > 0 && out->type != UNIT_TYPE_NONE;
}

bool name_is_template(const struct name_parts *p)
{
	return p->instance.at && p->instance.len == 0;
}

bool name_is_instance(const struct name_parts *p)
{
	return p->instance.at && p->instance.len > 0;
}

bool name_template(const struct name_parts *p, char *buf, size_t size)
{
	struct span parts[] = { p->prefix, { "@", 1 }, p->suffix };

	return span_join(parts, 3, buf, size);
}

bool name_instance(struct span name, struct span instance, char *buf, size_t size)
{
	struct name_parts p;

	if (!name_parse(name, &p))
		return false;
	if (!name_is_template(&p) || instance.len == 0)
		return span_copy(name, buf, size);

	struct span parts[] = { p.prefix, { "@", 1 }, instance, p.suffix };

	return span_join(parts, 4, buf, size) && name_parse(span_of(buf), &p);
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool name_unescape(struct span text, char *buf, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < text.len; i++, used++) {
		char c = text.at[i];

		if (used + 1 >= size)
			return false;
		if (c == '\\' && i + 3 < text.len && text.at[i + 1] == 'x' &&
		    hex(text.at[i + 2]) >= 0 && hex(text.at[i + 3]) >= 0) {
			c = (char)(hex(text.at[i + 2]) << 4 | hex(text.at[i + 3]));
			i += 3;
		} else if (c == '-') {
			c = '/';
		}
		if (c == '\0')
			return false;
		buf[used] = c;
	}
	if (size == 0)
		return false;
	buf[used] = '\0';
	return true;
}

static bool escape_char(char c, bool first, char *buf, size_t size, size_t *used)
{
	static const char digits[] = "0123456789abcdef";
	bool plain = is_allowed(c) && c != '-' && c != '\\' && c != '@' && !(c == '.' && first);

	if (size - *used < 5)
		return false;
	if (c == '/') {
		buf[(*used)++] = '-';
	} else if (plain) {
		buf[(*used)++] = c;
	} else {
		const char text[] = { '\\', 'x', digits[(unsigned char)c >> 4], digits[c & 15] };

		memcpy(buf + *used, text, sizeof text);
		*used += sizeof text;
	}
	buf[*used] = '\0';
	return true;
}

bool name_escape_path(struct span path, char *buf, size_t size)
{
	struct span part;
	size_t used = 0;

	if (size < 2)
		return false;
	while (span_word(&path, "/", &part)) {
		if (used && !escape_char('/', false, buf, size, &used))
			return false;
		for (size_t i = 0; i < part.len; i++)
			if (!escape_char(part.at[i], used == 0, buf, size, &used))
				return false;
	}
	return used ? true : span_copy(span_of("-"), buf, size);
}

bool name_typed(const char *text, char *buf, size_t size)
{
	struct span name = span_of(text);
	struct name_parts p;

	if (name_parse(name, &p))
		return span_copy(name, buf, size);

	struct span parts[] = { name, { ".service", 8 } };

	return span_join(parts, 2, buf, size) && name_parse(span_of(buf), &p);
}

uint32_t name_hash(struct span name)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < name.len; i++)
		hash = (hash ^ (unsigned char)name.at[i]) * 16777619u;
	return hash ^ hash >> 15;
}

struct span name_base(struct span path)
{
	size_t slash = last_of(path, '/');

	return slash < path.len ? span_from(path, slash + 1) : path;
}
