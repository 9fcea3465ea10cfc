/* confine: what a child that reads foreign bytes can still do, asked of the kernel. */
#include "../../../init/base/child.h"
#include "../../../init/base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/landlock.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cmocka.h>

struct found {
	char status[4096];      /* /proc/self/status */
	int opened;             /* a file for reading: a descriptor, or -errno */
	int wrote, made, removed, connected, executed; /* 0, or errno */
	bool wrote_open, mapped; /* into what was open before; memory */
};

static char file[] = "/tmp/slate-confine-XXXXXX";

static int try_all(void *arg, void *out, struct err *e)
{
	int open_before = *(int *)arg;
	struct found *f = out;
	char *const none[] = { NULL };
	void *memory;
	FD_AUTO status = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

	(void)e;
	f->opened = status < 0 ? -errno : status;
	if (read(status, f->status, sizeof f->status - 1) < 0)
		return -1;
	f->wrote = open(file, O_WRONLY | O_CLOEXEC) < 0 ? errno : 0;
	f->made = mkdir("/tmp/slate-confine-folder", 0700) < 0 ? errno : 0;
	f->removed = unlink(file) < 0 ? errno : 0;
	f->connected = socket(AF_UNIX, SOCK_STREAM, 0) < 0 ? errno : 0;
	f->executed = execve("/bin/true", none, none) < 0 ? errno : 0;
	f->wrote_open = write(open_before, "x", 1) == 1;
	memory = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	f->mapped = memory != MAP_FAILED;
	return 0;
}

static bool says_in(const char *status, const char *line)
{
	return strstr(status, line);
}

static bool says(const struct found *f, const char *line)
{
	return says_in(f->status, line);
}

static void a_reader_reads_and_does_nothing_else(void **state)
{
	static struct found f;
	const struct child_limits limits = { .walls = CHILD_READS };
	struct err e = { 0 };
	FD_AUTO fd = mkstemp(file);
	struct stat st;

	(void)state;
	assert_true(fd >= 0);
	if (child_call(try_all, &fd, &f, sizeof f, &limits, &e) < 0)
		fail_msg("%s", e.text);
	assert_true(f.opened >= 0);
	assert_true(f.wrote_open && f.mapped);
	assert_true(f.made == EPERM || f.made == EACCES);
	assert_true(f.removed == EPERM || f.removed == EACCES);
	assert_int_equal(f.connected, EPERM);
	assert_int_equal(f.executed, EPERM);
	/* a kernel without Landlock does not stop this one */
	if (syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0)
		assert_int_equal(f.wrote, EACCES);
	assert_true(says(&f, "NoNewPrivs:\t1\n") && says(&f, "Seccomp:\t2\n"));
	/* CAP_DAC_READ_SEARCH and CAP_IPC_LOCK, or less */
	assert_true(says(&f, "CapEff:\t0000000000004004\n") || says(&f, "CapEff:\t0000000000000000\n"));
	assert_int_equal(stat(file, &st), 0);
	unlink(file);
}

/* --- A writer: below its tree, and nowhere else --- */

struct written {
	char status[4096];
	int made, wrote, linked, moved, owned, removed; /* below the tree: 0, or errno */
	int device, outside, moved_out, mounted, connected, executed;
};

static int code(int result)
{
	return result < 0 ? errno : 0;
}

static int try_writing(void *arg, void *out, struct err *e)
{
	int tree = *(int *)arg;
	struct written *w = out;
	char *const none[] = { NULL };
	FD_AUTO status = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	FD_AUTO made = -1;

	(void)e;
	if (read(status, w->status, sizeof w->status - 1) < 0)
		return -1;
	w->made = code(mkdirat(tree, "a", 0700)) ? errno : code(mkdirat(tree, "b", 0700));
	made = openat(tree, "a/file", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	w->wrote = code(made < 0 ? -1 : (int)write(made, "x", 1));
	w->owned = code(fchown(made, 12, 34)) ? errno : code(fchmod(made, 06755));
	w->linked = code(linkat(tree, "a/file", tree, "b/link", 0));
	w->moved = code(renameat2(tree, "a/file", tree, "b/file", 0));
	w->removed = code(unlinkat(tree, "b/link", 0));
	w->device = code(mknodat(tree, "null", S_IFCHR | 0600, makedev(1, 3)));
	w->outside = code(mkdirat(AT_FDCWD, "/tmp/slate-confine-folder", 0700));
	w->moved_out = code(renameat2(tree, "b/file", AT_FDCWD, "/tmp/slate-confine-file", 0));
	w->mounted = code(mount("none", "/tmp", "tmpfs", 0, NULL));
	w->connected = code(socket(AF_UNIX, SOCK_STREAM, 0));
	w->executed = code(execve("/bin/true", none, none));
	return 0;
}

static bool is_refused(int result)
{
	return result == EPERM || result == EACCES || result == EXDEV;
}

static void a_writer_writes_below_its_tree_alone(void **state)
{
	static struct written w;
	char name[] = "/tmp/slate-confine-tree-XXXXXX";
	struct err e = { 0 };
	FD_AUTO tree = mkdtemp(name) ? open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	const struct child_limits limits = { .walls = CHILD_WRITES, .tree = tree };
	struct stat st;

	(void)state;
	assert_true(tree >= 0);
	if (child_call(try_writing, &(int){ tree }, &w, sizeof w, &limits, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(w.made | w.wrote | w.linked | w.moved | w.removed, 0);
	assert_int_equal(fstatat(tree, "b/file", &st, 0), 0);
	if (geteuid() == 0) {
		assert_int_equal(w.owned, 0);
		assert_true(st.st_uid == 12 && st.st_gid == 34 && (st.st_mode & 07777) == 06755);
	}
	assert_true(is_refused(w.device) && is_refused(w.mounted) && is_refused(w.connected));
	assert_true(is_refused(w.executed));
	/* a kernel without Landlock's second version does not stop these */
	if (syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) >= 2)
		assert_true(is_refused(w.outside) && is_refused(w.moved_out));
	assert_true(says_in(w.status, "NoNewPrivs:\t1\n") && says_in(w.status, "Seccomp:\t2\n"));
	unlinkat(tree, "b/file", 0);
	unlinkat(tree, "a", AT_REMOVEDIR);
	unlinkat(tree, "b", AT_REMOVEDIR);
	assert_int_equal(rmdir(name), 0);
}

/* --- What libblkid asks --- */

static int try_asking(void *arg, void *out, struct err *e)
{
	int *found = out;
	uint64_t size;

	(void)arg, (void)e;
	found[0] = code(ioctl(0, BLKGETSIZE64, &size));
	found[1] = code(ioctl(0, TIOCSTI, "x"));
	return 0;
}

static void a_reader_asks_a_device_for_its_size_and_no_more(void **state)
{
	const struct child_limits limits = { .walls = CHILD_READS };
	struct err e = { 0 };
	int found[2] = { 0 };

	(void)state;
	assert_int_equal(child_call(try_asking, NULL, found, sizeof found, &limits, &e), 0);
	/* standard input is no disk: the kernel was asked */
	assert_true(found[0] != EPERM && found[0] != 0);
	assert_int_equal(found[1], EPERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reader_reads_and_does_nothing_else),
		cmocka_unit_test(a_writer_writes_below_its_tree_alone),
		cmocka_unit_test(a_reader_asks_a_device_for_its_size_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
