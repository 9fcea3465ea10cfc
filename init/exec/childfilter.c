#include <errno.h>
#include <sys/personality.h>
#include <sys/prctl.h>

#include "callfilter.h"
#include "child.h"

/* The first that needs the filter, to say what can't be had without it. */
static const char *wanted_by(const struct sandbox *box)
{
	const struct {
		bool asks;
		const char *name;
	} rows[] = {
		{ box->calls, "SystemCallFilter" },
		{ box->native_calls, "SystemCallArchitectures" },
		{ box->families.kind != FAMILIES_ANY, "RestrictAddressFamilies" },
		{ box->denied_namespaces, "RestrictNamespaces" },
		{ box->no_write_execute, "MemoryDenyWriteExecute" },
		{ box->no_realtime, "RestrictRealtime" },
		{ box->no_suid_sgid, "RestrictSUIDSGID" },
		{ box->lock_personality, "LockPersonality" },
		{ box->private_devices, "PrivateDevices" },
		{ box->protect_clock, "ProtectClock" },
		{ box->protect_hostname, "ProtectHostname" },
		{ box->protect_kernel_logs, "ProtectKernelLogs" },
		{ box->protect_kernel_modules, "ProtectKernelModules" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].asks)
			return rows[i].name;
	return "a filter of system calls";
}

static int install(const struct seccomp *p)
{
	if (seccomp_install(p) == 0)
		return 0;
	/* who is not root may have a filter that no set-user-id program escapes */
	if (errno != EACCES || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return seccomp_install(p);
}

int child_filter(struct child *c, struct err *e)
{
	struct sock_filter code[CALLFILTER_ROOM];
	struct seccomp p = { .code = code, .room = CALLFILTER_ROOM };

	if (!callfilter_make(&p, c->box, (uint32_t)personality(0xffffffff)))
		return err_say(e, "%s=: no filter of system calls for it", wanted_by(c->box));
	if (p.n && install(&p) < 0)
		return err_sys(e, "%s=: filter of system calls", wanted_by(c->box));
	return 0;
}
