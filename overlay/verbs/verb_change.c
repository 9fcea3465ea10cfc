#include "verbs.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../init/base/fd.h"
#include "../../init/base/paths.h"
#include "../../init/base/span.h"
#include "../changes/listedit.h"

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
