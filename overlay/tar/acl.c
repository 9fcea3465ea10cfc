#include "acl.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../../init/base/bytes.h"

enum { VERSION = 2, ENTRY = 8, NO_ID = -1 };

/* In the order in which the kernel wants them; the values are the kernel's. */
static const struct tag {
	const char *word;
	bool named; /* has an id */
	uint16_t value;
} tags[] = {
	{ "user", false, 0x01 }, { "user", true, 0x02 },  { "group", false, 0x04 },
	{ "group", true, 0x08 }, { "mask", false, 0x10 }, { "other", false, 0x20 },
};

static const size_t n_tags = sizeof tags / sizeof *tags;

int acl_to_text(const uint8_t *bytes, size_t len, char text[ACL_TEXT_MAX], struct err *e)
{
	size_t fill = 0;

	if (len < 4 || len > ACL_BYTES_MAX || (len - 4) % ENTRY != 0 || le32_get(bytes) != VERSION)
		return err_say(e, "ACL in a form that is not known");
	text[0] = '\0';
	for (const uint8_t *at = bytes + 4; at < bytes + len; at += ENTRY) {
		uint32_t value = le16_get(at), perm = le16_get(at + 2);
		const struct tag *tag = tags;
		char id[16] = "";

		while (tag < tags + n_tags && tag->value != value)
			tag++;
		if (tag == tags + n_tags || perm > 7)
			return err_say(e, "ACL in a form that is not known");
		if (tag->named)
			snprintf(id, sizeof id, "%u", le32_get(at + 4));
		fill += (size_t)snprintf(text + fill, ACL_TEXT_MAX - fill, "%s%s:%s:%c%c%c",
		                         fill ? "," : "", tag->word, id, perm & 4 ? 'r' : '-',
		                         perm & 2 ? 'w' : '-', perm & 1 ? 'x' : '-');
	}
	return (int)fill;
}

static bool read_perm(struct span text, uint32_t *perm)
{
	*perm = 0;
	for (size_t i = 0; i < text.len; i++)
		switch (text.at[i]) {
		case 'r':
			*perm |= 4;
			break;
		case 'w':
			*perm |= 2;
			break;
		case 'x':
			*perm |= 1;
			break;
		case '-':
			break;
		default:
			return false;
		}
	return text.len > 0 && text.len <= 3;
}

static bool read_id(struct span name, struct span number, uint32_t *id)
{
	uint64_t value;

	if (!span_uint(number.len ? number : name, UINT32_MAX - 1, &value))
		return false;
	*id = (uint32_t)value;
	return true;
}

static int read_entry(struct span entry, uint8_t *at, struct err *e)
{
	struct span word, name, perm_text, number, rest, whole = entry;
	uint32_t perm, id = (uint32_t)NO_ID;
	const struct tag *tag = tags;

	span_cut(entry, ':', &word, &rest);
	span_cut(rest, ':', &name, &rest);
	span_cut(rest, ':', &perm_text, &number);
	while (tag < tags + n_tags && !(span_is(word, tag->word) && tag->named == (name.len > 0)))
		tag++;
	if (tag == tags + n_tags || !read_perm(perm_text, &perm))
		return err_say(e, "ACL entry not understood: %.*s", SPAN_ARGS(whole));
	if (tag->named && !read_id(name, number, &id))
		return err_say(e, "ACL entry without a numeric id: %.*s", SPAN_ARGS(whole));
	le16_put(at, tag->value);
	le16_put(at + 2, (uint16_t)perm);
	le32_put(at + 4, id);
	return 0;
}

/* The kernel refuses an ACL out of order: by tag, then by id. */
static void sort_in(uint8_t *bytes, size_t last)
{
	uint8_t entry[ENTRY];
	uint8_t *at = bytes + 4 + last * ENTRY;

	memcpy(entry, at, ENTRY);
	for (; at > bytes + 4; at -= ENTRY) {
		const uint8_t *before = at - ENTRY;
		uint32_t tag = le16_get(before), mine = le16_get(entry);

		if (tag < mine || (tag == mine && le32_get(before + 4) <= le32_get(entry + 4)))
			break;
		memcpy(at, before, ENTRY);
	}
	memcpy(at, entry, ENTRY);
}

int acl_from_text(struct span text, uint8_t bytes[ACL_BYTES_MAX], struct err *e)
{
	struct span entry;
	size_t n = 0;

	le32_put(bytes, VERSION);
	while (span_word(&text, ",\n", &entry)) {
		entry = span_trim(entry);
		if (entry.len == 0 || entry.at[0] == '#')
			continue;
		if (n == ACL_ENTRIES_MAX)
			return err_say(e, "ACL of more than %d entries", ACL_ENTRIES_MAX);
		if (read_entry(entry, bytes + 4 + n * ENTRY, e) < 0)
			return -1;
		sort_in(bytes, n++);
	}
	if (n < 3)
		return err_say(e, "ACL without owner, group or others");
	return (int)(4 + n * ENTRY);
}
