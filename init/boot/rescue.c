#include "rescue.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/paths.h"
#include "bootlog.h"
#include "console.h"
#include "machine.h"
#include "qr.h"
#include "watchman.h"

enum { RESTART_S = 60 };

static const char *const key_does[] = {
	[SHELL_NO] = "restarts now",
	[SHELL_LOGIN] = "asks for root's password",
	[SHELL_ROOT] = "gives a shell",
};

enum root_password rescue_password(struct span shadow, struct span *hash)
{
	struct span line, name, rest, after;

	while (span_line(&shadow, &line)) {
		span_cut(line, ':', &name, &rest);
		if (!span_is(name, "root") || !rest.at)
			continue;
		span_cut(rest, ':', hash, &after);
		if (hash->len == 0)
			return PASSWORD_EMPTY;
		return hash->at[0] == '!' || hash->at[0] == '*' ? PASSWORD_LOCKED : PASSWORD_SET;
	}
	return PASSWORD_UNKNOWN;
}

enum setting_shell rescue_policy(int setting, bool has_key, enum root_password password)
{
	if (setting == SHELL_UNSET)
		setting = has_key ? SHELL_NO : password == PASSWORD_SET ? SHELL_LOGIN : SHELL_ROOT;
	if (setting == SHELL_LOGIN && password != PASSWORD_SET)
		return password == PASSWORD_EMPTY ? SHELL_ROOT : SHELL_NO;
	return (enum setting_shell)setting;
}

/* Lays root's password where BusyBox' sulogin looks for it. */
static int write_accounts(struct span hash, struct err *e)
{
	static const char passwd[] = "root:x:0:0:root:/:/bin/sh\n";
	char shadow[300];
	int len =
		snprintf(shadow, sizeof shadow, "root:%.*s:19000:0:99999:7:::\n", SPAN_ARGS(hash));

	if (len < 0 || (size_t)len >= sizeof shadow)
		return err_say(e, "root's password hash is too long");
	if (fd_mkdirs(AT_FDCWD, "/etc", 0755, e) < 0 ||
	    fd_write_file(AT_FDCWD, "/etc/passwd", passwd, sizeof passwd - 1, e) < 0)
		return -1;
	return fd_write_file(AT_FDCWD, "/etc/shadow", shadow, (size_t)len, e);
}

/* Of the new root where there is one, with what was restored, else of the image. */
static enum root_password read_password(const struct boot *b, struct err *e)
{
	int dir = b->sysroot >= 0 ? b->sysroot : b->root.dir;
	FD_AUTO fd = dir < 0 ? -1 : fd_open_in_root(dir, "etc/shadow", O_RDONLY, 0);
	char text[16384];
	ssize_t len = fd < 0 ? -1 : fd_read_full(fd, text, sizeof text);
	struct span hash;

	if (len < 0)
		return PASSWORD_UNKNOWN;

	enum root_password found = rescue_password((struct span){ text, (size_t)len }, &hash);

	/* the new root as / has accounts of its own */
	if (found == PASSWORD_SET && !b->moved && write_accounts(hash, e) < 0)
		return PASSWORD_LOCKED;
	return found;
}

static _Noreturn void exec_shell(enum setting_shell policy)
{
	char path[] = "PATH=/bin:/sbin:/usr/bin:/usr/sbin:" PATH_BIN, home[] = "HOME=/";
	char term[] = "TERM=linux";
	char *environment[] = { path, home, term, NULL };

	setsid();
	ioctl(STDIN_FILENO, TIOCSCTTY, 1);
	if (policy == SHELL_LOGIN) {
		execle("/bin/busybox", "sulogin", "-t", "60", (char *)NULL, environment);
		execle(PATH_BIN "/busybox", "sulogin", "-t", "60", (char *)NULL, environment);
		execle("/sbin/sulogin", "sulogin", "-t", "60", (char *)NULL, environment);
	} else {
		execle("/bin/sh", "-sh", (char *)NULL, environment);
		execle(PATH_BIN "/sh", "-sh", (char *)NULL, environment);
	}
	dprintf(STDERR_FILENO, "no shell here: %s\n", strerror(errno));
	_exit(127);
}

/* Runs a shell on the console and waits for its end. */
static void run_shell(const struct boot *b, enum setting_shell policy)
{
	pid_t pid = fork(), ended;

	if (pid < 0) {
		boot_say(b, REPORT_ERROR, "shell: fork: %s", strerror(errno));
		return;
	}
	if (pid == 0)
		exec_shell(policy);
	do
		ended = waitpid(-1, NULL, 0); /* what a shell leaves behind is ours too */
	while (ended != pid && (ended >= 0 || errno == EINTR));
}

static enum setting_shell choose(const struct boot *b)
{
	struct err e;

	return rescue_policy(b->settings.shell, b->keyed, read_password(b, &e));
}

bool rescue_gives_shell(const struct boot *b)
{
	return choose(b) == SHELL_ROOT;
}

void rescue_pause(struct boot *b, const struct stage *s)
{
	enum setting_shell policy = choose(b);

	if (policy == SHELL_NO) {
		boot_say(b, REPORT_WARNING, "break=%s: this machine gives no shell; going on",
		         s->name);
		return;
	}
	boot_say(b, REPORT_ERROR, "break=%s: a shell before this stage; \"exit\" goes on", s->name);
	run_shell(b, policy);
}

/* What failed, on which machine, and what had gone wrong before: a
 * small screen cuts the end. */
static void show_report(const struct boot *b, const struct stage *s, const struct err *e)
{
	struct machine m = { .mac = "" };
	char text[1024];
	int len;

	machine_read(&m, "{MAC} {SERIAL}", b->settings.bootif);
	len = snprintf(text, sizeof text, "slate " SLATE_VERSION "\n%s\n%s %s\n", e->text,
	               m.serial, m.mac);
	for (size_t i = 0; i < b->n_stages && len >= 0 && (size_t)len < sizeof text; i++) {
		const struct stage_record *r = &b->stages[i];

		if (r->result == STAGE_FAILED && strcmp(r->name, s->name) != 0)
			len += snprintf(text + len, sizeof text - (size_t)len, "%s: %s\n", r->name,
			                r->error);
	}
	qr_show(text);
}

bool rescue_run(struct boot *b, const struct stage *s, const struct err *e)
{
	uint64_t wait_s = b->settings.panic_s ? b->settings.panic_s : RESTART_S;
	enum setting_shell policy = choose(b);
	struct err ignored;

	boot_say(b, REPORT_ERROR, "%s", e->text);
	if (s->explain)
		s->explain(b);
	bootlog_write(b, &ignored);
	show_report(b, s, e);
	boot_say(b, REPORT_ERROR,
	         "nothing on any medium was changed; restarting in %" PRIu64 " s, a key %s", wait_s,
	         key_does[policy]);
	if (!countdown_run("restart", key_does[policy], wait_s) || policy == SHELL_NO)
		return false;
	boot_say(b, REPORT_ERROR, "\"exit\" tries the stage \"%s\" again", s->name);
	run_shell(b, policy);
	return true;
}

_Noreturn void rescue_restart(const struct boot *b)
{
	boot_say(b, REPORT_ERROR, "restarting");
	watchman_stop();
	sync();
	reboot(RB_AUTOBOOT);
	boot_say(b, REPORT_ERROR, "restart: %s; this machine has to be switched off",
	         strerror(errno));
	for (;;)
		pause();
}
