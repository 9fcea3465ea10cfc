/* path: where unit files are looked for, and what is there.
 *
 * Each directory of the search path is read once; looking a name up then costs
 * no system call. First directory wins.  */
#ifndef UNIT_PATH_H
#define UNIT_PATH_H

#include <sys/types.h>

#include "unit.h"

/* The search path of a running system, relative to its root; NULL ends. */
extern const char *const unit_search_path[];

enum { SEARCH_DIRS_MAX = 16, SEARCH_ENTRIES_MAX = 20000 };

struct search_entry {
	struct span name; /* terminated, too */
	uint8_t dir;     /* index into dirs: the order of the search path */
	bool is_link, is_dir;
};

struct search {
	int root;            /* borrowed */
	struct arena names;  /* owned */
	const char *dirs[SEARCH_DIRS_MAX]; /* those that exist */
	int fds[SEARCH_DIRS_MAX];          /* owned */
	unsigned dirs_n;
	struct search_entry *entries; /* sorted by name, then by dir */
	unsigned n;
	uint16_t *folders;   /* of the entries, those called NAME.d, NAME.wants and the like */
	unsigned folders_n;
};

/* 0, or -1 with *e: no memory. Directories that are not there are left out. */
int search_open(struct search *s, int root, const char *const *dirs, struct err *e);
void search_close(struct search *s);

/* The first entry called `name`, NULL when there is none; those of the same name
 * in later directories follow it. */
const struct search_entry *search_find(const struct search *s, struct span name);

/* "etc/systemd/system/NAME", relative to the root. False when it does not fit. */
bool search_path_of(const struct search *s, const struct search_entry *entry, char *buf,
                    size_t size);

/* What a name in the search path means. */
enum search_state { SEARCH_MISSING, SEARCH_FILE, SEARCH_MASKED, SEARCH_ALIAS };
struct search_found {
	enum search_state state;
	char path[512];                /* relative to the root; of FILE and MASKED */
	char alias[UNIT_NAME_SIZE];    /* of ALIAS: the name it stands for */
};

/* Looks `name` up, then its template. */
void search_unit(const struct search *s, struct span name, struct search_found *out);

/* Calls each() for the drop-in files of the unit `name` in the order in which
 * they count, with their path relative to the root. Masked ones are left out. */
void search_dropins(const struct search *s, struct span name,
                    void (*each)(void *ctx, const char *path), void *ctx);

/* Calls each() for every name in NAME.SUFFIX/ ("wants", "requires", "upholds"),
 * of the unit and its template. */
void search_links(const struct search *s, struct span name, const char *suffix,
                  void (*each)(void *ctx, struct span other), void *ctx);

#endif
