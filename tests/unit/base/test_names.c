/* names, array, dir: lists that grow, and those of a directory. */
#include "../../../init/base/array.h"
#include "../../../init/base/dir.h"
#include "../../../init/base/fd.h"
#include "../../../init/base/names.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void an_array_grows_and_keeps_what_is_in_it(void **state)
{
	uint32_t *numbers = NULL;
	size_t room = 0;

	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		assert_int_equal(array_grow(&numbers, i, &room, sizeof *numbers), 0);
		assert_true(room > i);
		numbers[i] = i;
	}
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(numbers[i], i);
	free(numbers);
}

static void a_list_keeps_its_order_and_knows_what_it_has(void **state)
{
	struct names list = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(names_add_new(&list, "b", &e), 1);
	assert_int_equal(names_add_new(&list, "a", &e), 1);
	assert_int_equal(names_add_new(&list, "b", &e), 0);
	assert_int_equal(list.n, 2);
	assert_string_equal(list.at[0], "b");
	names_sort(&list);
	assert_string_equal(list.at[0], "a");
	assert_true(names_has(&list, "b"));
	assert_false(names_has(&list, "c"));
	names_drop(&list);
	assert_int_equal(list.n, 0);
}

static void a_list_of_paths_has_each_once_and_in_order(void **state)
{
	static const char *const words[] = { "b", "a", "b", "etc", "a", "b" };
	struct names l = { 0 };
	struct err e;

	(void)state;
	names_unite(&l);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		assert_int_equal(names_add(&l, words[i], &e), 0);
	names_unite(&l);
	assert_int_equal(l.n, 3);
	assert_string_equal(l.at[0], "a");
	assert_string_equal(l.at[2], "etc");
	names_drop(&l);
}

static void a_directory_is_read_in_order_and_what_is_none_refused(void **state)
{
	static const char *const files[] = { "b", "..x", "a" };
	char path[] = "/tmp/slate-names-XXXXXX";
	struct names list = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_non_null(mkdtemp(path));

	FD_AUTO dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; i < 3; i++)
		assert_int_equal(fd_write_file(dir, files[i], "", 0, &e), 0);
	assert_int_equal(names_read(&list, dir, &e), 0);
	assert_int_equal(list.n, 3);
	assert_string_equal(list.at[0], "..x");
	assert_string_equal(list.at[2], "b");
	names_drop(&list);

	int file = openat(dir, "a", O_RDONLY | O_CLOEXEC);

	assert_int_equal(names_read(&list, file, &e), -1);
	assert_int_equal(e.code, ENOTDIR);
	/* it is closed all the same */
	assert_null(dir_list(file));
	assert_int_equal(fcntl(file, F_GETFD), -1);
	assert_null(dir_list(-1));
	for (size_t i = 0; i < 3; i++)
		unlinkat(dir, files[i], 0);
	rmdir(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_array_grows_and_keeps_what_is_in_it),
		cmocka_unit_test(a_list_keeps_its_order_and_knows_what_it_has),
		cmocka_unit_test(a_list_of_paths_has_each_once_and_in_order),
		cmocka_unit_test(a_directory_is_read_in_order_and_what_is_none_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
