/* cpio, inflate, slots, tarball, tool, tree and plan, on files in a folder of their own. */
#include "../../../image/cpio.h"
#include "../../../image/inflate.h"
#include "../../../image/personal.h"
#include "../../../image/plan.h"
#include "../../../image/slots.h"
#include "../../../image/tarball.h"
#include "../../../image/tool.h"
#include "../../../image/tree.h"
#include "../../../init/base/fd.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/slate-image-XXXXXX";

static int enter_folder(void **state)
{
	(void)state;
	strcpy(folder + sizeof folder - 7, "XXXXXX");
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave_folder(void **state)
{
	struct err e;

	(void)state;
	return chdir("/") == 0 && tree_remove(folder, &e) == 0 ? 0 : -1;
}

static void put(const char *path, const char *text)
{
	struct err e;

	assert_int_equal(fd_write_file(AT_FDCWD, path, text, strlen(text), &e), 0);
}

/* What bsdtar, cpio or the kernel would list. */
static void archive_is(const char *path, const char *expected)
{
	char command[600], said[2000] = "";

	snprintf(command, sizeof command, "zstd -dcq %s | cpio -it --quiet 2>&1", path);
	FILE *list = popen(command, "r");
	assert_non_null(list);
	said[fread(said, 1, sizeof said - 1, list)] = '\0';
	assert_int_equal(pclose(list), 0);
	assert_string_equal(said, expected);
}

static void an_archive_has_the_folders_above_a_file_once(void **state)
{
	struct cpio c;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(cpio_open(&c, "out", &e), 0);
	assert_int_equal(cpio_data(&c, "a/b/one", 0644, "1", 1, &e), 0);
	assert_int_equal(cpio_link(&c, "a/b/two", "one", &e), 0);
	assert_int_equal(cpio_folder(&c, "a/b", &e), 0);
	assert_int_equal(cpio_close(&c, &e), 0);
	archive_is("out", "a\na/b\na/b/one\na/b/two\n");
}

static void a_tree_is_taken_whole_but_for_what_is_skipped(void **state)
{
	struct cpio c;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(fd_mkdirs(AT_FDCWD, "from/z/deep", 0755, &e), 0);
	assert_int_equal(fd_mkdirs(AT_FDCWD, "from/units/x", 0755, &e), 0);
	put("from/z/deep/file", "f");
	put("from/unitsish", "f");
	assert_int_equal(symlink("z", "from/link"), 0);
	assert_int_equal(cpio_open(&c, "out", &e), 0);
	assert_int_equal(cpio_tree(&c, "lib", "from", "units", &e), 0);
	assert_int_equal(cpio_close(&c, &e), 0);
	archive_is("out", "lib\nlib/link\nlib/unitsish\nlib/z\nlib/z/deep\nlib/z/deep/file\n");
}

static void the_same_tree_gives_the_same_archive(void **state)
{
	struct cpio c;
	struct err e = { 0 };
	void *data[2];
	size_t size[2];
	static const char *const outs[] = { "one", "two" };

	(void)state;
	assert_int_equal(fd_mkdirs(AT_FDCWD, "from", 0755, &e), 0);
	put("from/file", "text");
	for (size_t i = 0; i < 2; i++) {
		const struct timespec times[2] = { { .tv_sec = (time_t)i }, { .tv_sec = (time_t)i } };

		assert_int_equal(utimensat(AT_FDCWD, "from/file", times, 0), 0);
		assert_int_equal(cpio_open(&c, outs[i], &e), 0);
		assert_int_equal(cpio_tree(&c, "lib", "from", NULL, &e), 0);
		assert_int_equal(cpio_close(&c, &e), 0);
		assert_int_equal(inflate_read(outs[i], &data[i], &size[i], &e), 0);
	}
	assert_int_equal(size[0], size[1]);
	assert_memory_equal(data[0], data[1], size[0]);
	free(data[0]);
	free(data[1]);
}

static void a_module_is_the_same_whatever_it_was_packed_with(void **state)
{
	static const char *const packers[] = { "cp m.ko %s", "xz -kc m.ko >%s", "zstd -qc m.ko >%s",
		                               "gzip -c m.ko >%s" };
	static const char *const names[] = { "x.ko", "x.ko.xz", "x.ko.zst", "x.ko.gz" };
	static char text[300000];
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof text - 1; i++)
		text[i] = (char)('a' + i * i % 23);
	put("m.ko", text);
	for (size_t i = 0; i < 4; i++) {
		char command[100];
		void *data;
		size_t size;

		snprintf(command, sizeof command, packers[i], names[i]);
		assert_int_equal(system(command), 0);
		assert_int_equal(inflate_file(names[i], &data, &size, &e), 0);
		assert_int_equal(size, sizeof text - 1);
		assert_memory_equal(data, text, size);
		free(data);
	}
}

