/* given: what the boot has put there counts as such until somebody changes it. */
#include "../../../overlay/changes/given.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../init/base/fd.h"

static char base[] = "/tmp/slate-given-XXXXXX";
static int upper, names;

static void shell(const char *command)
{
	assert_int_equal(system(command), 0);
}

static int start(void **state)
{
	(void)state;
	return mkdtemp(base) && chdir(base) == 0 ? 0 : -1;
}

static int stop(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", base);
	return chdir("/") < 0 || system(command);
}

static int clean(void **state)
{
	(void)state;
	shell("rm -rf upper names list; mkdir -p upper/etc/there; umask 022; echo own >upper/etc/own");
	upper = open("upper", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	names = open("names", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return upper < 0 || names < 0;
}

static int close_all(void **state)
{
	(void)state;
	return close(upper) < 0 || close(names) < 0;
}

static void note(const char *path)
{
	struct err e;

	if (given_note(names, upper, path, &e) < 0)
		fail_msg("%s", e.text);
}

static void list(void)
{
	struct err e;

	if (given_write("list", names, upper, &e) < 0)
		fail_msg("%s", e.text);
}

static void assert_untouched(const char *path, int want)
{
	struct given g;
	struct err e = { 0 };

	if (given_read(&g, "list", upper, &e) < 0)
		fail_msg("%s", e.text);
	print_message("  %s\n", path);
	assert_int_equal(given_is_untouched(&g, path, &e), want);
	given_drop(&g);
}

static void what_is_put_counts_as_given_and_so_do_new_directories_above_it(void **state)
{
	(void)state;
	note("etc/there/file");
	note("etc/new/deep/file");
	note("etc/link");
	note("etc/nothing");
	shell("mkdir -p upper/etc/new/deep; echo 1 >upper/etc/there/file; echo 2 >upper/etc/new/deep/file; "
	      "ln -s x upper/etc/link");
	list();
	assert_untouched("etc/there/file", 1);
	assert_untouched("etc/new/deep/file", 1);
	assert_untouched("etc/new/deep", 1);
	assert_untouched("etc/new", 1);
	assert_untouched("etc/link", 1);
	assert_untouched("etc/there", 0);
	assert_untouched("etc", 0);
	assert_untouched("etc/own", 0);
	assert_untouched("etc/nothing", 0);
	/* a name that comes later in no boot */
	shell("echo 3 >upper/etc/nothing");
	assert_untouched("etc/nothing", 0);
}

static void every_change_is_seen_and_none_where_it_is_as_it_was(void **state)
{
	static const struct {
		const char *command, *back;
	} rows[] = {
		{ "echo b >upper/etc/file", "echo a >upper/etc/file" },
		{ "chmod 600 upper/etc/file", "chmod 644 upper/etc/file" },
		{ "rm upper/etc/file", "echo a >upper/etc/file" },
		{ "rm upper/etc/file; mkdir upper/etc/file", "rmdir upper/etc/file; echo a >upper/etc/file" },
		{ "rm upper/etc/file; ln -s b upper/etc/file",
		  "rm upper/etc/file; echo a >upper/etc/file" },
		{ "mv upper/etc upper/old; ln -s old upper/etc", "rm upper/etc; mv upper/old upper/etc" },
		{ "mv upper/etc upper/old", "mv upper/old upper/etc" },
	};

	(void)state;
	note("etc/file");
	shell("umask 022; echo a >upper/etc/file");
	list();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		print_message("  %s\n", rows[i].command);
		shell(rows[i].command);
		assert_untouched("etc/file", 0);
		shell(rows[i].back);
		assert_untouched("etc/file", 1);
	}
	shell("touch -d 2001-01-01 upper/etc/file");
	assert_untouched("etc/file", 1);
}

static void a_path_that_was_given_is_known_whatever_became_of_it(void **state)
{
	struct given g;
	struct err e = { 0 };

	(void)state;
	note("etc/file");
	note("etc/file");
	shell("echo a >upper/etc/file");
	list();
	shell("echo b >upper/etc/file");
	assert_int_equal(given_read(&g, "list", upper, &e), 0);
	assert_int_equal(g.n, 1);
	assert_true(given_has(&g, "etc/file"));
	assert_false(given_has(&g, "etc/own"));
	assert_false(given_has(NULL, "etc/file"));
	given_drop(&g);
	assert_false(given_has(&g, "etc/file"));
}

static void where_there_is_no_list_nothing_was_given(void **state)
{
	(void)state;
	shell("echo a >upper/etc/file");
	assert_untouched("etc/file", 0);
	shell("printf 'no blank\\nnothing\\n\\n1:2 etc/file\\ncut off' >list");
	assert_untouched("etc/file", 0);
	shell("mkdir -p folder && rm list && mv folder list");

	struct given g;
	struct err e = { 0 };

	assert_int_equal(given_read(&g, "list", upper, &e), -1);
	given_drop(&g);
	assert_int_equal(given_read(&g, NULL, upper, &e), 0);
	given_drop(&g);
}

static void a_list_that_can_not_be_written_is_an_error(void **state)
{
	struct err e = { 0 };

	(void)state;
	note("etc/own");
	assert_int_equal(given_write("none/list", names, upper, &e), -1);
	assert_non_null(strstr(e.text, "none/list"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_put_counts_as_given_and_so_do_new_directories_above_it,
		                                clean, close_all),
		cmocka_unit_test_setup_teardown(every_change_is_seen_and_none_where_it_is_as_it_was, clean,
		                                close_all),
		cmocka_unit_test_setup_teardown(a_path_that_was_given_is_known_whatever_became_of_it, clean,
		                                close_all),
		cmocka_unit_test_setup_teardown(where_there_is_no_list_nothing_was_given, clean, close_all),
		cmocka_unit_test_setup_teardown(a_list_that_can_not_be_written_is_an_error, clean, close_all),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
