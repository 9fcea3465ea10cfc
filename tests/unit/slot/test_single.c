/* single: one file that is put into a root. */
#include "../../../overlay/slot/single.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../init/base/fd.h"
#include "../../../overlay/tree/remove.h"

struct place {
	char folder[40];
	int dir, root, file; /* owned */
};

static int make_place(void **state)
{
	static struct place p;
	struct err e;

	strcpy(p.folder, "/tmp/slate-single-XXXXXX");
	if (!mkdtemp(p.folder))
		return -1;
	p.dir = open(p.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (mkdirat(p.dir, "root", 0755) < 0 || fd_mkdirs(p.dir, "root/etc", 0755, &e) < 0 ||
	    fd_write_file(p.dir, "file", "new\n", 4, &e) < 0)
		return -1;
	p.root = openat(p.dir, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	p.file = openat(p.dir, "file", O_RDONLY | O_CLOEXEC);
	*state = &p;
	return p.root < 0 || p.file < 0 ? -1 : 0;
}

static int drop_place(void **state)
{
	struct place *p = *state;
	struct err e;

	fd_drop(&p->dir);
	fd_drop(&p->root);
	fd_drop(&p->file);
	return remove_tree(AT_FDCWD, p->folder, &e);
}

static struct single single_of(const struct place *p, const char *to)
{
	return (struct single){ .fd = p->file,
		                .length = 4,
		                .to = to,
		                .dir = p->dir,
		                .path = "file",
		                .pristine = p->root };
}

static int put(const struct place *p, const char *to, struct err *e)
{
	const struct single s = single_of(p, to);

	return single_check(&s, e) < 0 ? -1 : single_put(&s, p->root, e);
}

static void check_file(const struct place *p, const char *path, mode_t mode)
{
	char text[16];
	struct stat st;
	struct err e;

	assert_int_equal(fd_read_file(p->root, path, text, sizeof text, &e), 4);
	assert_string_equal(text, "new\n");
	assert_int_equal(fstatat(p->root, path, &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(st.st_mode & 07777, mode);
}

static void it_is_made_with_what_is_above_it(void **state)
{
	const struct place *p = *state;
	struct err e = { 0 };

	if (put(p, "srv/a/b/word", &e) < 0)
		fail_msg("%s", e.text);
	check_file(p, "srv/a/b/word", 0644);
}

static void it_keeps_the_mode_of_what_it_replaces_but_no_setuid(void **state)
{
	const struct place *p = *state;
	struct err e = { 0 };

	assert_int_equal(fd_write_file(p->root, "etc/secret", "old and longer\n", 15, &e), 0);
	assert_int_equal(fchmodat(p->root, "etc/secret", 0600, 0), 0);
	assert_int_equal(put(p, "etc/secret", &e), 0);
	check_file(p, "etc/secret", 0600);
	assert_int_equal(fchmodat(p->root, "etc/secret", 04755, 0), 0);
	assert_int_equal(put(p, "etc/secret", &e), 0);
	check_file(p, "etc/secret", 0644);
}

static void a_link_is_replaced_and_none_above_is_followed(void **state)
{
	const struct place *p = *state;
	struct err e = { 0 };

	assert_int_equal(symlinkat("../../file", p->root, "etc/link"), 0);
	assert_int_equal(symlinkat("..", p->root, "out"), 0);
	assert_int_equal(put(p, "etc/link", &e), 0);
	check_file(p, "etc/link", 0644);
	assert_int_equal(put(p, "out/file", &e), -1);
	assert_non_null(strstr(e.text, "symbolic link"));
}

static void what_an_archive_may_not_hold_is_refused(void **state)
{
	const struct place *p = *state;
	struct vouch nobody = { .policy = VERIFY_REQUIRE };
	struct single s = single_of(p, "etc/word");
	struct err e = { 0 };

	assert_int_equal(put(p, "etc/.wh.shadow", &e), -1);
	assert_non_null(strstr(e.text, "stand for deletions"));
	s.vouch = &nobody;
	assert_int_equal(single_check(&s, &e), -1);
	assert_string_equal(e.text, "not signed: there is no file.minisig");
}

int main(void)
{
#define ROW(test) cmocka_unit_test_setup_teardown(test, make_place, drop_place)
	const struct CMUnitTest tests[] = {
		ROW(it_is_made_with_what_is_above_it),
		ROW(it_keeps_the_mode_of_what_it_replaces_but_no_setuid),
		ROW(a_link_is_replaced_and_none_above_is_followed),
		ROW(what_an_archive_may_not_hold_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