static void a_damaged_module_is_named(void **state)
{
	static const char *const names[] = { "x.ko.xz", "x.ko.zst", "x.ko.gz", "none.ko" };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		put(names[i], "not packed by anything at all");
	for (size_t i = 0; i < 4; i++) {
		struct err e = { 0 };
		void *data;
		size_t size;

		assert_int_equal(inflate_file(names[i], &data, &size, &e), -1);
		assert_non_null(strstr(e.text, names[i]));
	}
}

static void slots_are_found_wherever_they_lie_and_become_zeros(void **state)
{
	struct err e = { 0 };
	void *data;
	size_t size;

	(void)state;
	assert_int_equal(slots_fill("slot", 8192, &e), 0);
	put("head", "something before");
	assert_int_equal(system("truncate -s 5120 head; cat head slot head slot >disk; truncate -s 4M disk"), 0);
	assert_int_equal(slots_zero("disk", 2, 8192, &e), 0);
	assert_int_equal(inflate_read("disk", &data, &size, &e), 0);
	assert_int_equal(size, 4 << 20);
	assert_string_equal((char *)data, "something before");
	for (size_t i = 16; i < 5120 + 8192; i++)
		assert_int_equal(((char *)data)[i], 0);
	free(data);
}

static void a_slot_in_pieces_or_missing_is_an_error(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(slots_fill("slot", 8192, &e), 0);
	put("gap", "gap");
	assert_int_equal(system("truncate -s 512 gap; head -c 4096 slot >disk; cat gap >>disk;"
	                        "tail -c 4096 slot >>disk; cp disk other"), 0);
	assert_int_equal(slots_zero("disk", 1, 8192, &e), -1);
	assert_non_null(strstr(e.text, "in pieces"));
	assert_int_equal(slots_zero("other", 2, 8192, &e), -1);
	assert_non_null(strstr(e.text, "16 of 32 blocks"));
}

static void a_missing_tool_is_named_with_its_package(void **state)
{
	char path[256];
	struct err e = { 0 };

	(void)state;
	assert_int_equal(tool_find("sh", path, &e), 0);
	assert_int_equal(tool_find("no-such-tool", path, &e), -1);
	assert_string_equal(e.text, "no-such-tool is missing: apt-get install no-such-tool");
}

static void a_tool_that_fails_is_quoted(void **state)
{
	const char *bad[] = { "sh", "-c", "cat; echo trouble >&2; exit 3", NULL };
	const char *good[] = { "sh", "-c", "grep -q given", NULL };
	const struct tool_run run = { .input = "given" };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(tool_run(bad, &run, &e), -1);
	assert_string_equal(e.text, "sh exited with status 3: giventrouble");
	assert_int_equal(tool_run(good, &run, &e), 0);
}

static int feed_much(void *ctx, int to, struct err *e)
{
	static const char chunk[1 << 16];

	(void)ctx;
	for (int i = 0; i < 32; i++)
		if (fd_write_full(to, chunk, sizeof chunk) < 0)
			return err_sys(e, "write");
	return 0;
}

static int feed_badly(void *ctx, int to, struct err *e)
{
	(void)ctx;
	(void)to;
	return err_say(e, "no more of it");
}

