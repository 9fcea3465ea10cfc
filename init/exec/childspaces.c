#include <errno.h>
#include <linux/keyctl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../unit/sandbox.h"
#include "child.h"

static int raise_loopback(struct err *e)
{
	struct ifreq r = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	FD_AUTO fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	/* a kernel without IPv4 has nothing to raise */
	if (fd < 0 && errno == EAFNOSUPPORT)
		return 0;
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &r) < 0)
		return err_sys(e, "PrivateNetwork=: bring lo up");
	return 0;
}

static int leave(bool wanted, int space, const char *directive, struct err *e)
{
	if (wanted && unshare(space) < 0)
		return err_sys(e, "%s=: a name space of its own", directive);
	return 0;
}

int child_spaces(struct child *c, struct err *e)
{
	const struct sandbox *box = c->box;

	if (box->private_pids && getpid() != 1)
		return err_say(e, "PrivatePIDs=: a name space of its own was refused");
	if (leave(box->protect_hostname, CLONE_NEWUTS, "ProtectHostname", e) < 0 ||
	    leave(box->private_ipc, CLONE_NEWIPC, "PrivateIPC", e) < 0)
		return -1;
	c->status = CHILD_NETWORK;
	if (leave(box->private_network, CLONE_NEWNET, "PrivateNetwork", e) < 0 ||
	    (box->private_network && raise_loopback(e) < 0))
		return -1;
	c->status = CHILD_NAMESPACE;
	return child_mounts(c, e);
}

/* A kernel without keys has none to be kept apart. */
int child_keyring(struct child *c, struct err *e)
{
	if (c->box->keyring == KEYRING_INHERIT)
		return 0;
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL, 0, 0, 0) < 0)
		return errno == ENOSYS ? 0 : err_sys(e, "KeyringMode=");
	if (c->box->keyring == KEYRING_SHARED &&
	    syscall(SYS_keyctl, KEYCTL_LINK, KEY_SPEC_USER_KEYRING, KEY_SPEC_SESSION_KEYRING, 0,
	            0) < 0)
		return err_sys(e, "KeyringMode=shared");
	return 0;
}
