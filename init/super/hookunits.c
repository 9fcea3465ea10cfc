#include "hookunits.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/hook.h"
#include "../base/paths.h"
#include "occasional.h"

#define PREFIX "slate-hook-"

static const char *const dirs[] = {
	"/etc/slate/hooks",
	"/usr/lib/slate/hooks",
	PATH_SHIPPED "/hooks",
	NULL,
};

static const struct {
	const char *name, *target; /* the target is wanted by that one */
	const char *order;         /* of the units, besides the phase's target */
	bool at_stop; /* the script runs when its unit is stopped, after all services */
} phases[HOOKUNIT_PHASES] = {
	[HOOKUNIT_SYSINIT] = { "sysinit", "sysinit", "", false },
	[HOOKUNIT_BOOT] = { "boot", "multi-user", "Requires=basic.target\nAfter=basic.target\n",
	                    false },
	[HOOKUNIT_SHUTDOWN] = { "shutdown", "basic", "After=sysinit.target\nBefore=basic.target\n",
	                        true },
};

/* --- One unit --- */

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("_.-", c));
}

int hookunit_name(enum hookunit_phase phase, const char *script, char name[HOOKUNIT_NAME_MAX])
{
	size_t used = (size_t)snprintf(name, HOOKUNIT_NAME_MAX, PREFIX "%s-", phases[phase].name);

	for (; *script; script++) {
		if ((unsigned char)*script < ' ' || *script == 0x7f ||
		    used + sizeof "\\x00.service" >= HOOKUNIT_NAME_MAX)
			return -1;
		if (is_plain(*script))
			name[used++] = *script;
		else
			used += (size_t)snprintf(name + used, HOOKUNIT_NAME_MAX - used, "\\x%02x",
			                         (unsigned char)*script);
	}
	memcpy(name + used, ".service", sizeof ".service");
	return 0;
}

/* As a word of a unit file, between quotes. */
static bool put_quoted(char *out, size_t size, const char *text)
{
	size_t used = 0;

	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || used + 3 > size)
			return false;
		if (*text == '%' || *text == '"' || *text == '\\')
			out[used++] = *text == '%' ? '%' : '\\';
		out[used++] = *text;
	}
	out[used] = '\0';
	return true;
}

/* Units stop in the order opposite to that of their start. */
static const char *order_of(const struct hookunit *h)
{
	return phases[h->phase].at_stop ? "Before" : "After";
}

int hookunit_text(const struct hookunit *h, char text[HOOKUNIT_TEXT_MAX])
{
	const char *phase = phases[h->phase].name,
		   *when = phases[h->phase].at_stop ? "Stop" : "Start";
	char neighbour[HOOKUNIT_NAME_MAX] = "", script[300], path[600], machine[300];
	int len;

	if ((h->neighbour[0] && hookunit_name(h->phase, h->neighbour, neighbour) < 0) ||
	    !put_quoted(script, sizeof script, h->script) ||
	    !put_quoted(path, sizeof path, h->path) ||
	    !put_quoted(machine, sizeof machine, h->machine))
		return -1;
	len = snprintf(
		text, HOOKUNIT_TEXT_MAX,
		"[Unit]\nDescription=Hook %s of the Phase %s\nDocumentation=man:slate-init(8)\n"
		"DefaultDependencies=no\nConflicts=shutdown.target\n"
		"Before=slate-hooks-%s.target shutdown.target\n%s%s%s%s%s\n"
		"[Service]\nType=oneshot\nRemainAfterExit=yes\nTimeout%sSec=30\n"
		"Environment=SLATE_PHASE=%s \"SLATE_NAME=%s\"\n"
		"Environment=SLATE_MEDIUM=" PATH_MEDIUM " SLATE_ROOT=" PATH_ROOT
		" HOME=/root\nExec%s=\"%s\"\n",
		script, phase, phase, phases[h->phase].order, neighbour[0] ? order_of(h) : "",
		neighbour[0] ? "=" : "", neighbour, neighbour[0] ? "\n" : "", when, phase, machine,
		when, path);
	return len < HOOKUNIT_TEXT_MAX ? 0 : -1;
}

/* --- All --- */

struct making {
	const struct report *report;
	const char *machine;
	enum hookunit_phase phase;
	char last[256]; /* the script before; "": none yet */
};

static void complain(const struct making *m, const struct err *e)
{
	report_say(m->report, REPORT_ERROR, "%s", e->text);
}

static int write_unit(const struct making *m, const char *name, const char *text, struct err *e)
{
	char path[sizeof PATH_UNITS + HOOKUNIT_NAME_MAX], target[64];

	snprintf(path, sizeof path, PATH_UNITS "/%s", name);
	snprintf(target, sizeof target, "slate-hooks-%s", phases[m->phase].name);
	if (occasional_want(target, name, e) < 0 ||
	    fd_write_file(AT_FDCWD, path, text, strlen(text), e) < 0)
		return -1;
	if (m->last[0])
		return 0;
	snprintf(target, sizeof target, "slate-hooks-%s.target", phases[m->phase].name);
	return occasional_want(phases[m->phase].target, target, e);
}

static void make_unit(void *ctx, const char *path, const char *script)
{
	struct making *m = ctx;
	const struct hookunit h = { m->phase, script, path, m->last, m->machine };
	char name[HOOKUNIT_NAME_MAX], text[HOOKUNIT_TEXT_MAX];
	struct err e;

	if (hookunit_name(m->phase, script, name) < 0 || hookunit_text(&h, text) < 0) {
		report_say(m->report, REPORT_ERROR, "%s: no unit can have this name; it is not run",
		           path);
		return;
	}
	if (write_unit(m, name, text, &e) < 0)
		complain(m, &e);
	snprintf(m->last, sizeof m->last, "%s", script);
}

/* Those of a script that is gone by now. */
static void remove_units(const char *folder)
{
	DIR *d = opendir(folder);

	for (struct dirent *entry; d && (entry = readdir(d));)
		if (strncmp(entry->d_name, PREFIX, sizeof PREFIX - 1) == 0)
			unlinkat(dirfd(d), entry->d_name, 0);
	if (d)
		closedir(d);
}

static void forget(void)
{
	char folder[100];

	remove_units(PATH_UNITS);
	for (int phase = 0; phase < HOOKUNIT_PHASES; phase++) {
		snprintf(folder, sizeof folder, PATH_UNITS "/slate-hooks-%s.target.wants",
		         phases[phase].name);
		remove_units(folder);
	}
}

void hookunits_prepare(const struct report *report, const char *machine)
{
	struct making m = { .report = report, .machine = machine };
	struct err e;

	forget();
	for (int phase = 0; phase < HOOKUNIT_PHASES; phase++) {
		m.phase = (enum hookunit_phase)phase;
		m.last[0] = '\0';
		if (hook_each(dirs, phases[phase].name, make_unit, &m, &e) < 0)
			complain(&m, &e);
	}
}
