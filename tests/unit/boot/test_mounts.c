/* layer, root, programs, sweep: on real mounts, in a mount namespace of the test's
 * own, with a tmpfs as the initramfs. Needs root: an overlay with the options of a
 * boot can't be mounted in a user namespace. */
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../init/base/fd.h"
#include "../../../init/base/paths.h"
#include "../../../init/boot/image.h"
#include "../../../init/boot/layer.h"
#include "../../../init/boot/mounts.h"
#include "../../../init/boot/programs.h"
#include "../../../init/boot/root.h"
#include "../../../init/boot/sweep.h"

static bool have_namespace;

static void put(const char *path, const char *text)
{
	struct err e = { 0 };

	if (fd_write_file(AT_FDCWD, path, text, strlen(text), &e) < 0)
		fail_msg("%s", e.text);
}

static void folder(const char *path)
{
	struct err e = { 0 };

	if (fd_mkdirs(AT_FDCWD, path, 0755, &e) < 0)
		fail_msg("%s", e.text);
}

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Once: everything below happens beneath a tmpfs that is / of this process. The
 * leak check of the sanitizer reads /proc. */
static int enter(void **state)
{
	(void)state;
	have_namespace = geteuid() == 0 && unshare(CLONE_NEWNS) == 0 &&
	                 mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	                 mount("tmpfs", "/tmp", "tmpfs", 0, NULL) == 0 &&
	                 mkdir("/tmp/proc", 0755) == 0 &&
	                 mount("/proc", "/tmp/proc", NULL, MS_BIND | MS_REC, NULL) == 0 &&
	                 chroot("/tmp") == 0 && chdir("/") == 0 && mkdir("/run", 0755) == 0 &&
	                 mount("tmpfs", "/run", "tmpfs", 0, NULL) == 0;
	if (have_namespace)
		folder(PATH_RUN);
	return 0;
}

/* A root at PATH_ROOT as the root stage leaves it. */
static struct boot with_root(void)
{
	struct boot b = { .report = { .kmsg = -1, .name = "test" },
		          .degraded = "/degraded",
		          .monitor = -1,
		          .medium.dir = -1,
		          .sysroot = -1,
		          .given = -1 };

