#include "compare.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/base/fd.h"
#include "../../init/base/json.h"
#include "../changes/changes.h"
#include "../changes/textdiff.h"

enum { TEXT_MAX = 4 << 20 }; /* bytes of a file whose lines are compared */

struct side {
	uint64_t which;
	struct generations found;
	struct chosen chosen; /* owned: its archive, one of those; fd -1: the image alone */
	struct manifest manifest;
};

struct comparing {
	struct cli *c;
	const struct comparison *what;
	struct json *json; /* NULL: for people */
	struct side old, now;
	int result; /* -1: *e says why the lines could not be compared */
	struct err *e;
};

/* --- Sides --- */

/* Where nothing was saved yet it is as if it were the image. */
static int side_read(struct cli *c, struct side *s, struct err *e)
{
	const struct sink sink = { manifest_member, &s->manifest };
	const struct save_options quiet = { 0 };
	int result = 0;

	if (s->which == COMPARE_NOW)
		result = save_each(&c->layer, &quiet, &sink, e);
	else if (s->which != COMPARE_IMAGE && (result = layer_choose(&c->layer, s->which, &s->found, &s->chosen, e)) > 0)
		result = archive_read(&s->chosen.archive, &sink, e);
	manifest_finish(&s->manifest);
	return result;
}

static void side_drop(struct side *s)
{
	fd_drop(&s->chosen.fd);
	generations_drop(&s->found);
	manifest_drop(&s->manifest);
}

/* --- The bytes of a file --- */

struct content {
	const char *path;
	char *bytes; /* owned; NULL: not found, or not a file */
	size_t len;
	bool large;                   /* more than TEXT_MAX */
	char target[MEMBER_PATH_MAX]; /* "" or the first name of the file */
};

static int content_take(struct content *f, uint64_t size, const struct member_data *data,
                        struct err *e)
{
	f->large = size > TEXT_MAX;
	free(f->bytes);
	f->bytes = malloc(f->large ? 1 : (size_t)size + 1);
	f->len = 0;
	if (!f->bytes)
		return err_sys(e, "%s", f->path);
	while (!f->large && f->len < size) {
		ssize_t n = data->read(data->ctx, f->bytes + f->len, (size_t)size - f->len, e);

		if (n < 0)
			return -1;
		if (n == 0)
			break;
		f->len += (size_t)n;
	}
	return 0;
}

static int content_member(void *content, const struct member *m, const struct member_data *data,
                          struct err *e)
{
	struct content *f = content;

	if (strcmp(m->path, f->path) != 0)
		return 0;
	if (m->type == MEMBER_HARDLINK)
		snprintf(f->target, sizeof f->target, "%s", m->target);
	return m->type == MEMBER_FILE ? content_take(f, m->size, data, e) : 0;
}

static int from_archive(const struct side *s, struct content *f, struct err *e)
{
	const struct sink sink = { content_member, f };

	if (archive_read(&s->chosen.archive, &sink, e) < 0)
		return -1;
	if (f->bytes || !f->target[0])
		return 0;
	f->path = f->target; /* which is a file: a link to a link is none */
	return archive_read(&s->chosen.archive, &sink, e);
}

static int from_root(int root, struct content *f, struct err *e)
{
	FD_AUTO fd = fd_open_beneath(root, f->path, O_RDONLY | O_NONBLOCK, 0);
	const struct member_data data = { disk_read, &fd };
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	return content_take(f, (uint64_t)st.st_size, &data, e);
}

static int content_read(const struct comparing *w, const struct side *s, struct content *f,
                        struct err *e)
{
	if (s->which == COMPARE_NOW)
		return from_root(w->c->layer.root_fd, f, e);
	if (s->chosen.fd >= 0 && manifest_find(&s->manifest, f->path))
		return from_archive(s, f, e);
	return from_root(w->c->layer.pristine_fd, f, e);
}

/* --- Printing --- */

