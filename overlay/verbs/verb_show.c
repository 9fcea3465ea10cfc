#include "verbs.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../../init/base/fd.h"
#include "../../init/base/json.h"
#include "../../init/base/span.h"
#include "../changes/unsaved.h"
#include "../medium/medium.h"
#include "../slot/known.h"

/* --- diff --- */

#define DIFF_ARGS \
	"[-qu] [--image | GENERATION [GENERATION]] [PATH…] [--all] [--brief] [--exit-code] [--json]"

struct diff_request {
	uint64_t which;
	bool image;
	bool brief;     /* a line a class, and only of what matters */
	bool exit_code; /* says whether there are changes */
};

static long print_brief(struct cli *c, const struct diff_request *request, struct err *e)
{
	struct unsaved u = { 0 };
	char line[UNSAVED_LINE_MAX];

	if (cli_changes_each(c, request->which, request->image, unsaved_add, &u, e) < 0)
		return -1;
	for (enum class class = CLASS_IDENTITY; class <= CLASS_DATA; class++)
		if (unsaved_line(&u, class, line))
			printf("%s\n", line);
	return unsaved_matters(&u);
}

static int do_diff(struct cli *c, void *arg, struct err *e)
{
	const struct diff_request *request = arg;
	long n = request->brief ? print_brief(c, request, e)
	                        : cli_changes(c, request->which, request->image, e);

	if (n < 0)
		return -1;
	return n > 0 && request->exit_code ? COMMAND_DIFFERS : COMMAND_DONE;
}

int verb_diff(int argc, char **argv)
{
	static const struct option options[] = {
		{ "all", no_argument, NULL, 'a' },
		{ "brief", no_argument, NULL, 'b' },
		{ "exit-code", no_argument, NULL, 'e' },
		{ "image", no_argument, NULL, 'i' },
		{ "json", no_argument, NULL, 'j' },
		{ "quiet", no_argument, NULL, 'q' },
		{ NULL, 0, NULL, 0 },
	};
	struct cli c = { .program = "slate", .verb = argv[0], .verbose = true };
	struct diff_request request = { .which = GENERATION_NEWEST };
	int option;

	if (diff_compares(argc, argv))
		return verb_compare(argc, argv);
	for (optind = 0; (option = getopt_long(argc, argv, "q", options, NULL)) != -1;)
		switch (option) {
		case 'a':
			c.all = true;
			break;
		case 'b':
			request.brief = true;
			break;
		case 'e':
			request.exit_code = true;
			break;
		case 'i':
			request.image = true;
			break;
		case 'j':
			c.json = true;
			break;
		case 'q':
			c.verbose = false;
			break;
		default:
			return cli_usage(&c, DIFF_ARGS);
		}
	if (optind < argc && !span_uint(span_of(argv[optind++]), UINT64_MAX - 1, &request.which))
		return cli_usage(&c, DIFF_ARGS);
	if (request.brief && (c.all || c.json))
		return cli_usage(&c, DIFF_ARGS);
	return optind < argc ? cli_usage(&c, DIFF_ARGS) : cli_run(&c, do_diff, &request);
}

/* --- list --- */

static int print_member_line(void *ctx, const struct member *m, const struct member_data *data,
                             struct err *e)
{
	const struct cli *c = ctx;
	char above[MEMBER_PATH_MAX];
	const char *name = member_split(m->path, above);

	(void)data, (void)e;
	if (c->verbose)
		printf("%-16s %04o %5u %5u %9" PRIu64 " ", member_type_name(m->type), m->mode,
		       m->uid, m->gid, m->size);
	if (m->type == MEMBER_OPAQUE)
		printf("%s/" WHITEOUT_OPAQUE "\n", m->path);
	else if (m->type == MEMBER_WHITEOUT)
		printf("%s%s" WHITEOUT_PREFIX "%s\n", above, *above ? "/" : "", name);
	else
		cli_print_path(m->path);
	return 0;
}

int do_list(struct cli *c, void *arg, struct err *e)
{
	const struct sink sink = { print_member_line, c };
	struct save_options o = cli_save_options(c);

	(void)arg;
	if (!c->verbose)
		o.left_out = NULL;
	return save_each(&c->layer, &o, &sink, e) < 0 ? -1 : COMMAND_DONE;
}

