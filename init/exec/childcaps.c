#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../unit/sandbox.h"
#include "child.h"

#define BIT(cap) (UINT64_C(1) << (cap))

/* What is left when directives that take a capability with them have taken it. */
static uint64_t bounding_of(const struct sandbox *box)
{
	uint64_t set = box->bounding;

	if (box->protect_clock)
		set &= ~(BIT(CAP_SYS_TIME) | BIT(CAP_WAKE_ALARM));
	if (box->protect_kernel_modules)
		set &= ~BIT(CAP_SYS_MODULE);
	if (box->private_devices)
		set &= ~(BIT(CAP_MKNOD) | BIT(CAP_SYS_RAWIO));
	if (box->protect_kernel_logs)
		set &= ~BIT(CAP_SYSLOG);
	return set;
}

static int drop_bounding(uint64_t kept, struct err *e)
{
	/* the kernel knows how many there are */
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++) {
		if (cap < 64 && kept & BIT(cap))
			continue;
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1 &&
		    prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			return err_sys(e, "CapabilityBoundingSet=: give up capability %d", cap);
	}
	return 0;
}

int child_bounding(struct child *c, struct err *e)
{
	uint32_t bits = c->box->secure_bits;

	/* the exec takes it off again */
	if (c->box->ambient && c->has_user)
		bits |= SECBIT_KEEP_CAPS;
	if (bits && prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) < 0)
		return err_sys(e, c->box->secure_bits ? "SecureBits=" : "AmbientCapabilities=");
	return drop_bounding(bounding_of(c->box), e);
}

static void split(uint64_t set, struct __user_cap_data_struct *data, bool only_inheritable)
{
	for (int half = 0; half < 2; half++) {
		data[half].inheritable = (uint32_t)(set >> 32 * half);
		if (!only_inheritable)
			data[half].permitted = data[half].effective = (uint32_t)(set >> 32 * half);
	}
}

/* A user has what AmbientCapabilities= gives; root has the rest until the exec. */
int child_capabilities(struct child *c, struct err *e)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data) < 0)
		return err_sys(e, "capabilities");
	split(c->box->ambient, data, !c->has_user);
	if (syscall(SYS_capset, &head, data) < 0)
		return err_sys(e, "AmbientCapabilities=");
	for (int cap = 0; cap < 64; cap++)
		if (c->box->ambient & BIT(cap) &&
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
			return err_sys(e, "AmbientCapabilities=: capability %d", cap);
	return 0;
}
