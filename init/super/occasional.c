#include "occasional.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/paths.h"
#include "harden.h"
#include "hookunits.h"

static const struct occasional {
	const char *sign; /* the file or folder that the unit waits for; %v: the kernel's release */
	const char *target, *unit; /* what wants it, without ".target" */
} units[] = {
	{ PATH_SELINUX, "sysinit", "slate-relabel.service" },
	{ PATH_IDENTITY, "sysinit", "slate-seed.service" },
	{ PATH_IDENTITY, "sysinit", "slate-identity.service" },
	{ PATH_IDENTITY, "sysinit", "slate-keep.service" },
	{ PATH_REMOTE, "sysinit", "slate-keep-send.service" },
	{ PATH_HARDEN, "sysinit", "slate-sysctl.service" },
	{ PATH_HARDEN, "sysinit", "slate-sysctl-net.service" },
	{ PATH_HARDEN, "multi-user", "slate-harden-end.service" },
	{ PATH_TRIAL, "sysinit", "slate-trial.service" },
	{ PATH_LEASE, "multi-user", "slate-lease.service" },
	{ PATH_VERSIONS, "multi-user", "slate-settled.service" },
	{ "/lib/modules/%v/modules.dep", "multi-user", "slate-coldplug.service" },
	{ "/etc/sysctl.conf", "sysinit", "slate-sysctl.service" },
	{ "/etc/sysctl.conf", "sysinit", "slate-sysctl-net.service" },
};

static void leave_sign(struct manager *m, const char *path, const char *word)
{
	struct err e;

	if (fd_write_file(AT_FDCWD, path, word, strlen(word), &e) < 0)
		report_say(&m->report, REPORT_ERROR, "%s", e.text);
}

static void leave_signs(struct manager *m)
{
	const struct settings *s = &m->settings;

	if (s->harden == HARDEN_STRICT || s->harden == HARDEN_HOTPLUG)
		leave_sign(m, PATH_HARDEN, s->harden == HARDEN_STRICT ? "strict\n" : "hotplug\n");
	/* without slate-boot nobody restores what would be made */
	if (s->identity != IDENTITY_NO && access(PATH_SETTINGS, F_OK) == 0)
		leave_sign(m, PATH_IDENTITY,
		           s->identity == IDENTITY_DERIVE ? "derive\n" : "make\n");
}

static bool is_there(const char *sign)
{
	const char *version = strstr(sign, "%v");
	struct utsname kernel;
	char path[256];

	if (!version)
		return access(sign, F_OK) == 0;
	if (uname(&kernel) < 0)
		return false;
	snprintf(path, sizeof path, "%.*s%s%s", (int)(version - sign), sign, kernel.release,
	         version + 2);
	return access(path, F_OK) == 0;
}

/* The link's target is no file: a unit is looked for by the link's name. */
int occasional_want(const char *target, const char *unit, struct err *e)
{
	char path[256];

	snprintf(path, sizeof path, PATH_UNITS "/%s.target.wants", target);
	if (fd_mkdirs(AT_FDCWD, path, 0755, e) < 0)
		return -1;

	FD_AUTO folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (folder < 0 || (symlinkat(unit, folder, unit) < 0 && errno != EEXIST))
		return err_sys(e, "%s/%s", path, unit);
	return 0;
}

void occasional_prepare(struct manager *m)
{
	struct err e;

	if (!m->in_container) {
		leave_signs(m);
		harden_mounts(&m->report, (enum setting_harden)m->settings.harden);
	}
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (is_there(units[i].sign) && occasional_want(units[i].target, units[i].unit, &e) < 0)
			report_say(&m->report, REPORT_ERROR, "%s", e.text);
	hookunits_prepare(&m->report, m->settings.name);
}