	settings_default(&b.settings);
	unlink("/degraded");
	folder(PATH_ROOT "/etc");
	folder(PATH_ROOT "/bin");
	put(PATH_ROOT "/etc/hostname", "shipped");
	put(PATH_ROOT "/bin/sh", "");
	chmod(PATH_ROOT, 0711);
	b.root.dir = open(PATH_ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(b.root.dir >= 0);
	return b;
}

static void finish(struct boot *b)
{
	fd_drop(&b->sysroot);
	fd_drop(&b->root.dir);
	fd_drop(&b->medium.dir);
	umount2(PATH_SYSROOT, MNT_DETACH);
	umount2(PATH_OVERLAY, MNT_DETACH);
}

static void expect_text(const char *path, const char *text)
{
	char found[600] = "";
	struct err e;

	fd_read_file(AT_FDCWD, path, found, sizeof found, &e);
	assert_string_equal(found, text);
}

static void what_is_written_lands_in_the_upper_layer_alone(void **state)
{
	struct err e = { 0 };
	struct stat st;

	(void)state;
	if (!have_namespace)
		skip();

	struct boot b = with_root();

	if (layer_make(&b, &e) < 0)
		fail_msg("%s", e.text);
	put(PATH_SYSROOT "/etc/hostname", "mine");
	expect_text(PATH_ROOT "/etc/hostname", "shipped");
	expect_text(PATH_UPPER "/etc/hostname", "mine");
	assert_int_equal(stat(PATH_SYSROOT, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0711);
	finish(&b);
}

static void a_root_made_anew_forgets_what_was_written(void **state)
{
	struct err e = { 0 };

	(void)state;
	if (!have_namespace)
		skip();

	struct boot b = with_root();

	assert_int_equal(layer_make(&b, &e), 0);
	put(PATH_SYSROOT "/etc/new", "x");
	unlink(PATH_SYSROOT "/etc/hostname");
	if (layer_make(&b, &e) < 0)
		fail_msg("%s", e.text);
	assert_false(is_there(PATH_SYSROOT "/etc/new"));
	expect_text(PATH_SYSROOT "/etc/hostname", "shipped");
	assert_true(b.sysroot >= 0 && b.layered);
	finish(&b);
}

static void limits_that_can_not_work_are_told_and_replaced(void **state)
{
	static const char *const limits[] = { "tmpfs:size=banana", "tmpfs:inodes=2", "disk" };
	struct err e = { 0 };

	(void)state;
	if (!have_namespace)
		skip();
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		struct boot b = with_root();

		strcpy(b.settings.overlay, limits[i]);
		if (layer_make(&b, &e) < 0)
			fail_msg("%s: %s", limits[i], e.text);
		assert_true(is_there("/degraded"));
		finish(&b);
	}
}

static void the_medium_itself_can_be_the_root(void **state)
{
	struct err e = { 0 };

	(void)state;
	if (!have_namespace)
		skip();

	struct boot b = { .report = { .kmsg = -1, .name = "test" },
		          .degraded = "/degraded",
		          .monitor = -1,
		          .root.dir = -1,
		          .sysroot = -1,
		          .given = -1 };

	settings_default(&b.settings);
	umount2(PATH_ROOT, MNT_DETACH);
	folder(PATH_MEDIUM "/sbin");
	b.medium.dir = open(PATH_MEDIUM, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(root_mount(&b, &e), -1);
	assert_non_null(strstr(e.text, "holds neither an init nor a shell"));
	assert_int_equal(b.root.dir, -1);

	put(PATH_MEDIUM "/sbin/init", "");
	if (root_mount(&b, &e) < 0)
		fail_msg("%s", e.text);
	assert_true(is_there(PATH_ROOT "/sbin/init"));
	assert_int_equal(b.root.n, 1);
	assert_int_equal(open(PATH_ROOT "/x", O_WRONLY | O_CREAT, 0600), -1);
	finish(&b);
	umount2(PATH_ROOT, MNT_DETACH);
}

static void a_protection_that_can_not_be_given_refuses_the_root(void **state)
{
	static const struct {
		const char *cmdline, *error;
		bool keyed, is_signed;
	} rows[] = {
		{ "slate.verify=require", "slate.verify=require", false, false },
		{ "", "holds a key", true, false },
		{ "slate.verify=if-signed", "there is a signature", false, true },
		{ "slate.verify=if-signed", NULL, false, false },
		{ "slate.verify=no", NULL, true, true },
		{ "", NULL, false, true },
	};

	(void)state;
	if (!have_namespace)
		skip();
	folder(PATH_MEDIUM "/sbin");
	folder(PATH_MEDIUM "/slate");
	put(PATH_MEDIUM "/sbin/init", "");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err e = { 0 };
		struct boot b = { .report = { .kmsg = -1, .name = "test" },
			          .degraded = "/degraded",
			          .monitor = -1,
			          .root.dir = -1,
			          .sysroot = -1,
			          .given = -1,
			          .keyed = rows[i].keyed };
		struct settings_warn none = { NULL, NULL };

		settings_default(&b.settings);
		settings_apply(&b.settings, SETTINGS_CMDLINE, span_of(rows[i].cmdline), &none);
		snprintf(b.cmdline, sizeof b.cmdline, "%s", rows[i].cmdline);
		unlink(PATH_MEDIUM "/slate/root.manifest.minisig");
		if (rows[i].is_signed)
			put(PATH_MEDIUM "/slate/root.manifest.minisig", "");
		b.medium.dir = open(PATH_MEDIUM, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		int result = root_mount(&b, &e);

		if (result != (rows[i].error ? -1 : 0) ||
		    (rows[i].error && !strstr(e.text, rows[i].error)))
			fail_msg("row %zu: %d, %s", i, result, e.text);
		finish(&b);
		umount2(PATH_ROOT, MNT_DETACH);
	}
}

static void images_on_a_medium_are_tried_in_a_known_order(void **state)
{
	static const char *const expected[] = { "slate/root.squashfs", "slate/root.erofs",
		                                "slate/a.squashfs", "slate/z.erofs" };
	struct image images[BOOT_IMAGES_MAX];
	struct err e = { 0 };
	size_t n;

	(void)state;
	if (!have_namespace)
		skip();
	folder("/stick/slate/saved");
	for (size_t i = 4; i-- > 0;) {
		char path[64];

		snprintf(path, sizeof path, "/stick/%s", expected[i]);
		put(path, "");
	}
	put("/stick/slate/root.manifest", "");

	FD_AUTO dir = open("/stick", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(image_list_read(dir, images, &n, &e), 0);
	assert_int_equal(n, 4);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(images[i].path, expected[i]);
}

static void programs_are_lent_where_the_root_has_none_and_survive_the_sweep(void **state)
{
	struct programs p;
	struct err e = { 0 };

	(void)state;
	if (!have_namespace)
		skip();

	struct boot b = with_root();

	folder("/bin");
	folder("/lib/slate/system");
	folder("/lib/modules/deep/er");
	put("/bin/slate", "tool");
	put("/bin/slate-init", "init");
	put("/bin/busybox", "shell");
	put("/bin/other", "");
	put("/lib/slate/system/a.target", "[Unit]");
	put("/lib/modules/deep/er/x.ko", "");
	assert_int_equal(layer_make(&b, &e), 0);
	folder(PATH_SYSROOT "/usr/sbin");
	put(PATH_SYSROOT "/usr/sbin/slate-init", "its own");
	programs_lend(&b, &p);
	expect_text(PATH_BIN "/slate", "tool");
	expect_text(PATH_BIN "/lbu", "tool");
	expect_text(PATH_SHIPPED "/system/a.target", "[Unit]");
	assert_false(is_there(PATH_BIN "/slate-init")); /* the root has one */
	assert_false(is_there(PATH_BIN "/busybox"));    /* the root has a shell */
	expect_text(PATH_BIN "/modprobe", "shell");     /* and nothing to load drivers with */

	FD_AUTO top = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	sweep(top, p.kept, p.n);
	assert_false(is_there("/lib/modules"));
	assert_false(is_there("/bin/other"));
	expect_text(PATH_BIN "/slate", "tool");
	expect_text(PATH_BIN "/modprobe", "shell");
	expect_text(PATH_SHIPPED "/system/a.target", "[Unit]");
	expect_text(PATH_SYSROOT "/etc/hostname", "shipped"); /* another file system */
	finish(&b);
}

int main(void)
{
	/* the last one empties the tmpfs */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_lands_in_the_upper_layer_alone),
		cmocka_unit_test(a_root_made_anew_forgets_what_was_written),
		cmocka_unit_test(limits_that_can_not_work_are_told_and_replaced),
		cmocka_unit_test(the_medium_itself_can_be_the_root),
		cmocka_unit_test(a_protection_that_can_not_be_given_refuses_the_root),
		cmocka_unit_test(images_on_a_medium_are_tried_in_a_known_order),
		cmocka_unit_test(programs_are_lent_where_the_root_has_none_and_survive_the_sweep),
	};

	return cmocka_run_group_tests(tests, enter, NULL);
}
