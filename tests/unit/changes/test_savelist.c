/* savelist, listedit: what is saved, and how the user changes that. */
#include "../../../init/base/fd.h"
#include "../../../overlay/changes/listedit.h"
#include "../../../overlay/changes/savelist.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void the_most_specific_rule_counts(void **state)
{
	static const struct {
		const char *list, *path;
		enum save_kind kind;
	} cases[] = {
		{ "", "etc/hostname", SAVE_KEEP },
		{ "", "etc", SAVE_KEEP },
		{ "", "root", SAVE_LEAVE },
		{ "", "root/.ssh", SAVE_KEEP },
		{ "", "root/.ssh/authorized_keys", SAVE_KEEP },
		{ "", "root/.ash_history", SAVE_LEAVE },
		{ "", "etcetera", SAVE_LEAVE },
		{ "", "home/user/x", SAVE_LEAVE },
		{ "", "etc/mtab", SAVE_LEAVE },
		{ "", "etc/resolv.conf", SAVE_KEEP },
		{ "", "etc/ld.so.cache", SAVE_LEAVE },
		{ "", "etc/foo/bar.pid", SAVE_LEAVE },
		{ "", "etc/foo/.x.swp", SAVE_LEAVE },
		{ "", "etc/foo.pid.d/x", SAVE_KEEP },
		{ "+etc/mtab", "etc/mtab", SAVE_KEEP },
		{ "+etc", "etc/mtab", SAVE_LEAVE },
		{ "+etc/run.pid", "etc/run.pid", SAVE_KEEP },
		{ "-etc", "etc/hostname", SAVE_LEAVE },
		{ "-etc\n+etc/ssh", "etc/ssh/key", SAVE_KEEP },
		{ "+etc/ssh\n-etc", "etc/ssh/key", SAVE_KEEP },
		{ "+home", "home/user/x", SAVE_KEEP },
		{ "+/home/", "home/user/x", SAVE_KEEP },
		{ "+home\n-home/*/.cache", "home/user/.cache/x", SAVE_LEAVE },
		{ "+home\n-home/*/.cache", "home/user/.config", SAVE_KEEP },
		{ "+home\n-home/*/.cache", "home/a/b/.cache", SAVE_KEEP },
		{ "-etc/*.d", "etc/foo.d/x", SAVE_LEAVE },
		{ "-etc/*.d", "etc/foo.dd", SAVE_KEEP },
		{ "-etc/a*", "etc/abc", SAVE_LEAVE },
		{ "-etc/a*", "etc/bac", SAVE_KEEP },
		{ "-etc/*x*", "etc/axb", SAVE_LEAVE },
		{ "-etc/[ab]x", "etc/bx", SAVE_LEAVE },
		{ "-etc/x[ab]", "etc/xb", SAVE_LEAVE },
		{ "-etc/?", "etc/b", SAVE_LEAVE },
		{ "-etc/a*\\*", "etc/ab*", SAVE_LEAVE },
		{ "+srv/a\n-srv/a", "srv/a", SAVE_LEAVE },
		{ "-srv/a\n+srv/a", "srv/a", SAVE_KEEP },
		{ "+/", "var/lib/x", SAVE_KEEP },
		{ "+/\n-var", "var/lib/x", SAVE_LEAVE },
		{ "@etc/init.d", "etc/init.d/x", SAVE_LINKS },
		{ "!etc/apk", "etc/apk/world", SAVE_KEEP },
		{ "# -etc\n\n   \n", "etc/x", SAVE_KEEP },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct savelist l;
		struct err e = { 0 };

		print_message("  %s: %s\n", cases[i].list, cases[i].path);
		assert_int_equal(savelist_start(&l, &e), 0);
		assert_int_equal(savelist_add(&l, span_of(cases[i].list), &e), 0);
		assert_int_equal(savelist_kind(&l, cases[i].path), cases[i].kind);
		savelist_drop(&l);
	}
}

