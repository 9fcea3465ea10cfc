/* member, seen, check: which paths and members are let through, and why not. */
#include "../../../init/base/fd.h"
#include "../../../overlay/tar/check.h"
#include "../../../overlay/tar/member.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void paths_are_reduced_or_refused(void **state)
{
	static const struct {
		const char *name, *path, *why;
	} cases[] = {
		{ "etc/hostname", "etc/hostname", "" },
		{ "./etc/hostname", "etc/hostname", "" },
		{ "etc//a/./b/", "etc/a/b", "" },
		{ ".", "", "" },
		{ "./", "", "" },
		{ "", "", "" },
		{ "...", "...", "" },
		{ "a..b/..c", "a..b/..c", "" },
		{ "/etc/passwd", NULL, "/etc/passwd: absolute name" },
		{ "//etc", NULL, "//etc: absolute name" },
		{ "..", NULL, "..: \"..\" in its path" },
		{ "etc/../../x", NULL, "etc/../../x: \"..\" in its path" },
		{ "etc/..", NULL, "etc/..: \"..\" in its path" },
		{ "./../x", NULL, "./../x: \"..\" in its path" },
		{ "a\nb", NULL, "a?b: name with control characters" },
		{ "a\033[2Jb", NULL, "a?[2Jb: name with control characters" },
		{ "a\177", NULL, "a?: name with control characters" },
		{ "\303\244\377", "\303\244\377", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char path[MEMBER_PATH_MAX];
		struct err e = { 0 };
		int result = member_path(cases[i].name, strlen(cases[i].name), path, &e);

		assert_int_equal(result, cases[i].path ? 0 : -1);
		assert_string_equal(e.text, cases[i].why);
		if (cases[i].path)
			assert_string_equal(path, cases[i].path);
	}
}

static int path_of(size_t names, size_t length)
{
	char *name = malloc(names * (length + 1) + 1), path[MEMBER_PATH_MAX];
	size_t fill = 0;
	struct err e;

	for (size_t i = 0; i < names; i++) {
		memset(name + fill, 'n', length);
		fill += length;
		name[fill++] = '/';
	}

	int result = member_path(name, fill, path, &e);

	free(name);
	return result;
}

static void the_limits_of_paths_are_exact(void **state)
{
	(void)state;
	assert_int_equal(path_of(1, 255), 0);
	assert_int_equal(path_of(1, 256), -1);
	assert_int_equal(path_of(64, 1), 0);
	assert_int_equal(path_of(65, 1), -1);
	assert_int_equal(path_of(7, 255), 0);
	assert_int_equal(path_of(9, 255), -1);
	assert_int_equal(path_of(100000, 1), -1);
}

static void names_of_the_whiteout_family_are_deletions_or_refused(void **state)
{
	static const struct {
		const char *name;
		enum member_type type;
		uint64_t size;
		enum member_type becomes; /* NONE: refused */
		const char *path;
	} cases[] = {
		{ "etc/.wh.motd", MEMBER_FILE, 0, MEMBER_WHITEOUT, "etc/motd" },
		{ ".wh.srv", MEMBER_FILE, 0, MEMBER_WHITEOUT, "srv" },
		{ "etc/.wh..wh..opq", MEMBER_FILE, 0, MEMBER_OPAQUE, "etc" },
		{ ".wh..wh..opq", MEMBER_FILE, 0, MEMBER_OPAQUE, "" },
		{ "etc/.wh..hidden", MEMBER_FILE, 0, MEMBER_WHITEOUT, "etc/.hidden" },
		{ "etc/.wh.", MEMBER_FILE, 0, MEMBER_NONE, NULL },
		{ "etc/.wh..", MEMBER_FILE, 0, MEMBER_NONE, NULL },
		{ "etc/.wh...", MEMBER_FILE, 0, MEMBER_NONE, NULL },
		{ "etc/.wh..wh.plnk", MEMBER_FILE, 0, MEMBER_NONE, NULL },
		{ "etc/.wh.a", MEMBER_FILE, 1, MEMBER_NONE, NULL },
		{ "etc/.wh.a", MEMBER_SYMLINK, 0, MEMBER_NONE, NULL },
		{ "etc/.wh.a", MEMBER_DIRECTORY, 0, MEMBER_NONE, NULL },
		{ "etc/wh.a", MEMBER_FILE, 5, MEMBER_FILE, "etc/wh.a" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char path[MEMBER_PATH_MAX];
		struct member m = { .type = cases[i].type, .path = path, .size = cases[i].size };
		struct err e;

		strcpy(path, cases[i].name);

		int result = member_whiteout(&m, path, &e);

		assert_int_equal(result, cases[i].becomes ? 0 : -1);
		if (cases[i].becomes) {
			assert_int_equal(m.type, cases[i].becomes);
			assert_string_equal(path, cases[i].path);
		}
	}
}

static void below_means_whole_names(void **state)
{
	(void)state;
	assert_true(member_is_below("etc", "etc"));
	assert_true(member_is_below("etc/x", "etc"));
	assert_false(member_is_below("etcetera", "etc"));
	assert_false(member_is_below("et", "etc"));
	assert_true(member_is_below("anything", ""));
}

/* --- Members in their places --- */

struct step {
	enum member_type type;
	const char *path, *target;
	const char *why; /* NULL: let through */
};

static void walk_steps(const struct step *steps, size_t n)
{
	struct check c = { .pristine = -1 };

	for (size_t i = 0; i < n; i++) {
		const struct member m = { .type = steps[i].type,
			                  .path = steps[i].path,
			                  .target = steps[i].target };
		struct err e = { 0 };
		int result = check_next(&c, &m, &e);

		assert_string_equal(e.text, steps[i].why ? steps[i].why : "");
		assert_int_equal(result, steps[i].why ? -1 : 0);
	}
	check_drop(&c);
}

static void members_are_judged_in_their_places(void **state)
{
	static const struct step steps[] = {
		{ MEMBER_DIRECTORY, "etc", NULL, NULL },
		{ MEMBER_FILE, "etc/a", NULL, NULL },
		{ MEMBER_FILE, "etc/a", NULL, NULL }, /* tar -r: the later one counts */
		{ MEMBER_SYMLINK, "etc/l", "/", NULL },
		{ MEMBER_FILE, "etc/l/x", NULL, "etc/l/x: etc/l above it is a symbolic link" },
		{ MEMBER_FILE, "etc/a/b", NULL, "etc/a/b: etc/a above it is a file" },
		{ MEMBER_SYMLINK, "etc/a", "x", "etc/a: twice, as a file and as a symbolic link" },
		{ MEMBER_SYMLINK, "etc", "x", "etc: twice, as a directory and as a symbolic link" },
		{ MEMBER_HARDLINK, "etc/h", "etc/a", NULL },
		{ MEMBER_HARDLINK, "etc/h2", "etc/h", NULL },
		{ MEMBER_HARDLINK, "etc/h3", "usr/bin/su",
		  "etc/h3: hard link to usr/bin/su, which is no file before it in the archive" },
		{ MEMBER_HARDLINK, "etc/h4", "etc",
		  "etc/h4: hard link to etc, which is no file before it in the archive" },
		{ MEMBER_HARDLINK, "etc/a", "etc/a", NULL }, /* GNU tar's "once more" */
		{ MEMBER_HARDLINK, "etc/new", "etc/new",
		  "etc/new: hard link to etc/new, which is no file before it in the archive" },
		{ MEMBER_FILE, "var/lib/x", NULL, NULL },
		{ MEMBER_SYMLINK, "var/lib", "/etc",
		  "var/lib: twice, as a directory and as a symbolic link" },
		{ MEMBER_WHITEOUT, "etc/gone", NULL, NULL },
		{ MEMBER_FILE, "etc/gone/x", NULL, "etc/gone/x: etc/gone above it is a deletion" },
		{ MEMBER_OPAQUE, "etc", NULL, NULL },
		{ MEMBER_OPAQUE, "etc/a", NULL, "etc/a: twice, as a file and as a directory" },
		{ MEMBER_OPAQUE, "", NULL, "/: the root can only be a directory" },
		{ MEMBER_FILE, "", NULL, "/: the root can only be a directory" },
		{ MEMBER_DIRECTORY, "", NULL, NULL },
		{ MEMBER_DIRECTORY, "run", NULL, NULL },
		{ MEMBER_WHITEOUT, "sys", NULL, NULL },
		{ MEMBER_SYMLINK, "proc", "etc",
		  "proc: a boot mounts there, so it can only be a directory" },
		{ MEMBER_FILE, "dev", NULL,
		  "dev: a boot mounts there, so it can only be a directory" },
		{ MEMBER_OTHER, "dev/sda", NULL, "dev/sda: device, FIFO or socket" },
		{ MEMBER_DIRECTORY, "a/.wh.b/c", NULL,
		  "a/.wh.b/c: names that begin with .wh. stand for deletions" },
	};

	(void)state;
	walk_steps(steps, sizeof steps / sizeof *steps);
}

static void setuid_comes_back_only_where_the_image_has_it(void **state)
{
	char root[] = "/tmp/slate-check-XXXXXX", command[200];
	struct err e = { 0 };

	(void)state;
	assert_non_null(mkdtemp(root));
	snprintf(command, sizeof command,
	         "cd %s && mkdir bin && touch bin/su bin/ls bin/wall && "
	         "chmod 4755 bin/su && chmod 2755 bin/wall && ln -s su bin/link",
	         root);
	assert_int_equal(system(command), 0);

	FD_AUTO dir = open(root, O_RDONLY | O_DIRECTORY);
	const struct check c = { .pristine = dir };
	const struct {
		const char *path;
		uint32_t mode, uid;
		int result;
	} cases[] = {
		{ "bin/su", 04755, getuid(), 0 },    { "bin/su", 04711, getuid(), 0 },
		{ "bin/su", 06755, getuid(), -1 },   { "bin/su", 04755, getuid() + 1, -1 },
		{ "bin/ls", 04755, getuid(), -1 },   { "bin/none", 04755, getuid(), -1 },
		{ "bin/link", 04755, getuid(), -1 }, { "bin/wall", 02755, getuid(), 0 },
		{ "bin/ls", 0755, getuid(), 0 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct member m = { .type = MEMBER_FILE,
			                  .path = cases[i].path,
			                  .mode = cases[i].mode,
			                  .uid = cases[i].uid,
			                  .gid = getgid() };

		assert_int_equal(check_member(&c, &m, &e), cases[i].result);
	}
	snprintf(command, sizeof command, "rm -rf %s", root);
	assert_int_equal(system(command), 0);
}

static void only_attributes_that_are_kept_are_let_through(void **state)
{
	static const struct {
		const char *name;
		bool kept;
	} cases[] = {
		{ "user.x", true },
		{ "trusted.x", true },
		{ "trusted.overlay.opaque", false },
		{ "trusted.overlay.metacopy", false },
		{ "security.capability", true },
		{ "security.capability.x", false },
		{ "security.ima", false },
		{ "security.evm", false },
		{ "security.selinux", true },
		{ "system.posix_acl_access", true },
		{ "system.nfs4_acl", false },
		{ "", false },
		{ "userx", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(check_xattr_is_kept(cases[i].name), cases[i].kept);
}

static void a_hundred_thousand_paths_are_kept_apart(void **state)
{
	struct seen s = { 0 };
	struct err e;
	char path[32];

	(void)state;
	for (int i = 0; i < 100000; i++) {
		int len = snprintf(path, sizeof path, "etc/%d", i);

		assert_int_equal(seen_add(&s, path, (size_t)len, 1 + i % 7, &e), 0);
		assert_int_equal(seen_add(&s, path, (size_t)len, 9, &e), 1 + i % 7);
	}
	for (int i = 0; i < 100000; i += 997) {
		int len = snprintf(path, sizeof path, "etc/%d", i);

		assert_int_equal(seen_find(&s, path, (size_t)len), 1 + i % 7);
	}
	assert_int_equal(seen_find(&s, "etc/x", 5), 0);
	seen_drop(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_reduced_or_refused),
		cmocka_unit_test(the_limits_of_paths_are_exact),
		cmocka_unit_test(names_of_the_whiteout_family_are_deletions_or_refused),
		cmocka_unit_test(below_means_whole_names),
		cmocka_unit_test(members_are_judged_in_their_places),
		cmocka_unit_test(setuid_comes_back_only_where_the_image_has_it),
		cmocka_unit_test(only_attributes_that_are_kept_are_let_through),
		cmocka_unit_test(a_hundred_thousand_paths_are_kept_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