static void a_tool_is_fed_and_both_sides_can_fail(void **state)
{
	const char *all[] = { "sh", "-c", "test $(wc -c) -eq 2097152", NULL };
	const char *some[] = { "sh", "-c", "head -c 9 >&2; echo enough >&2; exit 4", NULL };
	const struct tool_run run = { .feed = feed_much }, bad = { .feed = feed_badly };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(tool_run(all, &run, &e), 0);
	assert_int_equal(tool_run(some, &run, &e), -1);
	assert_non_null(strstr(e.text, "exited with status 4"));
	assert_int_equal(tool_run(all, &bad, &e), -1);
	assert_string_equal(e.text, "no more of it");
}

static const struct {
	const char *name;
	enum tarball_part part;
	const char *rest;
} parts[] = {
	{ "./", TARBALL_TOP, "" },
	{ ".", TARBALL_TOP, "" },
	{ "/", TARBALL_TOP, "" },
	{ "lib", TARBALL_LIB, "lib" },
	{ "./lib/", TARBALL_LIB, "lib" },
	{ "usr/lib/", TARBALL_OTHER, "usr/lib" },
	{ "/etc/slate/slate.conf", TARBALL_CONTENT, "etc/slate/slate.conf" },
	{ "etc/slate/slate.conf.d/x", TARBALL_OTHER, "etc/slate/slate.conf.d/x" },
	{ "././usr/lib/firmware/a/b.fw", TARBALL_CONTENT, "usr/lib/firmware/a/b.fw" },
	{ "lib/firmware/../../../../etc/shadow", TARBALL_OTHER, "lib/firmware/../../../../etc/shadow" },
	{ "../lib/firmware/x", TARBALL_OTHER, "../lib/firmware/x" },
	{ "usr/lib/modules/6.1/modules.dep", TARBALL_MODULES, "usr/lib/modules/6.1/modules.dep" },
	{ "usr/lib/modules/", TARBALL_OTHER, "usr/lib/modules" },
};

static void a_build_looks_at_few_members_of_an_archive(void **state)
{
	struct span rest;

	(void)state;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (tarball_part(parts[i].name, &rest) != parts[i].part || !span_is(rest, parts[i].rest))
			fail_msg("%s", parts[i].name);
}

static const struct {
	const char *name, *target;
	bool inside;
} links[] = {
	{ "lib/firmware/a", "b", true },
	{ "lib/firmware/a", "b/c", true },
	{ "lib/firmware/a", "../../b", true },
	{ "lib/firmware/a", "../../../b", false },
	{ "lib/firmware/a", "..", false },
	{ "lib/firmware/a", "b/../../c", false },
	{ "lib/firmware/a", "/etc/shadow", false },
	{ "lib/firmware/a", "", false },
};

static void a_link_of_an_archive_leads_nowhere_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		if (tarball_link_is_inside(span_of(links[i].name), links[i].target) != links[i].inside)
			fail_msg("%s", links[i].target);
}

static const struct {
	const char *row, *args, *error;
	bool usage;
} refused[] = {
	{ "nothing", "", "--root DIR|TAR is needed", true },
	{ "a word nobody knows", "--rot .", "what is --rot?", true },
	{ "no value", "--root", "--root needs a value", true },
	{ "label too long for FAT", "--root r --kernel k --modules m -o o --label A-LONGER-NAME",
	  "1 to 11 characters on fat", true },
	{ "label with a quote", "--root r --kernel k --modules m -o o --label A'B", "only letters", true },
	{ "a file system nobody knows", "--fs=ntfs", "--fs", true },
	{ "one slot can't be saved to safely", "--slots=1", "--slots", true },
	{ "type", "--root r --kernel k --modules m -o o --type floppy", "--type: not one of", true },
	{ "an ISO for another loader", "--root r --kernel k --modules m -o o --type iso --no-bootloader", "for disks", true },
	{ "no such root", "--root none --kernel k --modules m -o o", "--root none", false },
	{ "an archive as erofs", "--root k --kernel k --modules m -o o --fs erofs", "of a folder; unpack", false },
	{ "out inside root", "--root r --kernel k --modules m -o r/out", "inside the root", false },
	{ "modules of another kernel", "--root r --kernel k --modules m -o o", "is 1.2.3, but", false },
};

