/* tree: a root directory of a test's own, filled file by file. */
#ifndef UNIT_TREE_H
#define UNIT_TREE_H

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../init/base/fd.h"
#include "../../../init/unit/set.h"

#define LIB "usr/lib/systemd/system/"
#define ETC "etc/systemd/system/"
#define SERVICE "[Service]\nExecStart=/bin/x\n"

struct tree {
	char path[64];
	int root;
};

static inline void tree_make(struct tree *t)
{
	snprintf(t->path, sizeof t->path, "/tmp/slate-unit-XXXXXX");
	assert_non_null(mkdtemp(t->path));
	t->root = open(t->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(t->root >= 0);
}

static inline void tree_remove(struct tree *t)
{
	char command[100];

	close(t->root);
	snprintf(command, sizeof command, "rm -rf %s", t->path);
	assert_int_equal(system(command), 0);
}

static inline void tree_parents(const struct tree *t, const char *path)
{
	char folder[256];
	struct err e = { 0 };
	const char *slash = strrchr(path, '/');

	snprintf(folder, sizeof folder, "%.*s", (int)(slash ? slash - path : 0), path);
	if (folder[0])
		assert_int_equal(fd_mkdirs(t->root, folder, 0755, &e), 0);
}

static inline void tree_file(const struct tree *t, const char *path, const char *text)
{
	struct err e = { 0 };

	tree_parents(t, path);
	assert_int_equal(fd_write_file(t->root, path, text, strlen(text), &e), 0);
}

static inline void tree_link(const struct tree *t, const char *path, const char *target)
{
	tree_parents(t, path);
	assert_int_equal(symlinkat(target, t->root, path), 0);
}

/* The targets that default dependencies name. */
static inline void tree_base(const struct tree *t)
{
	tree_file(t, LIB "sysinit.target", "[Unit]\nDescription=System\n");
	tree_file(t, LIB "basic.target", "[Unit]\nRequires=sysinit.target\nAfter=sysinit.target\n");
	tree_file(t, LIB "shutdown.target", "[Unit]\nDefaultDependencies=no\n");
}

/* For cmocka, whose state the tree is. */
static inline int tree_set_up(void **tree)
{
	tree_make(*tree);
	tree_base(*tree);
	return 0;
}

static inline int tree_tear_down(void **tree)
{
	tree_remove(*tree);
	return 0;
}

static inline struct unit_set *tree_load(const struct tree *t, const char *goal)
{
	const struct unit_source source = { t->root, NULL };
	const char *const goals[] = { goal, NULL };
	struct unit_set *set = NULL;
	struct err e = { 0 };

	if (unit_set_load(&set, &source, goals, &e) < 0)
		fail_msg("%s", e.text);
	return set;
}

static inline const struct unit *tree_unit(const struct unit_set *set, const char *name)
{
	unsigned index = unit_find(set, name);

	if (index == UNIT_NONE)
		fail_msg("%s is not in the set", name);
	return set->units[index];
}

static inline bool tree_has(const struct unit_set *set, const char *from, enum unit_dep kind,
                            const char *to)
{
	struct unit_deps deps = unit_deps(set, unit_find(set, from), kind);
	unsigned wanted = unit_find(set, to);

	for (unsigned i = 0; i < deps.n; i++)
		if (deps.at[i] == wanted)
			return true;
	return false;
}

/* A message that holds all of `text`; NULL: there is none. */
static inline const char *tree_message(const struct unit_set *set, const char *text)
{
	for (unsigned i = 0; i < set->messages_n; i++)
		if (strstr(set->messages[i].text, text))
			return set->messages[i].text;
	return NULL;
}

#endif
