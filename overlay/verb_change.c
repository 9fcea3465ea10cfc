#include "verbs.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../init/base/fd.h"
#include "../init/base/paths.h"
#include "../init/base/span.h"
#include "listedit.h"
#include "revert.h"

/* --- restore: an old generation becomes the newest --- */

static int each_of_archive(void *ctx, const struct sink *sink, struct err *e)
{
	return archive_read(ctx, sink, e);
}

static int restore_chosen(struct cli *c, uint64_t which, struct chosen *chosen, struct err *e)
{
	const struct pack_source source = { each_of_archive, &chosen->archive };
	struct save_options o = cli_save_options(c);
	struct archive_outcome outcome;
	struct commit_result r;
	char message[SLOT_MESSAGE];

	if (archive_validate(&chosen->archive, &outcome, e) < 0) {
		err_wrap(e, "%s", chosen->title);
		return err_safe(e, "nothing was changed");
	}
	snprintf(message, sizeof message, "restored from %s", chosen->title);
	o.commit.message = message;
	o.commit.keep = which;
	if (remote_commit(&c->layer, &source, &o.commit, &r, e) < 0)
		return -1;
	if (!c->quiet && r.slot < 0)
		printf("%s is %s again; the next boot restores it (what runs now is unchanged)\n",
		       c->layer.remote.url, chosen->title);
	else if (!c->quiet)
		printf("generation %" PRIu64 " is %s again; the next boot restores it (what runs "
		       "now is unchanged)\n",
		       r.sequence, chosen->title);
	return COMMAND_DONE;
}

int do_restore(struct cli *c, void *arg, struct err *e)
{
	uint64_t which = *(uint64_t *)arg;
	struct generations g = { .medium = -1, .dir = -1 };
	struct chosen chosen = { .fd = -1 };
	int result;

	if (layer_need_medium(&c->layer, e) < 0)
		return -1;
	result = generations_scan(&g, c->layer.medium_fd, c->layer.name, &c->layer.vouch, e);
	if (result == 0) {
		generations_verify(&g);
		result = generations_choose(&g, which, c->layer.pristine_fd, &chosen, e);
	}
	if (result < 0)
		err_safe(e, "nothing was changed");
	if (result > 0)
		result = restore_chosen(c, which, &chosen, e);
	fd_drop(&chosen.fd);
	generations_drop(&g);
	return result;
}

int verb_restore(int argc, char **argv)
{
	struct cli c = { .program = "slate", .verb = argv[0] };
	uint64_t which;

	if (argc != 2 || !span_uint(span_of(argv[1]), UINT64_MAX - 1, &which))
		return cli_usage(&c, "GENERATION");
	return cli_run(&c, do_restore, &which);
}

/* --- revert --- */

#define REVERT_ARGS "[--image] PATH…"

struct revert_request {
	bool image; /* whatever was saved */
	int n;
	char **paths;
};

static int revert_one(struct cli *c, const struct chosen *saved, const char *typed, struct err *e)
{
	char path[MEMBER_PATH_MAX];
	int result;

	if (cli_path(typed, path, e) < 0)
		return -1;
	if (!*path)
		return err_say(e, "the whole root can't be reverted while it runs");
	result = revert(&c->layer, saved->fd >= 0 ? &saved->archive : NULL, path, e);
	if (result >= 0)
		printf("/%s is as in %s\n", path,
		       result == REVERT_TO_GENERATION ? saved->title : "the image");
	return result < 0 ? -1 : 0;
}

static int do_revert(struct cli *c, void *arg, struct err *e)
{
	const struct revert_request *request = arg;
	struct generations g = { .medium = -1, .dir = -1 };
	struct chosen saved = { .fd = -1 };
	struct archive_outcome outcome;
	int result = layer_need_overlay(&c->layer, e);

	/* without a medium there is still the image */
	if (result == 0 && c->layer.medium_fd >= 0 && !request->image)
		result =
			generations_scan(&g, c->layer.medium_fd, c->layer.name, &c->layer.vouch, e);
	if (result == 0) {
		generations_verify(&g);
		result = generations_choose(&g, GENERATION_NEWEST, c->layer.pristine_fd, &saved, e);
	}
	if (result > 0)
		result = archive_validate(&saved.archive, &outcome, e);
	for (int i = 0; result >= 0 && i < request->n; i++)
		result = revert_one(c, &saved, request->paths[i], e);
	fd_drop(&saved.fd);
	generations_drop(&g);
	return result < 0 ? -1 : COMMAND_DONE;
}

