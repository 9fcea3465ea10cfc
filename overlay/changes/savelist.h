/* savelist: which paths a save keeps.
 *
 * Lines of /etc/slate/save.list and of Alpine's /etc/apk/protected_paths.d (NAME.list):
 *
 *     +path    keep it and what is below it ("!path" too)
 *     -path    leave it out, with what is below it
 *     @path    keep symbolic links at and below it
 *     # comment
 *
 * A leading slash does not matter. * ? [ are patterns within one name. The most
 * specific rule counts (the one that names most of the path), and of two alike
 * the later one. In front of all stand slate's own: +etc, +root/.ssh, and a
 * table of files that change by themselves.  */
#ifndef CHANGES_SAVELIST_H
#define CHANGES_SAVELIST_H

#include <stdbool.h>
#include <stddef.h>

#include "../../init/base/err.h"
#include "../../init/base/span.h"

enum { SAVELIST_FILE_MAX = 262144, SAVELIST_RULES_MAX = 4096 };

#define PATH_LBU_LISTS "etc/apk/protected_paths.d" /* relative to a root */
#define PATH_LBU_LIST  PATH_LBU_LISTS "/lbu.list"

enum save_kind { SAVE_NONE, SAVE_KEEP, SAVE_LEAVE, SAVE_LINKS };

struct save_rule {
	enum save_kind kind;
	char *path;    /* owned */
	bool anywhere; /* a pattern for the last name, in any directory */
	bool shipped;  /* one of slate's own */
};

struct savelist {
	struct save_rule *rules; /* owned */
	size_t n, size;
};

/* One line. 1: a rule, in *kind and *path (without slashes around it); 0: blank or
 * a comment; -1 with *e. */
int savelist_line(struct span line, enum save_kind *kind, struct span *path, struct err *e);

/* Slate's own rules. 0, or -1 with *e. savelist_drop in both cases. */
int savelist_start(struct savelist *l, struct err *e);

/* Adds the rules of `text`. 0, or -1 with *e: the number of the line and its fault. */
int savelist_add(struct savelist *l, struct span text, struct err *e);

/* All of a root: slate's own, its save.list, Alpine's lists. 0, or -1 with *e. */
int savelist_load(struct savelist *l, int root, struct err *e);

/* What the rules say about `path` itself; SAVE_NONE: nothing. */
enum save_kind savelist_rule(const struct savelist *l, const char *path);

/* The same; what no rule speaks of is left. */
enum save_kind savelist_kind(const struct savelist *l, const char *path);

/* Whether anything at or below the directory `path` may be kept. */
bool savelist_reaches(const struct savelist *l, const char *path);

void savelist_drop(struct savelist *l);

#endif
