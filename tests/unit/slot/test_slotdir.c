#include "../../../overlay/slot/slotdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../../init/base/fd.h"
#include "../../../overlay/slot/slotset.h"
#include "../../../overlay/tree/remove.h"

enum { SIZE = 65536 };

static char medium_path[] = "/tmp/slate-slotdir-XXXXXX";
static int medium;

static int make_medium(void **state)
{
	(void)state;
	if (!mkdtemp(medium_path))
		return -1;
	medium = open(medium_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return medium < 0 ? -1 : 0;
}

static int remove_medium(void **state)
{
	struct err e;

	(void)state;
	remove_contents(medium, NULL, NULL, &e);
	close(medium);
	return rmdir(medium_path);
}

static int empty_medium(void **state)
{
	struct err e;

	(void)state;
	return remove_contents(medium, NULL, NULL, &e);
}

static int entries(const char *path)
{
	int fd = openat(medium, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), count = 0;
	DIR *d = fdopendir(fd);

	assert_non_null(d);
	for (struct dirent *entry; (entry = readdir(d));)
		count += entry->d_name[0] != '.';
	closedir(d);
	return count;
}

static void missing_directories_are_made_with_their_slots(void **state)
{
	const struct slotdir_new slots = { .count = 3, .size = SIZE };
	struct slotset set;
	struct err e = { 0 };
	FD_AUTO dir = -1;

	(void)state;
	assert_int_equal(slotdir_make(medium, "slate/saved/box", &slots, &dir, &e), 0);
	assert_int_equal(slotset_scan(dir, &set, &e), 0);
	assert_int_equal(set.n, 3);
	assert_int_equal(set.slots[2].file_size, SIZE);
	assert_int_equal(set.slots[2].state, SLOT_EMPTY);
	assert_int_equal(entries("."), 1);
	assert_int_equal(entries("slate"), 1);
	assert_int_equal(entries("slate/saved"), 1);
	assert_int_equal(entries("slate/saved/box"), 3);
}

static void directories_that_exist_are_kept(void **state)
{
	const struct slotdir_new slots = { .count = 2, .size = SIZE };
	struct err e = { 0 };
	FD_AUTO dir = -1;

	(void)state;
	assert_int_equal(fd_mkdirs(medium, "slate/saved/other", 0755, &e), 0);
	assert_int_equal(fd_write_file(medium, "slate/root.squashfs", "x", 1, &e), 0);
	assert_int_equal(slotdir_make(medium, "slate/saved/box", &slots, &dir, &e), 0);
	assert_int_equal(faccessat(medium, "slate/root.squashfs", F_OK, 0), 0);
	assert_int_equal(entries("slate"), 2);
	assert_int_equal(entries("slate/saved"), 2);
	assert_int_equal(entries("slate/saved/box"), 2);
}

static void added_slots_stand_beside_the_old_ones(void **state)
{
	const struct slotdir_new old = { .count = 2, .size = SIZE };
	const struct slotdir_new new = { .first = 2, .count = 2, .size = 2 * SIZE };
	struct slotset set;
	struct err e = { 0 };
	FD_AUTO dir = -1;

	(void)state;
	assert_int_equal(slotdir_make(medium, "slate/saved/box", &old, &dir, &e), 0);
	assert_int_equal(slotdir_add(dir, &new, &e), 0);
	assert_int_equal(slotset_scan(dir, &set, &e), 0);
	assert_int_equal(set.n, 4);
	assert_int_equal(set.slots[1].file_size, SIZE);
	assert_int_equal(set.slots[3].file_size, 2 * SIZE);
	assert_int_equal(entries("slate/saved/box"), 4);
}

static void a_slot_that_exists_is_never_replaced(void **state)
{
	const struct slotdir_new old = { .count = 2, .size = SIZE };
	const struct slotdir_new again = { .first = 1, .count = 2, .size = 2 * SIZE };
	struct slotset set;
	struct err e = { 0 };
	FD_AUTO dir = -1;

	(void)state;
	assert_int_equal(slotdir_make(medium, "slate/saved/box", &old, &dir, &e), 0);
	assert_int_equal(slotdir_add(dir, &again, &e), -1);
	assert_non_null(strstr(e.text, "slot-1"));
	assert_int_equal(slotset_scan(dir, &set, &e), 0);
	assert_int_equal(set.n, 2);
	assert_int_equal(set.slots[1].file_size, SIZE);
	assert_int_equal(entries("slate/saved/box"), 2);
}

static void what_is_no_directory_on_the_way_is_refused_and_kept(void **state)
{
	const struct slotdir_new slots = { .count = 2, .size = SIZE };
	struct err e = { 0 };
	int dir = -1;

	(void)state;
	assert_int_equal(fd_write_file(medium, "slate", "x", 1, &e), 0);
	assert_int_equal(slotdir_make(medium, "slate/saved/box", &slots, &dir, &e), -1);
	assert_int_equal(dir, -1);
	assert_int_equal(entries("."), 1);
	assert_int_equal(unlinkat(medium, "slate", 0), 0);
	assert_int_equal(symlinkat("/", medium, "slate"), 0);
	assert_int_equal(slotdir_make(medium, "slate/saved/box", &slots, &dir, &e), -1);
	assert_int_equal(entries("."), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(missing_directories_are_made_with_their_slots, empty_medium),
		cmocka_unit_test_setup(directories_that_exist_are_kept, empty_medium),
		cmocka_unit_test_setup(added_slots_stand_beside_the_old_ones, empty_medium),
		cmocka_unit_test_setup(a_slot_that_exists_is_never_replaced, empty_medium),
		cmocka_unit_test_setup(what_is_no_directory_on_the_way_is_refused_and_kept,
		                       empty_medium),
	};

	return cmocka_run_group_tests(tests, make_medium, remove_medium);
}
