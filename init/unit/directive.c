#include "directive.h"

#include <string.h>

static const struct directive_piece *const pieces[] = {
	&directives_unit,    &directives_condition, &directives_service, &directives_exec,
	&directives_protect, &directives_cgroup,    &directives_socket,  &directives_other,
};

const struct directive *directive_row(unsigned i)
{
	for (size_t p = 0; p < sizeof pieces / sizeof *pieces; p++) {
		if (i < pieces[p]->n)
			return &pieces[p]->rows[i];
		i -= pieces[p]->n;
	}
	return NULL;
}

/* Where a name's search begins: made of what tells the documented names apart, as the
 * index is filled anew for each load, which reads only a few of them. */
static unsigned first_slot(struct span name)
{
	const unsigned char *at = (const unsigned char *)name.at;
	size_t last = name.len ? name.len - 1 : 0;
	unsigned sum = (unsigned)name.len * 61u;

	if (name.len)
		sum += at[0] * 5u + at[last] * 131u + at[last / 2] * 29u + at[last - last / 4] * 307u;
	return sum % DIRECTIVE_SLOTS;
}

void directive_index_fill(struct directive_index *x)
{
	const struct directive *row;

	memset(x, 0, sizeof *x);
	for (unsigned i = 0; (row = directive_row(i)); i++) {
		unsigned at = first_slot(span_of(row->name));

		while (x->slot[at])
			at = (at + 1) % DIRECTIVE_SLOTS;
		x->slot[at] = (uint16_t)(i + 1);
	}
}

int directive_find(const struct directive_index *x, struct span name, unsigned section)
{
	for (unsigned at = first_slot(name); x->slot[at];
	     at = (at + 1) % DIRECTIVE_SLOTS) {
		const struct directive *row = directive_row(x->slot[at] - 1u);

		if ((row->sections & section) && span_is(name, row->name))
			return x->slot[at] - 1;
	}
	return -1;
}

static const struct {
	const char *name;
	enum unit_type type;
	unsigned section;
} sections[] = {
	{ "Unit", UNIT_TYPE_NONE, IN_UNIT },
	{ "Install", UNIT_TYPE_NONE, IN_INSTALL },
	{ "Service", UNIT_SERVICE, IN_SERVICE },
	{ "Socket", UNIT_SOCKET, IN_SOCKET },
	{ "Target", UNIT_TARGET, IN_TARGET },
	{ "Timer", UNIT_TIMER, IN_TIMER },
	{ "Path", UNIT_PATH, IN_PATH },
	{ "Mount", UNIT_MOUNT, IN_MOUNT },
	{ "Automount", UNIT_AUTOMOUNT, IN_AUTOMOUNT },
	{ "Swap", UNIT_SWAP, IN_SWAP },
	{ "Slice", UNIT_SLICE, IN_SLICE },
	{ "Scope", UNIT_SCOPE, IN_SCOPE },
	{ "Device", UNIT_DEVICE, IN_DEVICE },
};

unsigned directive_section(struct span name)
{
	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
		if (span_is(name, sections[i].name))
			return sections[i].section;
	return 0;
}

unsigned directive_section_of(enum unit_type type)
{
	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
		if (sections[i].type == type && type != UNIT_TYPE_NONE)
			return sections[i].section;
	return 0;
}

bool directive_is_neutral(const struct directive *row, struct span value)
{
	struct span left, word;

	if (!row->neutral && value.len == 0)
		return true;
	if (row->only_paths) {
		span_cut(value, ':', &word, &left);
		return !left.at || !span_starts(left, "/");
	}
	left = span_of(row->neutral ? row->neutral : "no false off 0 n f");
	while (span_word(&left, " ", &word))
		if (word.len == value.len && memcmp(word.at, value.at, word.len) == 0)
			return true;
	return row->neutral && row->neutral[0] == '\0' && value.len == 0;
}

const char *directive_kind_name(enum directive_kind kind)
{
	static const char *const names[] = {
		[DIRECTIVE_NONE] = "unknown", [HONOURED] = "honoured", [HARMLESS] = "harmless",
		[UNSUPPORTED] = "unsupported", [PROTECTIVE] = "refused",
	};

	return names[kind];
}
