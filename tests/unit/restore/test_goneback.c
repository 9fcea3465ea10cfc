/* goneback: the answer of the process that went back, whole or none. */
#include "../../../overlay/restore/goneback.h"

#include "../../../init/base/fd.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define AT "/tmp/slate-goneback"

static char path[64];

static int read_back(struct names *changed, char title[64], struct err *e)
{
	*changed = (struct names){ 0 };
	*e = (struct err){ 0 };
	return goneback_read(path, changed, title, 64, e);
}

static void what_is_back_is_told_with_all_that_changed(void **state)
{
	struct names changed = { 0 }, again;
	char title[64];
	struct err e = { 0 };

	(void)state;
	assert_int_equal(names_add_span(&changed, (struct span){ "etc/a\nb", 7 }, &e), 0);
	assert_int_equal(names_add_span(&changed, (struct span){ ".", 1 }, &e), 0);
	assert_int_equal(goneback_write(path, &changed, "generation 6", NULL, &e), 0);
	assert_int_equal(read_back(&again, title, &e), 1);
	assert_string_equal(title, "generation 6");
	assert_int_equal(again.n, 2);
	assert_string_equal(again.at[0], "etc/a\nb");
	assert_string_equal(again.at[1], ".");
	names_drop(&again);
	names_drop(&changed);
}

static void why_nothing_is_back_is_told(void **state)
{
	const struct names none = { 0 };
	struct names changed;
	char title[64];
	struct err e = { 0 };

	(void)state;
	assert_int_equal(goneback_write(path, &none, NULL, "slot-2 is damaged", &e), 0);
	assert_int_equal(read_back(&changed, title, &e), 0);
	assert_string_equal(e.text, "slot-2 is damaged");
	names_drop(&changed);
}

/* Whoever writes it may be killed anywhere. */
static void half_an_answer_is_none(void **state)
{
	char bytes[64], title[64];
	struct names changed = { 0 };
	struct err e = { 0 };
	ssize_t len;

	(void)state;
	assert_int_equal(names_add_span(&changed, (struct span){ "etc/a", 5 }, &e), 0);
	assert_int_equal(goneback_write(path, &changed, "generation 6", NULL, &e), 0);
	names_drop(&changed);
	len = fd_read_file(AT_FDCWD, path, bytes, sizeof bytes, &e);
	assert_true(len > 10);
	for (ssize_t cut = 0; cut < len; cut++) {
		assert_int_equal(fd_write_file(AT_FDCWD, path, bytes, (size_t)cut, &e), 0);
		if (read_back(&changed, title, &e) != -1)
			fail_msg("%d of %d bytes are taken for a whole answer", (int)cut, (int)len);
		names_drop(&changed);
	}
	/* without a word of it, too */
	assert_int_equal(fd_write_file(AT_FDCWD, path, "-\0.", 3, &e), 0);
	assert_int_equal(read_back(&changed, title, &e), -1);
	unlink(path);
	assert_int_equal(read_back(&changed, title, &e), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_back_is_told_with_all_that_changed),
		cmocka_unit_test(why_nothing_is_back_is_told),
		cmocka_unit_test(half_an_answer_is_none),
	};

	snprintf(path, sizeof path, AT "-%d", (int)getpid());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
