#include "cli.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../init/base/fd.h"
#include "../../init/base/json.h"
#include "../../init/base/report.h"
#include "../medium/medium.h"
#include "../restore/live.h"
#include "../save/remote.h"

void cli_complain(const struct cli *c, const char *text)
{
	char line[600];

	snprintf(line, sizeof line, "%s: %s: %s", c->program, c->verb, text);
	report_clean(line);
	fprintf(stderr, "%s\n", line);
}

int cli_usage(const struct cli *c, const char *args)
{
	fprintf(stderr, "usage: %s %s%s%s\n", c->program, c->verb, *args ? " " : "", args);
	return COMMAND_USAGE;
}

static void settle_live(const struct cli *c)
{
	struct err e;
	int result = live_settle(&c->layer, &e);

	if (result > 0)
		cli_complain(c, "a command that put files back was killed; what it had begun was "
		                "undone");
	else if (result < 0)
		cli_complain(c, e.text);
}

int cli_run(struct cli *c, int (*run)(struct cli *c, void *arg, struct err *e), void *arg)
{
	struct err e = { 0 };
	int result;

	layer_default(&c->layer);
	result = layer_open(&c->layer, &e);
	if (result < 0)
		err_safe(&e, "nothing was changed");
	if (result == 0 && medium_settle(&c->layer, &e) > 0)
		cli_complain(c, "the medium was left writable by a save that was killed; it is "
		                "read-only again");
	if (result == 0)
		settle_live(c);
	if (result == 0)
		result = run(c, arg, &e);
	layer_close(&c->layer);
	if (result < 0)
		cli_complain(c, e.text);
	return result < 0 ? COMMAND_FAILED : result;
}

void cli_print_clean(const char *path)
{
	for (; *path; path++)
		putchar((unsigned char)*path < ' ' || *path == 0x7f ? '?' : *path);
}

void cli_print_path(const char *path)
{
	cli_print_clean(path);
	putchar('\n');
}

static void say_left_out(void *ctx, const char *path, const char *why)
{
	char text[MEMBER_PATH_MAX + 128];

	snprintf(text, sizeof text, "left out: %s: %s", path, why);
	cli_complain(ctx, text);
}

static void say_note(void *ctx, const char *text)
{
	cli_complain(ctx, text);
}

static void show_progress(void *ctx, uint64_t done, uint64_t whole)
{
	(void)ctx;
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\rmaking larger slots: %3u%%%s", (unsigned)(done * 100 / whole),
		        done == whole ? "\n" : "");
}

struct save_options cli_save_options(struct cli *c)
{
	return (struct save_options){
		.commit = { .progress = show_progress, .note = say_note, .ctx = c },
		.left_out = say_left_out,
		.ctx = c,
	};
}

int cli_path(const char *typed, char path[MEMBER_PATH_MAX], struct err *e)
{
	char whole[2 * MEMBER_PATH_MAX] = "";
	size_t len;

	if (typed[0] != '/' && !getcwd(whole, MEMBER_PATH_MAX))
		return err_sys(e, "working directory");
	len = strlen(whole);
	if (len + strlen(typed) + 2 > sizeof whole)
		return err_say(e, "%.200s: path too long", typed);
	whole[len] = '/';
	strcpy(whole + len + 1, typed);
	typed = whole + strspn(whole, "/");
	return member_path(typed, strlen(typed), path, e);
}

static int read_now(struct cli *c, struct manifest *m, bool outside, struct err *e)
{
	const struct sink sink = { manifest_member, m };
	const struct save_options quiet = { 0 };

	return outside ? save_each_outside(&c->layer, false, &sink, e)
	               : save_each(&c->layer, &quiet, &sink, e);
}

/* Nothing was saved yet: as if it were the image. */
static int read_generation(struct cli *c, uint64_t which, struct manifest *m, struct err *e)
{
	const struct sink sink = { manifest_member, m };
	struct generations g;
	struct chosen chosen = { .fd = -1 };
	int result;

	if (which == GENERATION_NEWEST && c->layer.remote.state != REMOTE_NONE)
		return remote_read_archive(&c->layer, &sink, e);
	result = layer_choose(&c->layer, which, &g, &chosen, e);
	if (result > 0)
		result = archive_read(&chosen.archive, &sink, e);
	fd_drop(&chosen.fd);
	generations_drop(&g);
	return result;
}

struct printing {
	struct cli *c;
	struct json *json;
	bool begun;   /* the JSON array is open */
	bool outside; /* of what save.list leaves out */
};

static void begin(struct printing *p)
{
	if (p->json && !p->begun)
		json_array(p->json, NULL);
	p->begun = true;
}

static void print_change(void *ctx, const struct change *change)
{
	struct printing *p = ctx;
	const char kind[2] = { change->kind, '\0' };

	begin(p);
	if (p->json) {
		json_object(p->json, NULL);
		json_text(p->json, "change", kind);
		json_text(p->json, "path", change->path);
		if (change->what[0])
			json_text(p->json, "what", change->what);
		json_text(p->json, "class", class_name(change->class));
		json_bool(p->json, "kept", !p->outside);
		json_end(p->json);
		return;
	}
	printf("%s ", kind);
	cli_print_clean(change->path);
	if (p->c->verbose && change->what[0])
		printf(" (%s)", change->what);
	if (p->c->verbose)
		printf(" [%s%s]", class_name(change->class), p->outside ? ", not kept" : "");
	putchar('\n');
}

/* Of what a save would keep, or of what it leaves out, against `old`. */
static long find_changes(struct cli *c, const struct manifest *old, bool outside,
                         void (*tell)(void *ctx, const struct change *change), void *ctx,
                         struct err *e)
{
	struct manifest now = { 0 };
	const struct changes changes = {
		.old = old,
		.now = &now,
		.pristine = c->layer.pristine_fd,
		.tell = tell,
		.ctx = ctx,
		.given = &c->layer.given,
	};
	long n = -1;

	if (read_now(c, &now, outside, e) == 0) {
		manifest_finish(&now);
		n = changes_find(&changes, e);
	}
	manifest_drop(&now);
	return n;
}

long cli_changes_each(struct cli *c, uint64_t which, bool image,
                      void (*tell)(void *ctx, const struct change *change), void *ctx,
                      struct err *e)
{
	struct manifest old = { 0 };
	long n = -1;

	if (image || read_generation(c, which, &old, e) >= 0) {
		manifest_finish(&old);
		n = find_changes(c, &old, false, tell, ctx, e);
	}
	manifest_drop(&old);
	return n;
}

static long print_outside(struct printing *p, struct err *e)
{
	const struct manifest nothing = { 0 };

	p->outside = true;
	return find_changes(p->c, &nothing, true, print_change, p, e);
}

long cli_changes(struct cli *c, uint64_t which, bool image, struct err *e)
{
	struct json json;
	struct printing printing = { .c = c, .json = c->json ? &json : NULL };
	long n, more = 0;

	json_open(&json, stdout);
	n = cli_changes_each(c, which, image, print_change, &printing, e);
	if (n >= 0 && c->all)
		more = print_outside(&printing, e);
	if (n < 0 || more < 0)
		return -1;
	begin(&printing);
	if (c->json)
		json_end(&json);
	return n + more;
}
