#include "tool.h"

#include "../init/base/child.h"
#include "../init/base/fd.h"
#include "../init/base/span.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Debian's names; other distributions have nearly the same. */
static const struct {
	const char *tool, *package;
} packages[] = {
	{ "mksquashfs", "squashfs-tools" }, { "mkfs.erofs", "erofs-utils" },
	{ "mkfs.fat", "dosfstools" },       { "mcopy", "mtools" },
	{ "mmd", "mtools" },                { "mke2fs", "e2fsprogs" },
	{ "debugfs", "e2fsprogs" },         { "sfdisk", "fdisk" },
	{ "depmod", "kmod" },               { "xorriso", "xorriso" },
	{ "grub-mkimage", "grub-common" },  { "minisign", "minisign" },
	{ "veritysetup", "cryptsetup-bin" },
	{ "apparmor_parser", "apparmor" },  { "objcopy", "binutils" },
	{ "sbsign", "sbsigntool" },
};

static const char *package_of(const char *tool)
{
	for (size_t i = 0; i < sizeof packages / sizeof *packages; i++)
		if (strcmp(packages[i].tool, tool) == 0)
			return packages[i].package;
	return tool;
}

static bool find_in(const char *list, const char *name, char path[static 256])
{
	struct span rest = span_of(list), dir;

	while (span_word(&rest, ":", &dir)) {
		int len = snprintf(path, 256, "%.*s/%s", SPAN_ARGS(dir), name);

		if (len > 0 && len < 256 && access(path, X_OK) == 0)
			return true;
	}
	return false;
}

int tool_find(const char *name, char path[static 256], struct err *e)
{
	const char *list = getenv("PATH");

	if (list && find_in(list, name, path))
		return 0;
	if (find_in("/usr/sbin:/usr/bin:/sbin:/bin", name, path))
		return 0;
	return err_say(e, "%s is missing: apt-get install %s", name, package_of(name));
}

/* A file in memory that holds `text`, at its start. The caller owns it. */
static int memory_file(const char *text, struct err *e)
{
	FD_AUTO fd = memfd_create("tool", MFD_CLOEXEC);

	if (fd < 0)
		return err_sys(e, "memfd_create");
	if (text && (fd_write_full(fd, text, strlen(text)) < 0 || lseek(fd, 0, SEEK_SET) < 0))
		return err_sys(e, "write a tool's input");
	return fd_take(&fd);
}

static _Noreturn void become(const char *path, const char *const *argv, int in, int out,
                             const struct tool_run *run, pid_t parent)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(127);
	/* mtools would refuse partitions that its disk geometry does not fit */
	setenv("MTOOLS_SKIP_CHECK", "1", 1);
	setenv("LC_ALL", "C", 1);
	if (!run->terminal &&
	    (dup2(in, 0) < 0 || dup2(out, 2) < 0 || (!run->show && dup2(out, 1) < 0)))
		_exit(127);
	/* execv's type is older than const; it writes to nothing */
	union {
		const char *const *ours;
		char *const *theirs;
	} args = { argv };

	execv(path, args.theirs);
	dprintf(2, "%s: %s", path, strerror(errno));
	_exit(127);
}

/* The last lines of what the tool said, on one line. */
static int tell_output(const char *name, int status, int out, struct err *e)
{
	char text[2048];
	off_t end = lseek(out, 0, SEEK_END);
	off_t from = end > 300 ? end - 300 : 0;
	ssize_t len = pread(out, text, sizeof text - 1, from);

	text[len > 0 ? len : 0] = '\0';
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = ' ';
	struct span said = span_trim(span_of(text));

	return err_say(e, "%s %s: %.*s", name, child_describe(status), SPAN_ARGS(said));
}

/* Starts it with `in` as its standard input. Its process, or -1 with *e. */
static pid_t start(const char *const *argv, int in, int out, const struct tool_run *run,
                   struct err *e)
{
	char path[256];

	if (tool_find(argv[0], path, e) < 0)
		return -1;

	pid_t parent = getpid(), pid = fork();

	if (pid == 0)
		become(path, argv, in, out, run, parent);
	return pid < 0 ? err_sys(e, "%s: fork", argv[0]) : pid;
}

/* A tool that ends before it has read all says itself why. */
static int feed_it(const struct tool_run *run, int to, struct err *e)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;

	sigaction(SIGPIPE, &ignore, &before);

	int result = run->feed(run->ctx, to, e);

	sigaction(SIGPIPE, &before, NULL);
	return result < 0 && e->code == EPIPE ? 0 : result;
}

static int finish(const char *name, pid_t pid, int out, struct err *e)
{
	int status;

	if (child_wait(pid, 0, &status, e) < 0)
		return err_wrap(e, "%s", name);
	return status != 0 ? tell_output(name, status, out, e) : 0;
}

static int run_fed(const char *const *argv, const struct tool_run *run, int out, struct err *e)
{
	int ends[2];
	struct err ignored;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(e, "pipe");

	FD_AUTO to = ends[1];
	pid_t pid = start(argv, ends[0], out, run, e);

	close(ends[0]);
	if (pid < 0)
		return -1;

	int fed = feed_it(run, to, e);

	fd_drop(&to);
	return fed < 0 ? finish(argv[0], pid, out, &ignored), -1 : finish(argv[0], pid, out, e);
}

int tool_run(const char *const *argv, const struct tool_run *run, struct err *e)
{
	static const struct tool_run plain = { 0 };

	if (!run)
		run = &plain;
	FD_AUTO in = memory_file(run->input, e);
	FD_AUTO out = memory_file(NULL, e);
	if (in < 0 || out < 0)
		return -1;
	if (run->feed)
		return run_fed(argv, run, out, e);

	pid_t pid = start(argv, in, out, run, e);

	return pid < 0 ? -1 : finish(argv[0], pid, out, e);
}