int verb_list(int argc, char **argv)
{
	struct cli c = { .program = "slate", .verb = argv[0] };

	c.verbose = argc == 2 && strcmp(argv[1], "-v") == 0;
	return argc > 1 + c.verbose ? cli_usage(&c, "[-v]") : cli_run(&c, do_list, NULL);
}

/* --- generations --- */

static const char *state_name(const struct slot *s, const struct slot *newest)
{
	static const char *const names[] = {
		[SLOT_STATE_NONE] = "?",          [SLOT_EMPTY] = "empty",
		[SLOT_SEALED] = "not read",       [SLOT_VALID] = "good",
		[SLOT_UNFINISHED] = "unfinished", [SLOT_DAMAGED] = "damaged",
		[SLOT_UNUSABLE] = "unusable",     [SLOT_UNTRUSTED] = "not trusted",
	};

	if (s->state == SLOT_VALID && slot_trial_is_open(&s->record))
		return "on trial";
	if (s->state == SLOT_VALID && slot_trial_is_given_up(&s->record))
		return "given up";
	return s == newest ? "newest" : names[s->state];
}

static void print_slot(const struct slot *s, const struct slot *newest)
{
	char date[32] = "-";

	if (s->record.sequence == 0) {
		printf("%10s  %-16s  %7s  %7s  slot-%-3d  %s\n", "-", "-", "-", "-", s->number,
		       state_name(s, newest));
		return;
	}
	commit_date(s->record.time, date);
	printf("%10" PRIu64 "  %-16s  %7u  %4" PRIu64 " KiB  slot-%-3d  %s%s%s%s%s\n",
	       s->record.sequence, date, s->record.members, (s->record.payload + 1023) / 1024,
	       s->number, state_name(s, newest),
	       s->state == SLOT_VALID && s->record.is_signed ? ", signed" : "",
	       s->record.crypt.kind ? ", encrypted" : "", s->why[0] ? ": " : "", s->why);
	if (s->record.message[0]) {
		printf("%12s", "");
		cli_print_path(s->record.message);
	}
}

static void json_slot(struct json *j, const struct slot *s, const struct slot *newest)
{
	json_object(j, NULL);
	json_number(j, "generation", (int64_t)s->record.sequence);
	json_number(j, "slot", s->number);
	json_text(j, "state", state_name(s, NULL));
	json_bool(j, "newest", s == newest);
	json_bool(j, "signed", s->record.is_signed);
	json_bool(j, "encrypted", s->record.crypt.kind != SLOT_CRYPT_NONE);
	json_number(j, "time", s->record.time);
	json_number(j, "files", s->record.members);
	json_number(j, "bytes", (int64_t)s->record.payload);
	json_number(j, "slot_bytes", (int64_t)s->file_size);
	json_text(j, "message", s->record.message);
	if (s->why[0])
		json_text(j, "trouble", s->why);
	json_end(j);
}

/* Newest first, then what holds no generation, by number. */
static const struct slot *next_slot(const struct slotset *set, bool *shown)
{
	const struct slot *best = NULL;

	for (size_t i = 0; i < set->n; i++)
		if (!shown[i] && (!best || set->slots[i].record.sequence > best->record.sequence))
			best = &set->slots[i];
	if (best)
		shown[best - set->slots] = true;
	return best;
}

static void print_generations(struct generations *g)
{
	const struct slot *newest = slotset_newest(&g->set), *s;
	bool shown[SLOTSET_MAX] = { false };

	printf("%10s  %-16s  %7s  %8s  %-8s  %s\n", "GENERATION", "SAVED", "FILES", "SIZE", "WHERE",
	       "STATE");
	while ((s = next_slot(&g->set, shown)))
		print_slot(s, newest);
	for (size_t i = 0; i < g->n_foreign; i++)
		printf("%10s  %-16s  %7s  %8s  %s\n", i == 0 ? "0" : "-", "-", "-", "-",
		       g->foreign[i]);
}

