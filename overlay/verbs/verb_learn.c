#include "verbs.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../../init/base/json.h"
#include "../../init/base/paths.h"
#include "../changes/listedit.h"
#include "../save/outside.h"

#define LEARN_ARGS "[--add] [--exit-code] [--json]"

struct learn_request {
	bool add;       /* to the list */
	bool exit_code; /* says whether something is proposed */
};

/* As a save.list has it, under a comment. */
static void print_line(const struct learn_line *line)
{
	printf("# %s: %" PRIu64 " file%s, %" PRIu64 " KiB\n%c", class_name(line->class),
	       line->files, line->files == 1 ? "" : "s", (line->bytes + 1023) / 1024,
	       line->kind == SAVE_KEEP ? '+' : '-');
	cli_print_path(line->path);
}

static void json_line(struct json *j, const struct learn_line *line)
{
	char text[MEMBER_PATH_MAX + 2];

	snprintf(text, sizeof text, "%c%s", line->kind == SAVE_KEEP ? '+' : '-', line->path);
	json_object(j, NULL);
	json_text(j, "line", text);
	json_text(j, "class", class_name(line->class));
	json_number(j, "files", (int64_t)line->files);
	json_number(j, "bytes", (int64_t)line->bytes);
	json_end(j);
}

static void print_lines(const struct cli *c, const struct learn *l)
{
	struct json j;

	json_open(&j, stdout);
	if (c->json)
		json_array(&j, NULL);
	for (size_t i = 0; i < l->n_lines; i++)
		if (c->json)
			json_line(&j, &l->lines[i]);
		else
			print_line(&l->lines[i]);
	if (c->json)
		json_end(&j);
}

static int add_lines(const struct cli *c, const struct learn *l, struct err *e)
{
	for (size_t i = 0; i < l->n_lines; i++)
		if (listedit(c->layer.root_fd, PATH_SAVE_LIST, LISTEDIT_ADD, l->lines[i].kind,
		             l->lines[i].path, e) < 0)
			return err_wrap(e, "%zu of %zu lines were added", i, l->n_lines);
	return 0;
}

static int do_learn(struct cli *c, void *arg, struct err *e)
{
	const struct learn_request *request = arg;
	struct learn l;
	int result = outside_find(&c->layer, &l, e);

	if (result == 0)
		result = learn_propose(&l, e);
	if (result == 0) {
		print_lines(c, &l);
		if (request->add)
			result = add_lines(c, &l, e);
	}
	if (result == 0)
		result = l.n_lines && request->exit_code ? COMMAND_DIFFERS : COMMAND_DONE;
	learn_drop(&l);
	return result;
}

int verb_learn(int argc, char **argv)
{
	static const struct option options[] = {
		{ "add", no_argument, NULL, 'a' },
		{ "exit-code", no_argument, NULL, 'e' },
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	struct cli c = { .program = "slate", .verb = argv[0] };
	struct learn_request request = { 0 };
	int option;

	for (optind = 0; (option = getopt_long(argc, argv, "", options, NULL)) != -1;)
		switch (option) {
		case 'a':
			request.add = true;
			break;
		case 'e':
			request.exit_code = true;
			break;
		case 'j':
			c.json = true;
			break;
		default:
			return cli_usage(&c, LEARN_ARGS);
		}
	return optind < argc ? cli_usage(&c, LEARN_ARGS) : cli_run(&c, do_learn, &request);
}
