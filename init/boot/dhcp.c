#include "dhcp.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/paths.h"

#define SCRIPT     "/lib/slate/hooks/lease"
#define SCRIPT_FD  9 /* udhcpc uses 3 and 4 itself */
#define END_MARK   "\nend\n"

/* Discovers every two seconds, five times, then after a pause of two again. */
static _Noreturn void exec_client(const char *device, int to)
{
	char path[] = "PATH=" PATH_SEARCH, phase[] = "SLATE_PHASE=network";
	char *environment[] = { path, phase, NULL };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (to == SCRIPT_FD)
		fcntl(to, F_SETFD, 0);
	else
		dup2(to, SCRIPT_FD);
	/* what it says about each packet is of no use on the console */
	FD_AUTO null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0)
		for (int fd = 0; fd <= 2; fd++)
			dup2(null, fd);
	execle("/bin/busybox", "udhcpc", "-f", "-q", "-i", device, "-s", SCRIPT, "-t", "5", "-T",
	       "2", "-A", "2", "-V", "slate", "-O", "search", (char *)NULL, environment);
	_exit(127);
}

int dhcp_start(struct dhcp *d, const char *device, struct err *e)
{
	int ends[2];

	*d = DHCP_CLOSED;
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return err_sys(e, "pipe");

	FD_AUTO from = ends[0];
	FD_AUTO to = ends[1];

	d->pid = fork();
	if (d->pid < 0) {
		d->pid = 0;
		return err_sys(e, "fork");
	}
	if (d->pid == 0)
		exec_client(device, to);
	d->from = fd_take(&from);
	return 0;
}

static int read_end(struct dhcp *d, struct err *e)
{
	int status = 0;

	fd_drop(&d->from);
	waitpid(d->pid, &status, 0);
	d->pid = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return err_say(e, "no udhcpc in this initramfs");
	return err_say(e, "udhcpc ended without an address");
}

int dhcp_read(struct dhcp *d, struct lease *lease, struct err *e)
{
	ssize_t len = read(d->from, d->text + d->used, sizeof d->text - 1 - d->used);

	if (len < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (len <= 0)
		return read_end(d, e);
	d->used += (size_t)len;
	d->text[d->used] = '\0';

	char *end = strstr(d->text, END_MARK);

	if (!end && d->used + 1 < sizeof d->text)
		return 0;
	dhcp_stop(d);
	if (!end)
		return err_say(e, "the DHCP server's answer is too long");

	struct span text = { d->text, (size_t)(end - d->text) };

	return lease_decode(text, lease, e) < 0 ? -1 : 1;
}

void dhcp_stop(struct dhcp *d)
{
	fd_drop(&d->from);
	if (d->pid > 0) {
		kill(d->pid, SIGKILL);
		while (waitpid(d->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	d->pid = 0;
}
