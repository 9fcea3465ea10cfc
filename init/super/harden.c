#include "harden.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "../base/child.h"
#include "../base/clock.h"
#include "../base/degraded.h"
#include "../base/hardened.h"
#include "../base/paths.h"

enum { LIMIT_MS = 10000 };

struct request {
	const struct report *report;
	enum setting_harden profile;
};

static void say(void *ctx, const char *text, bool failed)
{
	const struct report *report = ((const struct request *)ctx)->report;
	struct err e;

	report_say(report, failed ? REPORT_ERROR : REPORT_INFO, "%s", text);
	if (failed && degraded_add(PATH_DEGRADED, text, &e) < 0)
		report_say(report, REPORT_ERROR, "%s", e.text);
}

/* slate-harden-end raises the lockdown there, without a right to mount. */
static int open_security(struct err *e)
{
	if (mount("securityfs", PATH_SECURITYFS, "securityfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
	          NULL) < 0 &&
	    errno != EBUSY && errno != ENOENT)
		return err_sys(e, "mount securityfs");
	return 0;
}

static int apply(void *arg, void *out, struct err *e)
{
	static struct hardening h;
	const struct request *r = arg;
	struct err told_by_the_units;

	(void)out;
	hardening_load(r->profile, &h, &told_by_the_units);
	hardened_apply(&h, hardening_is_mount, say, arg);
	return open_security(e);
}

void harden_mounts(const struct report *report, enum setting_harden profile)
{
	struct request r = { report, profile };
	const struct child_limits limits = { .deadline_ms = clock_now_ms() + LIMIT_MS };
	struct err e;

	if (profile != HARDEN_STRICT && profile != HARDEN_HOTPLUG)
		return;
	if (child_call(apply, &r, NULL, 0, &limits, &e) < 0) {
		err_wrap(&e, "harden: mounts");
		say(&r, e.text, true);
	}
}