static void directories_above_a_rule_are_walked_and_no_others(void **state)
{
	static const struct {
		const char *list, *path;
		bool reaches;
	} cases[] = {
		{ "", "", true },
		{ "", "root", true },
		{ "", "etc/foo", true },
		{ "", "home", false },
		{ "", "root/.config", false },
		{ "+home/*/keep", "home", true },
		{ "+home/*/keep", "home/user", true },
		{ "+home/*/keep", "home/user/other", false },
		{ "-etc\n+etc/ssh", "etc", true },
		{ "-etc\n+etc/ssh", "etc/foo", false },
		{ "+usr/share/a/b", "usr/share", true },
		{ "+usr/share/a/b", "usr/shared", false },
		{ "+/", "proc", true },
		{ "+a\\b/c", "a\\b", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct savelist l;
		struct err e = { 0 };

		print_message("  %s: %s\n", cases[i].list, cases[i].path);
		assert_int_equal(savelist_start(&l, &e), 0);
		assert_int_equal(savelist_add(&l, span_of(cases[i].list), &e), 0);
		assert_int_equal(savelist_reaches(&l, cases[i].path), cases[i].reaches);
		savelist_drop(&l);
	}
}

static void a_line_that_is_no_rule_is_named(void **state)
{
	struct savelist l;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(savelist_start(&l, &e), 0);
	assert_int_equal(savelist_add(&l, span_of("+a\n\nhome\n"), &e), -1);
	assert_string_equal(e.text, "line 3: a line begins with + or -: home");
	savelist_drop(&l);
}

static char root_path[] = "/tmp/slate-list-XXXXXX";
static int root;

static int make_root(void **state)
{
	(void)state;
	if (!mkdtemp(root_path))
		return -1;
	root = open(root_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return root < 0;
}

static int remove_root(void **state)
{
	char command[100];

	(void)state;
	close(root);
	snprintf(command, sizeof command, "rm -rf %s", root_path);
	return system(command);
}

static void assert_list(const char *want)
{
	char *text = NULL;
	size_t len;
	struct err e = { 0 };

	assert_int_equal(listedit_read(root, "etc/slate/save.list", &text, &len, &e), 0);
	assert_string_equal(text, want);
	free(text);
}

static int edit(enum listedit_action action, enum save_kind kind, const char *path)
{
	struct err e = { 0 };

	return listedit(root, "etc/slate/save.list", action, kind, path, &e);
}

static void edits_change_their_lines_and_leave_the_others(void **state)
{
	static const char mine[] = "# mine\n+home\n -srv/x \n\n+opt";
	struct err e = { 0 };

	(void)state;
	assert_list("");
	assert_int_equal(edit(LISTEDIT_ADD, SAVE_KEEP, "home"), 1);
	assert_list("+home\n");
	assert_int_equal(fd_write_file(root, "etc/slate/save.list", mine, sizeof mine - 1, &e), 0);
	assert_int_equal(edit(LISTEDIT_ADD, SAVE_KEEP, "srv/x"), 1);
	assert_list("# mine\n+home\n\n+opt\n+srv/x\n");
	assert_int_equal(edit(LISTEDIT_REMOVE, SAVE_LEAVE, "home"), 0);
	assert_int_equal(edit(LISTEDIT_REMOVE, SAVE_KEEP, "home"), 1);
	assert_list("# mine\n\n+opt\n+srv/x\n");
	assert_int_equal(edit(LISTEDIT_ADD, SAVE_LEAVE, "opt"), 1);
	assert_list("# mine\n\n+srv/x\n-opt\n");
}

static void all_lists_of_a_root_are_read(void **state)
{
	struct savelist l;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(fd_mkdirs(root, "etc/apk/protected_paths.d", 0755, &e), 0);
	assert_int_equal(
		fd_write_file(root, "etc/apk/protected_paths.d/lbu.list", "+usr/local\n", 11, &e),
		0);
	assert_int_equal(fd_write_file(root, "etc/apk/protected_paths.d/no.txt", "+var\n", 5, &e),
	                 0);
	assert_int_equal(fd_write_file(root, "etc/slate/save.list", "-usr/local/tmp\n", 15, &e), 0);
	assert_int_equal(savelist_load(&l, root, &e), 0);
	assert_int_equal(savelist_kind(&l, "usr/local/bin/x"), SAVE_KEEP);
	assert_int_equal(savelist_kind(&l, "usr/local/tmp/x"), SAVE_LEAVE);
	assert_int_equal(savelist_kind(&l, "var/x"), SAVE_LEAVE);
	savelist_drop(&l);
	assert_int_equal(fd_write_file(root, "etc/slate/save.list", "nonsense\n", 9, &e), 0);
	assert_int_equal(savelist_load(&l, root, &e), -1);
	assert_string_equal(e.text,
	                    "/etc/slate/save.list: line 1: a line begins with + or -: nonsense");
	savelist_drop(&l);
	/* lists that can't be read are not lists that are not there */
	assert_int_equal(renameat(root, PATH_LBU_LISTS, root, "etc/apk/kept"), 0);
	assert_int_equal(symlinkat("protected_paths.d", root, PATH_LBU_LISTS), 0);
	assert_int_equal(savelist_load(&l, root, &e), -1);
	assert_non_null(strstr(e.text, "open /" PATH_LBU_LISTS ": "));
	savelist_drop(&l);
	assert_int_equal(unlinkat(root, PATH_LBU_LISTS, 0), 0);
	assert_int_equal(renameat(root, "etc/apk/kept", root, PATH_LBU_LISTS), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_most_specific_rule_counts),
		cmocka_unit_test(directories_above_a_rule_are_walked_and_no_others),
		cmocka_unit_test(a_line_that_is_no_rule_is_named),
		cmocka_unit_test(edits_change_their_lines_and_leave_the_others),
		cmocka_unit_test(all_lists_of_a_root_are_read),
	};

	return cmocka_run_group_tests(tests, make_root, remove_root);
}