static void json_generations(struct generations *g)
{
	const struct slot *newest = slotset_newest(&g->set), *s;
	bool shown[SLOTSET_MAX] = { false };
	struct json j;

	json_open(&j, stdout);
	json_object(&j, NULL);
	json_array(&j, "slots");
	while ((s = next_slot(&g->set, shown)))
		json_slot(&j, s, newest);
	json_end(&j);
	json_array(&j, "archives");
	for (size_t i = 0; i < g->n_foreign; i++)
		json_text(&j, NULL, g->foreign[i]);
	json_end(&j);
	json_end(&j);
}

static void tell_missing(const struct cli *c, struct generations *g)
{
	const struct slot *newest = slotset_highest(&g->set);
	char text[KNOWN_TEXT];

	if (known_missing(known_read(c->layer.known, c->layer.name),
	                  newest ? newest->record.sequence : 0, text))
		cli_complain(c, text);
}

static int do_generations(struct cli *c, void *arg, struct err *e)
{
	struct generations g;
	int result = layer_generations(&c->layer, &g, e);

	(void)arg;
	if (result == 0) {
		tell_missing(c, &g);
		if (c->json)
			json_generations(&g);
		else
			print_generations(&g);
	}
	generations_drop(&g);
	return result;
}

int verb_generations(int argc, char **argv)
{
	struct cli c = { .program = "slate", .verb = argv[0] };

	c.json = argc == 2 && strcmp(argv[1], "--json") == 0;
	return argc > 1 + c.json ? cli_usage(&c, "[--json]") : cli_run(&c, do_generations, NULL);
}

/* --- verify --- */

/* The digest was compared already; this reads every member against the rules. */
static bool is_sound(const struct generations *g, const struct slot *s, int pristine, struct err *e)
{
	struct archive_outcome outcome;
	struct archive archive;
	FD_AUTO fd = -1;

	return generations_open_slot(g, s, pristine, &fd, &archive, e) == 0 &&
	       archive_validate(&archive, &outcome, e) == 0;
}

static int verify_slot(const struct generations *g, const struct slot *s, int pristine)
{
	struct err e = { 0 };

	printf("slot-%d: ", s->number);
	if (s->state == SLOT_EMPTY)
		return printf("empty\n"), 0;
	if (s->state == SLOT_UNFINISHED)
		return printf("the save of generation %" PRIu64 " was cut off\n",
		              s->record.sequence),
		       0;
	if (s->state != SLOT_VALID)
		return printf("%s\n", s->why), 1;
	if (!is_sound(g, s, pristine, &e))
		return printf("generation %" PRIu64 ": %s\n", s->record.sequence, e.text), 1;
	printf("generation %" PRIu64 " is good\n", s->record.sequence);
	return 0;
}

static int verify_foreign(const struct generations *g, const char *path, int pristine)
{
	struct archive_outcome outcome;
	struct archive archive;
	struct err e = { 0 };
	FD_AUTO fd = -1;
	bool good = generations_open_foreign(g, path, pristine, &fd, &archive, &e) == 0 &&
	            archive_validate(&archive, &outcome, &e) == 0;

	printf("%s: %s\n", path, good ? "is good (no digest: only its form was checked)" : e.text);
	return !good;
}

static int do_verify(struct cli *c, void *arg, struct err *e)
{
	struct generations g;
	int bad = 0, result = layer_generations(&c->layer, &g, e);

	(void)arg;
	for (size_t i = 0; result == 0 && i < g.set.n; i++)
		bad += verify_slot(&g, &g.set.slots[i], c->layer.pristine_fd);
	for (size_t i = 0; result == 0 && i < g.n_foreign; i++)
		bad += verify_foreign(&g, g.foreign[i], c->layer.pristine_fd);
	generations_drop(&g);
	if (result == 0 && bad > 0)
		return err_say(e, "%d of what is on the medium can't be restored", bad);
	return result;
}

int verb_verify(int argc, char **argv)
{
	struct cli c = { .program = "slate", .verb = argv[0] };

	return argc > 1 ? cli_usage(&c, "") : cli_run(&c, do_verify, NULL);
}