static void print_head(const char *sign, const char *side, const struct content *f,
                       const char *path)
{
	printf("%s %s", sign, f->bytes ? side : "/dev/null");
	if (f->bytes)
		cli_print_clean(path);
	putchar('\n');
}

static struct span span_of_content(const struct content *f)
{
	return (struct span){ f->bytes ? f->bytes : "", f->len };
}

static int print_text(const struct content *old, const struct content *now, const char *path,
                      struct err *e)
{
	struct span a = span_of_content(old), b = span_of_content(now);

	if (!old->bytes && !now->bytes)
		return 0;
	if (old->large || now->large || textdiff_is_binary(a) || textdiff_is_binary(b))
		return printf("%s files differ\n",
		              old->large || now->large ? "Large" : "Binary") < 0;
	print_head("---", "a/", old, path);
	print_head("+++", "b/", now, path);
	return textdiff(a, b, stdout, isatty(STDOUT_FILENO), e);
}

/* A file whose mode alone has changed has no lines to show. */
static bool has_lines(const struct change *change)
{
	return change->type == MEMBER_FILE &&
	       (change->kind != 'U' || strstr(change->what, "content"));
}

static int print_lines(const struct comparing *w, const struct change *change, struct err *e)
{
	struct content old = { .path = change->path }, now = { .path = change->path };
	int result = 0;

	if (change->kind != 'A')
		result = content_read(w, &w->old, &old, e);
	if (result == 0 && change->kind != 'D')
		result = content_read(w, &w->now, &now, e);
	if (result == 0)
		result = print_text(&old, &now, change->path, e);
	free(old.bytes);
	free(now.bytes);
	return result;
}

static bool is_wanted(const struct comparison *what, const char *path)
{
	for (size_t i = 0; i < what->n_paths; i++)
		if (member_is_below(path, what->paths[i]))
			return true;
	return what->n_paths == 0;
}

static void print_json(struct json *j, const struct change *change)
{
	const char kind[2] = { change->kind, '\0' };

	json_object(j, NULL);
	json_text(j, "change", kind);
	json_text(j, "path", change->path);
	if (change->what[0])
		json_text(j, "what", change->what);
	json_end(j);
}

static void print_change(void *ctx, const struct change *change)
{
	struct comparing *w = ctx;

	if (w->result < 0 || !is_wanted(w->what, change->path))
		return;
	if (w->json) {
		print_json(w->json, change);
		return;
	}
	printf("%c ", change->kind);
	cli_print_clean(change->path);
	if (w->c->verbose && change->what[0])
		printf(" (%s)", change->what);
	putchar('\n');
	if (w->what->text && has_lines(change))
		w->result = print_lines(w, change, w->e);
}

static long print_changes(struct comparing *w, struct err *e)
{
	const struct changes changes = { .old = &w->old.manifest,
		                         .now = &w->now.manifest,
		                         .pristine = w->c->layer.pristine_fd,
		                         .tell = print_change,
		                         .ctx = w,
		                         .given = w->now.which == COMPARE_NOW ? &w->c->layer.given
		                                                              : NULL };
	struct json json;
	long n;

	if (w->c->json) {
		w->json = &json;
		json_open(&json, stdout);
		json_array(&json, NULL);
	}
	n = changes_find(&changes, e);
	if (w->c->json)
		json_end(&json);
	return w->result < 0 ? -1 : n;
}

long compare(struct cli *c, const struct comparison *comparison, struct err *e)
{
	struct comparing w = {
		.c = c,
		.what = comparison,
		.old = { .which = comparison->old, .found = { .medium = -1, .dir = -1 }, .chosen = { .fd = -1 } },
		.now = { .which = comparison->now, .found = { .medium = -1, .dir = -1 }, .chosen = { .fd = -1 } },
		.e = e,
	};
	long n = -1;

	if (side_read(c, &w.old, e) >= 0 && side_read(c, &w.now, e) >= 0)
		n = print_changes(&w, e);
	side_drop(&w.old);
	side_drop(&w.now);
	return n;
}
