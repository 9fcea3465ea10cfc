/* confine: what a child that reads foreign bytes can still do, asked of the kernel. */
#include "../../../init/base/child.h"
#include "../../../init/base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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

static bool says(const struct found *f, const char *line)
{
	return strstr(f->status, line);
}

static void a_reader_reads_and_does_nothing_else(void **state)
{
	static struct found f;
	const struct child_limits limits = { .reads_only = true };
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reader_reads_and_does_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
