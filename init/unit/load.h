/* load: the state of a load while it runs; private to init/unit.
 *
 * A loader makes units out of names: load_intern gives a name its index (and
 * queues the unit for reading), read_unit reads one unit's files into a draft.
 * What lasts is taken from `arena`; working memory is in `work`, a mapping of
 * its own that goes away with the loader.  */
#ifndef UNIT_LOAD_H
#define UNIT_LOAD_H

#include "directive.h"
#include "path.h"
#include "set.h"
#include "specifier.h"
#include "unitfile.h"

enum {
	LOAD_DIRECTIVES_MAX = 1024, /* rows in the table, at most */
	LOAD_MESSAGES_MAX = 1000,
	LOAD_EDGES_MAX = 60000,
	LOAD_NAMES_MAX = 4096, /* units and aliases */
	LOAD_NAME_SLOTS = 8192,
	LOAD_IGNORES_MAX = 64,
	LOAD_ALIAS_DEPTH = 8,
};

/* Edges of one unit are a list, in the order in which they came up. */
struct unit_edge {
	uint16_t from, to;
	uint16_t kind; /* enum unit_dep; UNIT_DEPS: taken out again */
	uint16_t next; /* of the same `from`: position + 1; 0: the last */
};

struct unit_alias {
	const char *name;
	uint16_t index;
};

/* Told of each line of a unit file: `verdict` is NONE for a line that is unknown
 * or wrong, and `text` says why ("" where the kind says it all). */
struct load_watch {
	void (*line)(void *ctx, const char *file, const struct unitfile_line *line,
	             enum directive_kind verdict, const char *text);
	void (*ignored)(void *ctx, const char *name); /* a word of X-Slate-Ignore= that counts */
	void *ctx;
};

/* A protective directive that a file asks for. */
struct load_ask {
	bool asked;
	unsigned line;
	const char *file;
};

struct load_work {
	char file[UNIT_FILE_MAX + 1];
	char joined[UNITFILE_VALUE_MAX];
	char word[UNITFILE_VALUE_MAX];
	char expanded[UNITFILE_VALUE_MAX];
	struct directive_index index;
	struct load_ask asks[LOAD_DIRECTIVES_MAX]; /* of the draft that is read now */
	struct unit *units[UNIT_SET_MAX];
	struct unit_edge edges[LOAD_EDGES_MAX];
	uint16_t edge_first[UNIT_SET_MAX], edge_last[UNIT_SET_MAX]; /* position + 1; 0: none */
	struct unit_alias names[LOAD_NAMES_MAX];
	uint16_t name_slot[LOAD_NAME_SLOTS]; /* position in names + 1; 0: free */
	bool has_links[LOAD_NAMES_MAX]; /* by position in names: NAME.wants/ has been read */
	struct unit_message messages[LOAD_MESSAGES_MAX];
};

struct loader {
	struct arena *arena;
	struct load_work *work; /* owned */
	struct search search;
	struct machine machine;
	const struct load_watch *watch; /* NULL: nobody */
	const char *outside;    /* a file that is not below the root; NULL: none */
	unsigned n, first;      /* units; the first that this load made */
	unsigned edges_n, names_n, messages_n, messages_lost;
	bool too_many;          /* units, names or edges */
};

/* A unit while its files are read. */
struct draft {
	struct unit *unit;
	struct service_config *service; /* always there, kept only for services */
	struct sandbox sandbox;         /* kept only where a line asks for something of it */
	bool is_sandboxed;
	unsigned index;
	const char *file; /* being read; with leading slash */
	unsigned line;
	bool is_dropin, is_admin; /* is_admin: below /etc/slate/system or /etc/systemd/system */
	bool is_run;              /* false: units of the type are only read; one message says it */

	bool type_set, bus_name_set, timeout_start_set, timeout_abort_set, exec_start_set;
	bool trigger_set; /* Unit= or Service= named what is triggered */
	unsigned asks_n;  /* how many of load_work's asks were set */
	char bad[512]; /* first error; "" while the unit is fine */
	const char *ignores[LOAD_IGNORES_MAX]; /* X-Slate-Ignore= */
	unsigned ignores_n;
};

/* `set` may be empty (n 0); its units keep their indices. 0, or -1 with *e. */
int loader_open(struct loader *l, struct unit_set *set, const struct unit_source *source,
                struct err *e);
void loader_close(struct loader *l); /* the arena stays */

/* The index of the unit `name`, found or newly queued; UNIT_NONE when the name is
 * none, a template, or there is no room. Follows aliases. */
unsigned load_intern(struct loader *l, struct span name);

/* Adds the edge and its inverse; a unit's edge to itself is left out. */
void load_edge(struct loader *l, unsigned from, enum unit_dep kind, unsigned to);
bool load_has_edge(const struct loader *l, unsigned from, enum unit_dep kind, unsigned to);

/* Adds a message; `d` gives file and line, NULL: none. */
void load_say(struct loader *l, const struct draft *d, enum unit_severity severity,
              const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* read.c: reads the files of unit `index`; units it names are interned. Never
 * fails: what is wrong is in the unit's load state. */
void load_unit(struct loader *l, unsigned index);

/* read.c: reads NAME.wants/ and the like for aliases that came up after their unit
 * had been read. True when there were any: new units may be queued. */
bool load_late_links(struct loader *l);

/* text.c: interprets the text of one file for the draft. */
void load_text(struct loader *l, struct draft *d, struct span text);
extern const struct unit unit_default;
extern const struct service_config service_default;
extern const struct sandbox sandbox_default;

/* finish.c: fills in what the files left open, and checks the whole. */
void load_finish(struct loader *l, struct draft *d);

/* implied.c: what type, name and DefaultDependencies= imply. The second is for
 * targets, once all units are read. */
void load_implied(struct loader *l, struct draft *d);
void load_implied_of_targets(struct loader *l);

/* loops.c: finds ordering loops and takes one link out of each. */
void load_break_loops(struct loader *l);

/* graph.c: makes the set's lists of what was gathered. Messages are kept of the
 * units that `roots` pull in. */
void load_commit(struct loader *l, struct unit_set *set, const uint16_t *roots, unsigned roots_n);

#endif
