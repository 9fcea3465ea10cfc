/* floor: /init of the least that a boot can cost.
 *
 *     floor boot FSTYPE DEVICE IMAGE COUNT    the stateless boot, then COUNT services
 *     floor supervised COUNT                  supervision alone: what is set up once, and
 *                                             each service in its control group with its
 *                                             output in a pipe
 *     floor services COUNT                    the least: a fork and an exec each
 *     floor nothing                           one service: the kernel's own part
 *
 * It makes the system calls that such a boot can't do without, one after the
 * other, with every name known beforehand: no search, no check, no message. The
 * words are on the kernel's command line behind `--`. Modules are /modules/00.ko
 * and so on; /medium/bench.files, where it is, holds files to restore: for each
 * a header (struct saved), its name, its bytes.  */
#include <fcntl.h>
#include <linux/loop.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

struct saved {
	uint32_t name_size, size, mode, uid, gid, nanoseconds;
	int64_t seconds;
};

static void mount_api(void)
{
	mkdir("/dev", 0755);
	mkdir("/proc", 0555);
	mkdir("/sys", 0555);
	mkdir("/run", 0755);
	mount("devtmpfs", "/dev", "devtmpfs", MS_NOSUID, "mode=0755");
	mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755");
}

static void load_modules(void)
{
	char path[32];

	for (int i = 0;; i++) {
		snprintf(path, sizeof path, "/modules/%02d.ko", i);
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		if (fd < 0)
			return;
		syscall(SYS_finit_module, fd, "", 0);
		close(fd);
	}
}

static void mount_image(const char *path, const char *target)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int number = ioctl(control, LOOP_CTL_GET_FREE);
	char device[32];

	snprintf(device, sizeof device, "/dev/loop%d", number);
	int loop = open(device, O_RDONLY | O_CLOEXEC);
	struct loop_config config = {
		.fd = (uint32_t)open(path, O_RDONLY | O_CLOEXEC),
		.info.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR,
	};

	ioctl(loop, LOOP_CONFIGURE, &config);
	mount(device, target, "squashfs", MS_RDONLY, NULL);
	close((int)config.fd);
	close(loop);
	close(control);
}

static void mount_overlay(void)
{
	mkdir("/run/overlay", 0755);
	mount("tmpfs", "/run/overlay", "tmpfs", 0, "mode=0755");
	mkdir("/run/overlay/upper", 0755);
	mkdir("/run/overlay/work", 0755);
	mkdir("/new", 0755);
	mount("overlay", "/new", "overlay", 0,
	      "lowerdir=/run/root,upperdir=/run/overlay/upper,workdir=/run/overlay/work");
}

static void restore_file(const struct saved *file, const char *name, const char *bytes)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { file->seconds, file->nanoseconds } };
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	(void)!write(fd, bytes, file->size);
	(void)!fchown(fd, file->uid, file->gid);
	fchmod(fd, file->mode);
	futimens(fd, times);
	close(fd);
}

static void restore(void)
{
	int fd = open("/run/medium/bench.files", O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return;

	char *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	const char *end = at + st.st_size;

	close(fd);
	if (chdir("/new") < 0)
		return;
	while (at < end) {
		struct saved file;

		memcpy(&file, at, sizeof file);
		at += sizeof file;
		if (S_ISDIR(file.mode))
			mkdir(at, file.mode & 07777);
		else
			restore_file(&file, at, at + file.name_size);
		at += file.name_size + file.size;
	}
}

static void switch_root(void)
{
	static const char *const moved[] = { "dev", "proc", "sys", "run" };

	if (chdir("/new") < 0)
		return;
	for (size_t i = 0; i < sizeof moved / sizeof *moved; i++) {
		char from[16];

		snprintf(from, sizeof from, "/%s", moved[i]);
		mount(from, moved[i], NULL, MS_MOVE, NULL);
	}
	mount(".", "/", NULL, MS_MOVE, NULL);
	(void)!chroot(".");
	(void)!chdir("/");
}

static void start_services(const char *count)
{
	char number[16];

	for (int i = 1; i <= atoi(count); i++) {
		if (fork() != 0)
			continue;
		snprintf(number, sizeof number, "%d", i);
		setsid();
		execl("/usr/sbin/bench-service", "bench-service", number, count, (char *)NULL);
		_exit(127);
	}
}

static void listen_at(const char *path, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	strcpy(address.sun_path, path);
	bind(socket(AF_UNIX, type | SOCK_CLOEXEC, 0), (void *)&address, sizeof address);
}

/* What a supervisor has before its first service. Returns the control groups' root. */
static int set_up(void)
{
	sigset_t all;

	mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, NULL);
	mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, NULL);
	mount("cgroup2", "/sys/fs/cgroup", "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	mkdir("/sys/fs/cgroup/system.slice", 0755);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	epoll_create1(EPOLL_CLOEXEC);
	signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	listen_at("/run/control", SOCK_SEQPACKET);
	listen_at("/run/notify", SOCK_DGRAM);

	int self = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	(void)!write(self, "-1000", 5);
	close(self);
	return open("/sys/fs/cgroup/system.slice", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void run_supervised(const char *number, const char *count, int null, int log)
{
	static char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
		"INVOCATION_ID=00112233445566778899aabbccddeeff", NULL };
	char *const words[] = { "/usr/sbin/bench-service", (char *)number, (char *)count, NULL };
	struct rlimit files = { 1024, 4096 };
	sigset_t none;
	int self;

	setsid();
	self = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	(void)!write(self, "0", 1);
	close(self);
	dup2(null, 0);
	dup2(log, 1);
	dup2(log, 2);
	setrlimit(RLIMIT_NOFILE, &files);
	umask(022);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(words[0], words, environment);
	_exit(127);
}

static void start_supervised(const char *count)
{
	int groups = set_up(), null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = 1; i <= atoi(count); i++) {
		struct clone_args args = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD };
		char number[16], name[32];
		int log[2];

		snprintf(number, sizeof number, "%d", i);
		snprintf(name, sizeof name, "bench-%d.service", i);
		mkdirat(groups, name, 0755);
		args.cgroup = (unsigned)openat(groups, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		(void)!pipe2(log, O_CLOEXEC);
		if (syscall(SYS_clone3, &args, sizeof args) == 0)
			run_supervised(number, count, null, log[1]);
		close((int)args.cgroup);
	}
}

static void boot(char **words)
{
	load_modules();
	mkdir("/run/medium", 0755);
	mkdir("/run/root", 0755);
	mount(words[1], "/run/medium", words[0], MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
	      strcmp(words[0], "vfat") == 0 ? "iocharset=cp437" : NULL);
	mount_image(words[2], "/run/root");
	mount_overlay();
	restore();
	switch_root();
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "nothing";

	mount_api();
	if (strcmp(what, "boot") == 0 && argc == 6)
		boot(argv + 2);
	if (strcmp(what, "supervised") == 0 && argc == 3)
		start_supervised(argv[2]);
	else
		start_services(argc > 2 ? argv[argc - 1] : "1");
	for (;;) {
		if (wait(NULL) < 0)
			pause();
	}
}
