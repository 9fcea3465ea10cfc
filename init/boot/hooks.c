#include "hooks.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "../base/hook.h"
#include "../base/paths.h"
#include "netroot.h"

enum { HOOK_LIMIT_MS = 30000, WORDS_MAX = 16, WORD_SIZE = 320 };

struct words {
	char text[WORDS_MAX][WORD_SIZE];
	char *at[WORDS_MAX + 1];
	size_t n;
};

static const char *const dirs[] = {
	"/etc/slate/hooks",
	"/lib/slate/hooks",
	PATH_SYSROOT "/etc/slate/hooks",
	PATH_SYSROOT "/usr/lib/slate/hooks",
	NULL,
};

static void add(struct words *w, const char *fmt, ...) ERR_PRINTF(2, 3);

static void add(struct words *w, const char *fmt, ...)
{
	va_list ap;

	if (w->n == WORDS_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(w->text[w->n], WORD_SIZE, fmt, ap);
	va_end(ap);
	w->at[w->n] = w->text[w->n];
	w->at[++w->n] = NULL;
}

static void fill(struct words *w, const struct boot *b, const char *phase)
{
	const struct root *r = &b->root;

	add(w, "PATH=%s", PATH_SEARCH);
	add(w, "HOME=/");
	add(w, "SLATE_PHASE=%s", phase);
	if (b->medium.dir >= 0) {
		add(w, "SLATE_MEDIUM=%s", PATH_MEDIUM);
		if (netroot_is_wanted(b) || b->wanted.kind == ROOT_NFS)
			add(w, "SLATE_URL=%s", b->settings.root);
		else
			add(w, "SLATE_DEVICE=/dev/%s", b->medium.device);
		add(w, "SLATE_LABEL=%s", b->medium.found.label);
		add(w, "SLATE_FSTYPE=%s", b->medium.found.fstype);
	}
	if (r->n)
		add(w, "SLATE_IMAGE=%s", r->images[r->n - 1].path);
	if (r->dir >= 0)
		add(w, "SLATE_PRISTINE=%s", PATH_ROOT);
	if (b->layered) {
		add(w, "SLATE_ROOT=%s", PATH_SYSROOT);
		add(w, "SLATE_NAME=%s", b->name);
	}
	if (b->restored.restored)
		add(w, "SLATE_GENERATION=%" PRIu64, b->restored.sequence);
}

struct say {
	const struct boot *b;
	const char *phase;
};

static void say(void *ctx, const char *script, const char *line, int failed)
{
	const struct say *s = ctx;

	if (failed)
		boot_degrade(s->b, "hook %s/%s %s", s->phase, script, line);
	else
		boot_say(s->b, REPORT_INFO, "%s/%s: %s", s->phase, script, line);
}

static bool any(const char *phase)
{
	char path[128];

	for (size_t i = 0; dirs[i]; i++) {
		snprintf(path, sizeof path, "%s/%s.d", dirs[i], phase);
		if (access(path, F_OK) == 0)
			return true;
	}
	return false;
}

void hooks_run(struct boot *b, const char *phase)
{
	struct words words = { .n = 0 };
	struct say to = { b, phase };
	struct err e;

	if (!any(phase))
		return;
	fill(&words, b, phase);

	struct hook_run run = {
		.phase = phase,
		.dirs = dirs,
		.environment = words.at,
		.limit_ms = HOOK_LIMIT_MS,
		.say = say,
		.ctx = &to,
	};

	if (hook_run_phase(&run, &e) < 0)
		boot_degrade(b, "hooks of %s: %s", phase, e.text);
}