int verb_revert(int argc, char **argv)
{
	static const struct option options[] = { { "image", no_argument, NULL, 'i' },
		                                 { NULL, 0, NULL, 0 } };
	struct cli c = { .program = "slate", .verb = argv[0] };
	struct revert_request request = { 0 };
	int option;

	for (optind = 0; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (option != 'i')
			return cli_usage(&c, REVERT_ARGS);
		request.image = true;
	}
	request.n = argc - optind;
	request.paths = argv + optind;
	return request.n == 0 ? cli_usage(&c, REVERT_ARGS) : cli_run(&c, do_revert, &request);
}

/* --- include, exclude --- */

static const char *const lists[] = { PATH_SAVE_LIST, PATH_LBU_LIST };

static int show_list(struct cli *c, const char *list, enum save_kind kind, struct err *e)
{
	char *text = NULL;
	size_t len = 0;
	int result = listedit_read(c->layer.root_fd, list, &text, &len, e);
	struct span all = { text, len }, line, path;
	enum save_kind its;
	struct err bad;

	while (result == 0 && span_line(&all, &line))
		if (savelist_line(line, &its, &path, &bad) > 0 && its == kind)
			printf("%.*s\n", SPAN_ARGS(path));
	free(text);
	return result;
}

/* Adding goes to slate's list; what the others say about the path goes. */
static int edit_one(struct cli *c, const struct list_request *request, const char *path,
                    struct err *e)
{
	enum save_kind kind = request->exclude ? SAVE_LEAVE : SAVE_KEEP;
	enum save_kind other = request->exclude ? SAVE_KEEP : SAVE_LEAVE;
	int root = c->layer.root_fd, changed = 0;

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		int n = i == 0 && !request->remove
		                ? listedit(root, lists[i], LISTEDIT_ADD, kind, path, e)
		                : listedit(root, lists[i], LISTEDIT_REMOVE,
		                           request->remove ? kind : other, path, e);

		if (n < 0)
			return -1;
		changed += n;
	}
	if (c->verbose && changed)
		printf("%s %c%s\n", request->remove ? "removed" : "added",
		       request->exclude ? '-' : '+', path);
	return changed || !request->remove ? 0 : err_say(e, "%s is not in the list", path);
}

int do_list_request(struct cli *c, void *arg, struct err *e)
{
	const struct list_request *request = arg;
	enum save_kind kind = request->exclude ? SAVE_LEAVE : SAVE_KEEP;
	char path[MEMBER_PATH_MAX];

	for (size_t i = 0; request->show && i < sizeof lists / sizeof *lists; i++)
		if (show_list(c, lists[i], kind, e) < 0)
			return -1;
	for (int i = 0; i < request->n; i++)
		if (cli_path(request->paths[i], path, e) < 0 || edit_one(c, request, path, e) < 0)
			return -1;
	return COMMAND_DONE;
}

static int verb_list_request(int argc, char **argv, bool exclude)
{
	struct cli c = { .program = "slate", .verb = argv[0] };
	struct list_request request = { .exclude = exclude };
	int option;

	for (optind = 0; (option = getopt(argc, argv, "rlv")) != -1;)
		switch (option) {
		case 'r':
			request.remove = true;
			break;
		case 'l':
			request.show = true;
			break;
		case 'v':
			c.verbose = true;
			break;
		default:
			return cli_usage(&c, "[-rv] PATH… | -l");
		}
	request.n = argc - optind;
	request.paths = argv + optind;
	if ((request.n == 0) != request.show)
		return cli_usage(&c, "[-rv] PATH… | -l");
	return cli_run(&c, do_list_request, &request);
}

int verb_include(int argc, char **argv)
{
	return verb_list_request(argc, argv, false);
}

int verb_exclude(int argc, char **argv)
{
	return verb_list_request(argc, argv, true);
}
