#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../base/dir.h"
#include "../base/fd.h"
#include "../base/span.h"

#define DEPTH_MAX 8 /* groups below a unit's, when it is removed */

/* The unified line of /proc/PID/cgroup is "0::/path". */
static bool read_own_path(const char *file, char *path, size_t size)
{
	char text[4096];
	struct err e;
	struct span rest, line;
	ssize_t len = fd_read_file(AT_FDCWD, file, text, sizeof text, &e);

	if (len < 0)
		return false;
	rest = (struct span){ text, (size_t)len };
	while (span_line(&rest, &line))
		if (span_starts(line, "0::/"))
			return span_copy(span_from(line, 3), path, size);
	return false;
}

static int open_mount(void)
{
	static const char *const places[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		FD_AUTO fd = open(places[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		struct statfs fs;

		if (fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC)
			return fd_take(&fd);
	}
	return -1;
}

int cgroup_open(struct cgroup *c, struct err *e)
{
	char own[PATH_MAX];
	FD_AUTO mount = open_mount();

	*c = (struct cgroup){ .root = -1 };
	if (mount < 0)
		return err_say(e, "cgroup v2 is not mounted on /sys/fs/cgroup");
	if (!read_own_path("/proc/self/cgroup", own, sizeof own))
		return err_say(e, "/proc/self/cgroup names no cgroup v2");

	FD_AUTO root = openat(mount, own[1] ? own + 1 : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return err_sys(e, "open cgroup %s", own);
	if (mkdirat(root, "system.slice", 0755) < 0 && errno != EEXIST)
		return err_sys(e, "make a cgroup below %s", own);
	c->root = fd_take(&root);
	return 0;
}

void cgroup_path(const struct unit *u, char path[CGROUP_PATH_SIZE])
{
	const char *slice = u->service ? u->service->exec_config.cgroup.slice : NULL;

	snprintf(path, CGROUP_PATH_SIZE, "%s/%s", slice ? slice : "system.slice", u->name);
}

/* --- Limits --- */

static int write_text(int dir, const char *file, const char *text)
{
	FD_AUTO fd = openat(dir, file, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -1 : fd_write_full(fd, text, strlen(text));
}

/* Group `own` holds processes unless it is the machine's root, and a group with
 * processes can't give controllers to those below it: PID 1 moves out first. */
static void enable_controllers(struct cgroup *c, const char *slice)
{
	static const char *const names[] = { "+memory", "+pids", "+cpu", "+io" };

	if (faccessat(c->root, "cgroup.type", F_OK, 0) == 0 && !c->controllers) {
		mkdirat(c->root, "init.scope", 0755);
		write_text(c->root, "init.scope/cgroup.procs", "0");
	}
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char file[CGROUP_PATH_SIZE];

		write_text(c->root, "cgroup.subtree_control", names[i]);
		snprintf(file, sizeof file, "%s/cgroup.subtree_control", slice);
		write_text(c->root, file, names[i]);
	}
	c->controllers = true;
}

static int write_number(int dir, const char *file, uint64_t value, struct err *e)
{
	char text[32] = "max";

	if (value != UNIT_FOREVER)
		snprintf(text, sizeof text, "%" PRIu64, value);
	if (write_text(dir, file, text) < 0)
		return err_sys(e, "write %s to cgroup's %s", text, file);
	return 0;
}

static int write_amount(int dir, const char *file, const struct amount *a, uint64_t total,
                        struct err *e)
{
	if (a->kind == AMOUNT_UNSET)
		return 0;
	return write_number(dir, file,
	                    a->kind == AMOUNT_NUMBER ? a->value : total / 10000 * a->value, e);
}

static bool has_limits(const struct cgroup_config *k)
{
	return k->tasks_max.kind || k->memory_max.kind || k->memory_high.kind ||
	       k->memory_low.kind || k->memory_min.kind || k->memory_swap_max.kind ||
	       k->cpu_weight || k->io_weight || k->cpu_quota_us;
}

static int write_limits(int dir, const struct cgroup_config *k, struct err *e)
{
	struct sysinfo si;
	uint64_t memory = sysinfo(&si) == 0 ? (uint64_t)si.totalram * si.mem_unit : 0;
	char quota[64];

	if (write_amount(dir, "pids.max", &k->tasks_max, 32768, e) < 0 ||
	    write_amount(dir, "memory.max", &k->memory_max, memory, e) < 0 ||
	    write_amount(dir, "memory.high", &k->memory_high, memory, e) < 0 ||
	    write_amount(dir, "memory.low", &k->memory_low, memory, e) < 0 ||
	    write_amount(dir, "memory.min", &k->memory_min, memory, e) < 0 ||
	    write_amount(dir, "memory.swap.max", &k->memory_swap_max, memory, e) < 0)
		return -1;
	if (k->cpu_weight && write_number(dir, "cpu.weight", k->cpu_weight, e) < 0)
		return -1;
	if (k->io_weight && write_number(dir, "io.weight", k->io_weight, e) < 0)
		return -1;
	if (!k->cpu_quota_us)
		return 0;

	uint64_t period = k->cpu_quota_period_us ? k->cpu_quota_period_us : 100000;

	snprintf(quota, sizeof quota, "%" PRIu64 " %" PRIu64, k->cpu_quota_us * period / 1000000,
	         period);
	return write_text(dir, "cpu.max", quota) < 0 ? err_sys(e, "write cgroup's cpu.max") : 0;
}

int cgroup_make(struct cgroup *c, const struct unit *u, struct err *e)
{
	char path[CGROUP_PATH_SIZE];
	const struct cgroup_config *k = u->service ? &u->service->exec_config.cgroup : NULL;
	const char *slice = k && k->slice ? k->slice : "system.slice";

	if (c->root < 0)
		return err_say(e, "no cgroups here");
	if (k && has_limits(k))
		enable_controllers(c, slice);
	cgroup_path(u, path);
	if (mkdirat(c->root, path, 0755) < 0 && errno == ENOENT) {
		mkdirat(c->root, slice, 0755);
		mkdirat(c->root, path, 0755);
	}

	FD_AUTO dir = openat(c->root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return err_sys(e, "open cgroup %s", path);
	if (k && has_limits(k) && write_limits(dir, k, e) < 0)
		return -1;
	return fd_take(&dir);
}

int cgroup_make_control(struct cgroup *c, const struct unit *u, struct err *e)
{
	static const char control[] = ".control";
	FD_AUTO group = cgroup_make(c, u, e);

	if (group < 0 || !u->service || !u->service->exec_config.cgroup.delegate)
		return fd_take(&group);
	mkdirat(group, control, 0755);

	FD_AUTO dir = openat(group, control, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return dir < 0 ? err_sys(e, "open cgroup %s of %s", control, u->name) : fd_take(&dir);
}

/* --- Members --- */

static int open_file(const struct cgroup *c, const struct unit *u, const char *file, int flags)
{
	char path[CGROUP_PATH_SIZE + 32];
	char group[CGROUP_PATH_SIZE];

	if (c->root < 0)
		return -1;
	cgroup_path(u, group);
	snprintf(path, sizeof path, "%s/%s", group, file);
	return openat(c->root, path, flags | O_CLOEXEC);
}

bool cgroup_is_populated(const struct cgroup *c, const struct unit *u)
{
	FD_AUTO fd = open_file(c, u, "cgroup.events", O_RDONLY);
	char text[128];
	ssize_t len = fd < 0 ? -1 : fd_read_full(fd, text, sizeof text - 1);

	if (len < 0)
		return false;
	text[len] = '\0';
	return strstr(text, "populated 1");
}

int cgroup_each(const struct cgroup *c, const struct unit *u, void (*each)(void *ctx, pid_t pid),
                void *ctx)
{
	FD_AUTO fd = open_file(c, u, "cgroup.procs", O_RDONLY);
	char text[4096];
	int count = 0;
	uint64_t pid = 0;
	ssize_t len;

	while (fd >= 0 && (len = read(fd, text, sizeof text)) > 0)
		for (ssize_t i = 0; i < len; i++) {
			if (text[i] >= '0' && text[i] <= '9') {
				pid = pid * 10 + (uint64_t)(text[i] - '0');
				continue;
			}
			/* 0: a process of another pid namespace */
			if (pid > 1 && pid <= INT32_MAX) {
				each(ctx, (pid_t)pid);
				count++;
			}
			pid = 0;
		}
	return count;
}

struct signalling {
	int sig;
	pid_t but;
};

static void signal_one(void *ctx, pid_t pid)
{
	const struct signalling *s = ctx;

	if (pid == s->but || pid == getpid())
		return;
	kill(pid, s->sig);
	/* a stopped process would not see it */
	if (s->sig != SIGKILL && s->sig != SIGSTOP && s->sig != SIGCONT)
		kill(pid, SIGCONT);
}

int cgroup_signal(const struct cgroup *c, const struct unit *u, int sig, pid_t but)
{
	struct signalling s = { sig, but };

	return cgroup_each(c, u, signal_one, &s);
}

void cgroup_kill(const struct cgroup *c, const struct unit *u)
{
	FD_AUTO fd = open_file(c, u, "cgroup.kill", O_WRONLY);

	if (fd >= 0 && fd_write_full(fd, "1", 1) == 0)
		return;
	/* before Linux 5.14: a process may fork while the list is read, so some rounds */
	for (int round = 0; round < 8 && cgroup_signal(c, u, SIGKILL, 0) > 0; round++)
		;
}

static void remove_tree(int parent, const char *name, int depth)
{
	if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno != EBUSY || depth == DEPTH_MAX)
		return;

	DIR *dir = dir_list(openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));

	if (!dir)
		return;
	for (const struct dirent *entry; (entry = dir_next(dir));)
		if (entry->d_type == DT_DIR)
			remove_tree(dirfd(dir), entry->d_name, depth + 1);
	closedir(dir);
	unlinkat(parent, name, AT_REMOVEDIR);
}

void cgroup_remove(const struct cgroup *c, const struct unit *u)
{
	char path[CGROUP_PATH_SIZE];

	if (c->root < 0)
		return;
	cgroup_path(u, path);
	/* a service that runs as root may have made groups below */
	remove_tree(c->root, path, 0);
}

int cgroup_watch(const struct cgroup *c, int inotify, const struct unit *u)
{
	char group[CGROUP_PATH_SIZE];
	char path[CGROUP_PATH_SIZE + 64];

	if (c->root < 0)
		return -1;
	cgroup_path(u, group);
	snprintf(path, sizeof path, "/proc/self/fd/%d/%s/cgroup.events", c->root, group);
	return inotify_add_watch(inotify, path, IN_MODIFY);
}

static bool is_unit_name(struct span part)
{
	return span_ends(part, ".service") || span_ends(part, ".scope");
}

bool cgroup_unit_of(pid_t pid, char *name, size_t size)
{
	char file[64], path[PATH_MAX];
	struct span rest, part;

	snprintf(file, sizeof file, "/proc/%d/cgroup", (int)pid);
	if (!read_own_path(file, path, sizeof path))
		return false;
	rest = span_of(path);
	while (span_word(&rest, "/", &part))
		if (is_unit_name(part))
			return span_copy(part, name, size);
	return false;
}
