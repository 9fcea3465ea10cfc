#include "handover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/paths.h"
#include "bootlog.h"
#include "giving.h"
#include "keeper.h"
#include "network.h"
#include "programs.h"
#include "rescue.h"
#include "selinux.h"
#include "sweep.h"
#include "toram.h"
#include "watchman.h"

enum { ARGUMENTS_MAX = 32 };

static const struct {
	const char *path;
	bool shell; /* whoever is at the console is root */
} inits[] = {
	{ "/usr/sbin/slate-init", false },
	{ "/sbin/slate-init", false },
	{ PATH_BIN "/slate-init", false },
	{ "/sbin/init", false },
	{ "/usr/sbin/init", false },
	{ "/usr/lib/systemd/systemd", false },
	{ "/etc/init", false },
	{ "/bin/init", false },
	{ "/bin/sh", true },
	{ PATH_BIN "/sh", true },
};

static const char *const moved[] = { "dev", "proc", "sys", "run" };

static int write_settings(const struct boot *b, struct err *e)
{
	char text[BOOT_CONF_MAX];

	if (settings_write(&b->settings, text, sizeof text, e) < 0)
		return -1;
	return fd_write_file(AT_FDCWD, PATH_SETTINGS, text, strlen(text), e);
}

/* What of its command line the kernel did not take it hands to its first process. */
static int write_unclaimed(const struct boot *b, struct err *e)
{
	char text[BOOT_CONF_MAX] = "";
	size_t used = 0;
	char *const *lists[] = { b->arguments + 1, environ };

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		for (char *const *word = lists[i]; *word; word++) {
			int len = snprintf(text + used, sizeof text - used, "%s\n", *word);

			if (len < 0 || (size_t)len >= sizeof text - used)
				break;
			used += (size_t)len;
		}
	return fd_write_file(AT_FDCWD, PATH_UNCLAIMED, text, used, e);
}

/* The new root's directory for a mount of ours: a link there would lead out. */
static int check_mount_point(int sysroot, const char *name, struct err *e)
{
	FD_AUTO fd = fd_open_beneath(sysroot, name, O_PATH | O_DIRECTORY, 0);

	if (fd >= 0)
		return 0;
	if (errno == ENOENT && mkdirat(sysroot, name, 0755) == 0)
		return 0;
	return err_sys(e, "/%s of the new root", name);
}

static int move_mounts(int sysroot, struct err *e)
{
	char from[16], to[32];

	for (size_t i = 0; i < sizeof moved / sizeof *moved; i++)
		if (check_mount_point(sysroot, moved[i], e) < 0)
			return -1;
	for (size_t i = 0; i < sizeof moved / sizeof *moved; i++) {
		snprintf(from, sizeof from, "/%s", moved[i]);
		snprintf(to, sizeof to, PATH_SYSROOT "/%s", moved[i]);
		if (mount(from, to, NULL, MS_MOVE, NULL) < 0)
			return err_sys(e, "move %s to %s", from, to);
	}
	return 0;
}

static int enter(struct err *e)
{
	if (chdir(PATH_SYSROOT) < 0)
		return err_sys(e, "enter " PATH_SYSROOT);
	if (mount(".", "/", NULL, MS_MOVE, NULL) < 0)
		return err_sys(e, "move " PATH_SYSROOT " to /");
	if (chroot(".") < 0 || chdir("/") < 0)
		return err_sys(e, "make " PATH_SYSROOT " the root");
	return 0;
}

/* Behind the `i` that are there already. */
static void split_arguments(char *text, char **argv, size_t i, size_t n)
{
	for (char *rest = text, *word; i + 1 < n && (word = strtok_r(rest, " \t", &rest));)
		argv[i++] = word;
	argv[i] = NULL;
}

static void become(struct boot *b, const char *init)
{
	char arguments[sizeof b->settings.init_args + sizeof " single"], name[256], term[64];
	char watchdog[32];
	char *argv[ARGUMENTS_MAX];
	const char *kernel_term = getenv("TERM");
	char path_word[] = "PATH=" PATH_SEARCH, home[] = "HOME=/";
	char *environment[] = { path_word, term, home, NULL };
	const char *slash = strrchr(init, '/');
	bool is_ours = strstr(init, "slate-init");
	int dog = watchman_hand_over(b, is_ours);
	size_t n = 1;

	/* slate-init reads it from the settings, the others from their arguments */
	snprintf(arguments, sizeof arguments, "%s%s", b->settings.init_args,
	         b->settings.single && !is_ours ? " single" : "");
	snprintf(name, sizeof name, "%s", slash ? slash + 1 : init);
	snprintf(term, sizeof term, "TERM=%s", kernel_term ? kernel_term : "linux");
	argv[0] = name;
	if (dog >= 0) {
		snprintf(watchdog, sizeof watchdog, "--watchdog=%d", dog);
		argv[n++] = watchdog;
	}
	split_arguments(arguments, argv, n, ARGUMENTS_MAX);
	execve(init, argv, environment);
}

/* Tries what is asked for, then all that are known. Returns only when none works. */
static void become_any(struct boot *b)
{
	const char *asked = b->settings.init;

	if (asked[0]) {
		become(b, asked);
		boot_degrade(b, "switch: init=%s: %s; another init is started", asked,
		             strerror(errno));
	}
	for (size_t i = 0; i < sizeof inits / sizeof *inits; i++) {
		const char *init = inits[i].path;

		if (access(init, X_OK) < 0 || (inits[i].shell && !rescue_gives_shell(b)))
			continue;
		if (asked[0])
			boot_say(b, REPORT_WARNING, "switch: starting %s", init);
		become(b, init);
		boot_degrade(b, "switch: exec %s: %s", init, strerror(errno));
	}
}

/* The init need not wait for the memory, but a small machine wants it soon: at no lower
 * priority. The new init reaps the child, as any process 1 reaps what it did not start. */
static void sweep_beside(int old, const struct programs *p)
{
	pid_t pid = fork();

	if (pid > 0)
		return;
	sweep(old, p->kept, p->n);
	if (pid == 0)
		_exit(0);
}

int handover_run(struct boot *b, struct err *e)
{
	FD_AUTO old = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct programs programs;

	if (old < 0)
		return err_sys(e, "open /");
	/* once moved, a second try only has to find an init */
	if (!b->moved) {
		programs_lend(b, &programs);
		toram_let_go(b);
		if (write_settings(b, e) < 0 || write_unclaimed(b, e) < 0)
			boot_degrade(b, "switch: %s", e->text);
		if (network_hand_over(b, b->sysroot, e) < 0)
			boot_degrade(b, "switch: %s", e->text);
		giving_end(b);
		if (bootlog_write(b, e) < 0)
			boot_degrade(b, "switch: %s", e->text);
		if (move_mounts(b->sysroot, e) < 0 || enter(e) < 0)
			return -1;
		b->moved = true;
		keeper_start(b);
		sweep_beside(old, &programs);
	}
	if (selinux_enforce(e) < 0)
		boot_degrade(b, "switch: SELinux is not enforced: %s", e->text);
	become_any(b);
	return err_say(e, "no init of the new root could be executed");
}
