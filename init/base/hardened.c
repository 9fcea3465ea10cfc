#include "hardened.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "hardenmount.h"
#include "paths.h"
#include "sysctl.h"

#define LOCKDOWN_AT PATH_SECURITYFS "/lockdown"

static ssize_t read_text(const char *path, char *text, size_t size)
{
	struct err ignored;
	ssize_t len = fd_read_file(AT_FDCWD, path, text, size, &ignored);

	if (len < 0)
		text[0] = '\0';
	else
		text[strcspn(text, "\n")] = '\0';
	return len;
}

/* --- sysctl, switch --- */

static void look_sysctl(const struct hardening_row *row, struct hardened *out)
{
	char path[SYSCTL_PATH_MAX];

	if (sysctl_path(span_of(row->name), path) < 0 || access(path, F_OK) < 0)
		out->state = HARDENED_LACKING;
	else if (read_text(path, out->found, sizeof out->found) >= 0 &&
	         strcmp(out->found, row->wanted) == 0)
		out->state = HARDENED_OK;
}

static int set_sysctl(const struct hardening_row *row, struct err *e)
{
	return sysctl_set(span_of(row->name), span_of(row->wanted), e);
}

/* --- boot --- */

/* The value of the last word `name` in a list of them; .at NULL: there is none, or it
 * has no value. */
static bool find_word(const char *path, char separator, const char *name, char *value, size_t size)
{
	const char separators[] = { separator, '\n', '\0' };
	char text[8192];
	struct err ignored;
	struct span rest, word, key, its;
	bool found = false;
	ssize_t len = fd_read_file(AT_FDCWD, path, text, sizeof text, &ignored);

	rest = (struct span){ text, len > 0 ? (size_t)len : 0 };
	while (span_word(&rest, separators, &word)) {
		span_cut(word, '=', &key, &its);
		if (!span_is(key, name))
			continue;
		found = true;
		if (!its.at || !span_copy(its, value, size))
			value[0] = '\0';
	}
	return found;
}

static void look_boot(const struct hardening_row *row, struct hardened *out)
{
	char left[160];

	if (!find_word("/proc/cmdline", ' ', row->name, out->found, sizeof out->found))
		return;
	if (!row->early && find_word(PATH_UNCLAIMED, '\n', row->name, left, sizeof left))
		out->state = HARDENED_LACKING;
	else if (strcmp(out->found, row->wanted) == 0)
		out->state = HARDENED_OK;
}

/* --- lockdown --- */

static int level_of(const char *name)
{
	static const char *const levels[] = { "none", "integrity", "confidentiality" };

	for (int i = 0; i < 3; i++)
		if (strcmp(name, levels[i]) == 0)
			return i;
	return -1;
}

static void look_lockdown(const struct hardening_row *row, struct hardened *out)
{
	char text[160], *from, *to;

	if (read_text(LOCKDOWN_AT, text, sizeof text) < 0) {
		out->state = HARDENED_LACKING;
		return;
	}
	from = strchr(text, '[');
	to = from ? strchr(from, ']') : NULL;
	if (!to)
		return;
	*to = '\0';
	snprintf(out->found, sizeof out->found, "%s", from + 1);
	if (level_of(out->found) >= level_of(row->wanted) && level_of(row->wanted) >= 0)
		out->state = HARDENED_OK;
}

static int set_lockdown(const struct hardening_row *row, struct err *e)
{
	FD_AUTO fd = open(LOCKDOWN_AT, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || fd_write_full(fd, row->wanted, strlen(row->wanted)) < 0)
		return err_sys(e, "lockdown %s", row->wanted);
	return 0;
}

/* --- All --- */

static const struct {
	void (*look)(const struct hardening_row *row, struct hardened *out);
	int (*set)(const struct hardening_row *row, struct err *e); /* NULL: can't be set */
} kinds[] = {
	[HARDENING_BOOT] = { look_boot, NULL },
	[HARDENING_SYSCTL] = { look_sysctl, set_sysctl },
	[HARDENING_MOUNT] = { hardenmount_look, hardenmount_set },
	[HARDENING_TMPFS] = { hardenmount_look, hardenmount_set },
	[HARDENING_BIND] = { hardenmount_look, hardenmount_set },
	[HARDENING_LOCKDOWN] = { look_lockdown, set_lockdown },
	[HARDENING_SWITCH] = { look_sysctl, set_sysctl },
};

void hardened_look(const struct hardening_row *row, struct hardened *out)
{
	*out = (struct hardened){ .state = HARDENED_DIFFERS };
	kinds[row->kind].look(row, out);
	if (row->kept && out->state == HARDENED_DIFFERS)
		out->state = HARDENED_KEPT;
}

int hardened_set(const struct hardening_row *row, struct err *e)
{
	struct hardened now;

	hardened_look(row, &now);
	if (now.state != HARDENED_DIFFERS || !kinds[row->kind].set)
		return 0;
	if (kinds[row->kind].set(row, e) < 0)
		return -1;
	/* some settings take what they are given and do as they like */
	hardened_look(row, &now);
	if (now.state == HARDENED_DIFFERS)
		return err_say(e, "%s: is %s, not %s", row->name, now.found, row->wanted);
	return 0;
}

unsigned hardened_apply(const struct hardening *h, bool (*picks)(const struct hardening_row *row),
                        void (*say)(void *ctx, const char *text, bool failed), void *ctx)
{
	unsigned failed = 0;
	char text[420];
	struct err e;

	for (const struct hardening_row *row = h->rows; row < h->rows + h->n; row++) {
		if (!picks(row))
			continue;
		if (row->kept) {
			snprintf(text, sizeof text,
			         "%s is left as it is, as " HARDENING_SITE " says", row->name);
			say(ctx, text, false);
		} else if (hardened_set(row, &e) < 0) {
			snprintf(text, sizeof text, "harden: %s", e.text);
			say(ctx, text, true);
			failed++;
		}
	}
	return failed;
}
