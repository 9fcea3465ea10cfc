#include "timeline.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/fd.h"
#include "../base/paths.h"
#include "client.h"

static struct bar *add(struct timeline *t, struct span name, uint64_t begin, uint64_t end)
{
	struct bar *b = &t->bars[t->n];

	if (t->n == TIMELINE_MAX || end < begin)
		return NULL;
	*b = (struct bar){ .begin_us = begin, .end_us = end };
	if (name.len >= sizeof b->name)
		name.len = sizeof b->name - 1;
	if (!span_copy(name, b->name, sizeof b->name))
		return NULL;
	t->n++;
	return b;
}

/* --- boot.json: flat objects that json.c wrote; no value in them holds a brace --- */

static const char *find(struct span text, const char *what)
{
	return text.len ? memmem(text.at, text.len, what, strlen(what)) : NULL;
}

/* What follows "key": in the object. */
static struct span member(struct span object, const char *key)
{
	char quoted[40];
	const char *at;

	snprintf(quoted, sizeof quoted, "\"%s\":", key);
	at = find(object, quoted);
	if (!at)
		return (struct span){ NULL, 0 };
	return span_trim(span_from(object, (size_t)(at - object.at) + strlen(quoted)));
}

static uint64_t number(struct span object, const char *key)
{
	struct span value = member(object, key), digits;
	uint64_t n = 0;

	if (value.at && span_word(&value, ",}] \n", &digits))
		span_uint(digits, UINT64_MAX, &n);
	return n;
}

static struct span word(struct span object, const char *key)
{
	struct span value = member(object, key), text = { NULL, 0 };

	if (value.at && value.len && value.at[0] == '"')
		span_word(&value, "\"", &text);
	return text;
}

static void add_stage(struct timeline *t, struct span object)
{
	struct span name = word(object, "name");
	struct bar *b = name.at ? add(t, name, number(object, "start_us"), number(object, "end_us")) : NULL;

	if (b)
		b->failed = span_is(word(object, "result"), "failed");
}

void timeline_stages(struct timeline *t, struct span text)
{
	struct span rest = member(text, "stages");

	t->kernel_us = number(text, "kernel_us");
	while (rest.at) {
		const char *open = find(rest, "{"), *close = find(rest, "}");

		if (!open || !close || close < open)
			break;
		add_stage(t, (struct span){ open, (size_t)(close + 1 - open) });
		rest = span_from(rest, (size_t)(close + 1 - rest.at));
		/* the end of the array */
		if (rest.len && find(rest, "]") && (!find(rest, "{") || find(rest, "]") < find(rest, "{")))
			break;
	}
}

static void add_units(struct timeline *t, const struct unit_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct unit_info *u = &list->at[i];
		struct bar *b;

		/* a restart since then is no part of the boot */
		if (!u->begun_us || u->restarts || (t->finished_us && u->begun_us > t->finished_us))
			continue;
		b = add(t, span_of(u->name), u->begun_us, u->up_us ? u->up_us : u->changed_us);
		if (b) {
			b->kind = strcmp(u->type, "target") == 0 ? SPAN_TARGET : SPAN_UNIT;
			b->failed = strcmp(u->active, "failed") == 0;
		}
	}
}

static int by_begin(const void *a, const void *b)
{
	const struct bar *x = a, *y = b;

	return x->begin_us < y->begin_us ? -1 : x->begin_us > y->begin_us;
}

/* Without slate-boot (a container), the beginning is slate-init's, not the kernel's. */
static void count_from_init(struct timeline *t)
{
	uint64_t from = t->init_us;

	for (size_t i = 0; i < t->n; i++) {
		t->bars[i].begin_us -= t->bars[i].begin_us < from ? t->bars[i].begin_us : from;
		t->bars[i].end_us -= t->bars[i].end_us < from ? t->bars[i].end_us : from;
	}
	t->finished_us -= t->finished_us < from ? t->finished_us : from;
	t->init_us = 0;
}

int timeline_read(struct timeline *t, struct err *e)
{
	static char text[64 * 1024];
	struct manager_info info;
	struct unit_list list = { 0 };
	struct err ignored;
	ssize_t len = fd_read_file(AT_FDCWD, PATH_BOOT_JSON, text, sizeof text, &ignored);

	memset(t, 0, sizeof *t);
	if (len > 0)
		timeline_stages(t, (struct span){ text, (size_t)len });
	if (client_manager(&info, e) == 0 && client_units(NULL, &list, e) == 0) {
		t->init_us = info.started_us;
		t->finished_us = info.finished_us;
		add_units(t, &list);
	} else if (t->n == 0) {
		return -1;
	}
	unit_list_free(&list);
	if (!t->kernel_us)
		count_from_init(t);
	qsort(t->bars, t->n, sizeof *t->bars, by_begin);
	return 0;
}
