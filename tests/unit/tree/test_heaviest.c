/* heaviest: what fills a tmpfs. */
#include "../../../overlay/tree/heaviest.h"

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
#include "../../../overlay/tree/remove.h"

static void it_is_due_at_four_fifths(void **state)
{
	(void)state;
	assert_false(heaviest_is_due(79, 100));
	assert_true(heaviest_is_due(80, 100));
	assert_true(heaviest_is_due(UINT64_MAX, UINT64_MAX));
	assert_false(heaviest_is_due(5, 0));
}

static void write_bytes(int top, const char *path, size_t size)
{
	char *bytes = calloc(1, size);
	struct err e;

	assert_non_null(bytes);
	assert_int_equal(fd_write_file(top, path, bytes, size, &e), 0);
	free(bytes);
}

static void the_name_with_most_bytes_or_most_files_is_found(void **state)
{
	char folder[] = "/tmp/slate-heaviest-XXXXXX";
	struct heaviest found;
	struct err e = { 0 };

	(void)state;
	assert_non_null(mkdtemp(folder));

	FD_AUTO top = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(heaviest_find(top, false, &found, &e), 0);
	assert_string_equal(found.name, "");
	assert_int_equal(fd_mkdirs(top, "var/log/deep", 0755, &e), 0);
	assert_int_equal(fd_mkdirs(top, "etc/many", 0755, &e), 0);
	write_bytes(top, "var/log/deep/big", 300000);
	write_bytes(top, "home", 100000);
	for (int i = 0; i < 9; i++) {
		char path[32];

		snprintf(path, sizeof path, "etc/many/%d", i);
		write_bytes(top, path, 1);
	}
	assert_int_equal(symlinkat("/var", top, "loop"), 0);
	assert_int_equal(heaviest_find(top, false, &found, &e), 0);
	assert_string_equal(found.name, "var");
	assert_true(found.bytes >= 300000 && found.bytes < 400000);
	assert_int_equal(found.files, 4);
	assert_int_equal(heaviest_find(top, true, &found, &e), 0);
	assert_string_equal(found.name, "etc");
	assert_int_equal(found.files, 11);
	/* one file of two names is not twice as large */
	assert_int_equal(linkat(top, "var/log/deep/big", top, "var/again", 0), 0);
	assert_int_equal(heaviest_find(top, false, &found, &e), 0);
	assert_true(found.bytes < 400000);
	assert_int_equal(remove_tree(AT_FDCWD, folder, &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_due_at_four_fifths),
		cmocka_unit_test(the_name_with_most_bytes_or_most_files_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