static void what_makes_no_sense_is_refused_before_any_work(void **state)
{
	static char kernel[2048];
	struct err e = { 0 };

	(void)state;
	memcpy(kernel + 0x202, "HdrS", 4);
	kernel[0x20f] = 2;
	strcpy(kernel + 0x400, "1.2.3 ");
	assert_int_equal(fd_write_file(AT_FDCWD, "k", kernel, sizeof kernel, &e), 0);
	assert_int_equal(mkdir("r", 0755) | mkdir("m", 0755), 0);
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		static struct plan p;
		char text[200], *argv[16] = { "build" }, *rest = text;
		int argc = 1;
		bool usage = false;

		snprintf(text, sizeof text, "%s", refused[i].args);
		while (argc < 15 && (argv[argc] = strtok_r(rest, " ", &rest)))
			argc++;
		argv[argc] = NULL;
		if (plan_parse(&p, argc, argv, &usage, &e) == 0 || usage != refused[i].usage ||
		    !strstr(e.text, refused[i].error))
			fail_msg("%s: %s", refused[i].row, e.text);
	}
}

static void every_option_is_told(void **state)
{
	char *text;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	(void)state;
	plan_usage(to);
	fclose(to);
	for (size_t i = 0; plan_option(i); i++)
		if (strcmp(plan_option(i), "--output") != 0)
			assert_non_null(strstr(text, plan_option(i)));
	free(text);
}

static void what_belongs_to_one_machine_is_known(void **state)
{
	static const struct {
		const char *path;
		uint64_t size;
		bool personal;
	} rows[] = {
		{ "etc/machine-id", 33, true },
		{ "etc/machine-id", 0, false },
		{ "etc/machine-id", 14, false }, /* "uninitialized" */
		{ "etc/ssh/ssh_host_ed25519_key", 400, true },
		{ "etc/ssh/ssh_host_ed25519_key.pub", 90, true },
		{ "etc/ssh/ssh_host_dsa_key", 0, false },
		{ "etc/ssh/sshd_config", 3000, false },
		{ "etc/ssh/ssh_host_", 3, false },
		{ "etc/dropbear/dropbear_rsa_host_key", 800, true },
		{ "var/lib/systemd/random-seed", 32, true },
		{ "var/lib/seedrng/seed.credit", 32, true },
		{ "var/lib/seedrng/seed.no-credit", 32, true },
		{ "srv/etc/machine-id", 33, false },
		{ "etc/hostname", 9, false },
		{ "", 1, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (personal_is(span_of(rows[i].path), rows[i].size) != rows[i].personal)
			fail_msg("%s", rows[i].path);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(an_archive_has_the_folders_above_a_file_once),
		IN_FOLDER(a_tree_is_taken_whole_but_for_what_is_skipped),
		IN_FOLDER(the_same_tree_gives_the_same_archive),
		IN_FOLDER(a_module_is_the_same_whatever_it_was_packed_with),
		IN_FOLDER(a_damaged_module_is_named),
		IN_FOLDER(slots_are_found_wherever_they_lie_and_become_zeros),
		IN_FOLDER(a_slot_in_pieces_or_missing_is_an_error),
		IN_FOLDER(a_missing_tool_is_named_with_its_package),
		IN_FOLDER(a_tool_that_fails_is_quoted),
		IN_FOLDER(a_tool_is_fed_and_both_sides_can_fail),
		cmocka_unit_test(a_build_looks_at_few_members_of_an_archive),
		cmocka_unit_test(a_link_of_an_archive_leads_nowhere_else),
		cmocka_unit_test(every_option_is_told),
		cmocka_unit_test(what_belongs_to_one_machine_is_known),
		IN_FOLDER(what_makes_no_sense_is_refused_before_any_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
