/* directive: one table of every directive that systemd documents, and its kind.
 *
 * The table is in pieces by subject (directives_unit.c, directives_service.c,
 * …); a further directive is a row. What the rows fill is the unit being read
 * (struct draft). Names: systemd.directives(7).  */
#ifndef UNIT_DIRECTIVE_H
#define UNIT_DIRECTIVE_H

#include "sandbox.h"
#include "unit.h"

enum directive_kind {
	DIRECTIVE_NONE,
	HONOURED,    /* done as documented */
	HARMLESS,    /* ignored, and nothing is lost by it that anybody would miss */
	UNSUPPORTED, /* not done; the unit runs, and loading it warns */
	PROTECTIVE,  /* not done; the unit is refused unless the administrator overrides it */
};

enum directive_section {
	IN_UNIT = 1 << 0,
	IN_INSTALL = 1 << 1,
	IN_SERVICE = 1 << 2,
	IN_SOCKET = 1 << 3,
	IN_MOUNT = 1 << 4,
	IN_AUTOMOUNT = 1 << 5,
	IN_SWAP = 1 << 6,
	IN_TIMER = 1 << 7,
	IN_PATH = 1 << 8,
	IN_SLICE = 1 << 9,
	IN_SCOPE = 1 << 10,
	IN_TARGET = 1 << 11,
	IN_DEVICE = 1 << 12,

	IN_EXEC = IN_SERVICE | IN_SOCKET | IN_MOUNT | IN_SWAP,          /* systemd.exec(5) */
	IN_KILL = IN_EXEC | IN_SCOPE,                                   /* systemd.kill(5) */
	IN_CGROUP = IN_EXEC | IN_SCOPE | IN_SLICE,                      /* systemd.resource-control(5) */
};

enum directive_base { BASE_NONE, BASE_UNIT, BASE_SERVICE, BASE_SANDBOX };

struct draft;   /* load.h */
struct loader;
struct directive;

/* One assignment on its way into the draft. */
struct setting {
	struct loader *loader;
	struct draft *draft;
	const struct directive *row;
	void *member;      /* what the row points at; NULL for BASE_NONE */
	struct span value; /* trimmed, specifiers not yet filled in */
};

struct directive {
	const char *name;
	unsigned sections; /* IN_… */
	enum directive_kind kind;

	/* HONOURED only. 0, or -1 with *e: the value is bad. */
	int (*parse)(const struct setting *s, struct err *e);
	enum directive_base base; /* of offset and size: the member that is filled */
	size_t offset, size;
	int64_t arg, max;           /* as the parser has it */
	const char *const *choices; /* of parse_choice: index is the value; NULL ends */
	bool takes_empty; /* an empty value is the parser's; else it restores the default */
	bool strict;      /* a bad value makes the unit bad, instead of being left out */

	/* PROTECTIVE and UNSUPPORTED: blank-separated values that ask for nothing.
	 * NULL: "no", "false", "off", "0" and the empty one; "": the empty one. */
	const char *neutral;
	bool only_paths; /* asks for something only when it names an absolute path after a colon */
};

#define FIELD_OF(kind, type, member) \
	.base = kind, .offset = offsetof(type, member), .size = sizeof ((type *)0)->member
#define FIELD_UNIT(member) FIELD_OF(BASE_UNIT, struct unit, member)
#define FIELD_SERVICE(member) FIELD_OF(BASE_SERVICE, struct service_config, member)
#define FIELD_EXEC(member) FIELD_OF(BASE_SERVICE, struct service_config, exec_config.member)

#define FIELD_SANDBOX(member) FIELD_OF(BASE_SANDBOX, struct sandbox, member)

/* The rows, in order, over all the pieces; NULL past the last. */
const struct directive *directive_row(unsigned i);

/* Finds rows by name and section in constant time. Fill it once. */
enum { DIRECTIVE_SLOTS = 2048 };
struct directive_index {
	uint16_t slot[DIRECTIVE_SLOTS]; /* row + 1; 0: free */
};
void directive_index_fill(struct directive_index *x);

/* The row's number, or -1: no such directive there. */
int directive_find(const struct directive_index *x, struct span name, unsigned section);

/* The bit for a section's name; 0: none. */
unsigned directive_section(struct span name);
/* The section that units of `type` have besides [Unit] and [Install]. */
unsigned directive_section_of(enum unit_type type);

/* True when a value for a row that is not honoured asks for nothing. */
bool directive_is_neutral(const struct directive *row, struct span value);

const char *directive_kind_name(enum directive_kind kind); /* "honoured", … "refused" */

/* The pieces. */
struct directive_piece {
	const struct directive *rows;
	unsigned n;
};
extern const struct directive_piece directives_unit, directives_condition, directives_service,
	directives_exec, directives_protect, directives_cgroup, directives_socket, directives_other;

#endif
