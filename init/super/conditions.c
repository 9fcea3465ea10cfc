#include "conditions.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../exec/spawn.h"
#include "../unit/condition.h"
#include "manager.h"

enum conditions_status conditions_look(const struct live *v, char *why, size_t size)
{
	const struct unit_condition *c = condition_failed(v->unit, v->manager->root);

	if (!c)
		return CONDITIONS_HOLD;
	snprintf(why, size, "%s=%s%s%s is not met", c->name, c->trigger ? "|" : "",
	         c->negate ? "!" : "", c->value);
	return c->assertion ? CONDITIONS_FAIL : CONDITIONS_SKIP;
}

static bool is_local(const char *path)
{
	static const char *const roots[] = {
		"/etc/", "/usr/", "/run/", "/proc/", "/sys/", "/dev/", "/lib/", "/bin/", "/sbin/", "/var/lib/",
	};

	for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
		if (strncmp(path, roots[i], strlen(roots[i])) == 0)
			return true;
	return false;
}

bool conditions_are_quick(const struct unit *u)
{
	for (unsigned i = 0; i < u->conditions_n; i++)
		if (u->conditions[i].value[0] == '/' && !is_local(u->conditions[i].value))
			return false;
	return true;
}

static _Noreturn void look_and_exit(const struct live *v, int log)
{
	char why[256], text[320];
	enum conditions_status status = conditions_look(v, why, sizeof why);

	if (status == CONDITIONS_HOLD)
		_exit((int)status);

	int len = snprintf(text, sizeof text, "slate-init: not started: %s\n", why);

	if (log >= 0 && fd_write_full(log, text, (size_t)len) < 0)
		_exit((int)status);
	_exit((int)status);
}

pid_t conditions_spawn(struct live *v)
{
	struct err e;
	int log = logs_output(v->manager, v);
	FD_AUTO group = cgroup_make(&v->manager->cgroup, v->unit, &e);
	pid_t pid = spawn_copy(group);

	if (pid == 0)
		look_and_exit(v, log);
	return pid;
}
