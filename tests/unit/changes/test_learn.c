/* learn: which lines are proposed for which changes. */
#include "../../../overlay/changes/learn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { FOUND = 8 };

/* A path, and how much of it the image has: "home|/kim/letter" begins a new directory
 * at home/kim. */
static void note(struct learn *l, const char *marked)
{
	char path[300];
	const char *bar = strchr(marked, '|');
	size_t known = (size_t)(bar - marked), fresh;
	struct err e = { 0 };

	snprintf(path, sizeof path, "%.*s%s", (int)known, marked, bar + 1);
	fresh = known + 1 + strcspn(path + known + 1, "/");
	assert_int_equal(learn_note(l, path, 100, fresh, &e), 0);
}

static void lines_stand_for_what_was_found(void **state)
{
	static const struct {
		const char *name;
		const char *found[FOUND];
		const char *lines;
	} cases[] = {
		{ "nothing", { NULL }, "" },
		{ "a file in a directory of the image",
		  { "home/kim|/letter" },
		  "+home/kim/letter data 1 100\n" },
		{ "a new directory is one line",
		  { "srv|/app/a", "srv|/app/b", "srv|/app/sub/c" },
		  "+srv/app data 3 300\n" },
		{ "with its caches and logs left out",
		  { "home|/kim/.cache/x/1", "home|/kim/.cache/x/2", "home|/kim/a", "home|/kim/b.log" },
		  "+home/kim data 1 100\n-home/kim/.cache cache 2 200\n-home/kim/b.log log 1 100\n" },
		{ "caches and logs alone are no lines",
		  { "var/log|/app/x", "var|/cache/x", "home/kim|/.cache/y" },
		  "" },
		{ "a line is as grave as the gravest of its files",
		  { "home|/kim/.ssh/id", "home|/kim/a" },
		  "+home/kim identity 2 200\n" },
		{ "four in one directory stay apart",
		  { "opt|/a", "opt|/b", "opt|/c", "opt|/d" },
		  "+opt/a data 1 100\n+opt/b data 1 100\n+opt/c data 1 100\n+opt/d data 1 100\n" },
		{ "five are the directory",
		  { "opt|/a", "opt|/b/x", "opt|/b/y", "opt|/c", "opt|/d", "opt|/e", "opt/f|/g" },
		  "+opt data 7 700\n" },
		{ "but never the root",
		  { "|a", "|b", "|c", "|d", "|e" },
		  "+a data 1 100\n+b data 1 100\n+c data 1 100\n+d data 1 100\n+e data 1 100\n" },
		{ "neighbours by name are no parents",
		  { "srv|/a/x", "srv|/a.d/y", "srv|/ab" },
		  "+srv/a data 1 100\n+srv/a.d data 1 100\n+srv/ab data 1 100\n" },
		{ "signs of patterns are kept from being ones",
		  { "srv/x|/a[1]" },
		  "+srv/x/a?1] data 1 100\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct learn l = { 0 };
		struct err e = { 0 };
		char text[1000] = "";
		size_t len = 0;

		print_message("  %s\n", cases[i].name);
		for (size_t j = 0; j < FOUND && cases[i].found[j]; j++)
			note(&l, cases[i].found[j]);
		assert_int_equal(learn_propose(&l, &e), 0);
		for (size_t j = 0; j < l.n_lines; j++)
			len += (size_t)snprintf(text + len, sizeof text - len,
			                        "%c%s %s %" PRIu64 " %" PRIu64 "\n",
			                        l.lines[j].kind == SAVE_KEEP ? '+' : '-',
			                        l.lines[j].path, class_name(l.lines[j].class),
			                        l.lines[j].files, l.lines[j].bytes);
		assert_string_equal(text, cases[i].lines);
		learn_drop(&l);
	}
}

/* Whatever is proposed, a save that follows keeps what is worth it. */
static void what_is_proposed_keeps_what_was_found(void **state)
{
	static const char *const paths[] = {
		"home/kim|/a[b]*", "srv|/app/x", "srv|/app/y.log", "opt|/1", "opt|/2",
		"opt|/3",          "opt|/4",     "opt|/5/z",       "opt|/6",
	};
	struct learn l = { 0 };
	struct savelist list = { 0 };
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		note(&l, paths[i]);
	assert_int_equal(l.worth, sizeof paths / sizeof *paths - 1);
	assert_int_equal(learn_propose(&l, &e), 0);
	for (size_t i = 0; i < l.n_lines; i++) {
		char line[300];
		int len = snprintf(line, sizeof line, "%c%s",
		                   l.lines[i].kind == SAVE_KEEP ? '+' : '-', l.lines[i].path);

		assert_int_equal(savelist_add(&list, (struct span){ line, (size_t)len }, &e), 0);
	}
	for (size_t i = 0; i < l.n; i++)
		assert_int_equal(savelist_kind(&list, l.found[i].path),
		                 l.found[i].class == CLASS_LOG ? SAVE_LEAVE : SAVE_KEEP);
	savelist_drop(&list);
	learn_drop(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_stand_for_what_was_found),
		cmocka_unit_test(what_is_proposed_keeps_what_was_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
