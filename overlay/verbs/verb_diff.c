#include "verbs.h"

#include <getopt.h>
#include <string.h>

#include "../../init/base/span.h"
#include "compare.h"

static const char args[] =
	"[-qu] [--image | GENERATION [GENERATION]] [PATH…] [--json]";

struct diff_request {
	struct comparison comparison;
	int n;
	char **typed; /* paths */
};

static int do_diff(struct cli *c, void *arg, struct err *e)
{
	struct diff_request *request = arg;
	struct comparison *what = &request->comparison;
	struct names paths = { 0 };
	char path[MEMBER_PATH_MAX];
	int result = 0;

	for (int i = 0; result == 0 && i < request->n; i++) {
		result = cli_path(request->typed[i], path, e);
		/* the root is no restriction */
		if (result == 0 && *path)
			result = names_add(&paths, path, e);
	}
	what->paths = (const char *const *)paths.at;
	what->n_paths = paths.n;
	if (result == 0 && compare(c, what, e) < 0)
		result = -1;
	names_drop(&paths);
	return result;
}

/* Takes a number off the front of the words. */
static bool take_number(int argc, char **argv, uint64_t *number)
{
	if (optind == argc || !span_uint(span_of(argv[optind]), UINT64_MAX - 3, number))
		return false;
	optind++;
	return true;
}

/* Two generations, lines of files, or paths. */
bool diff_compares(int argc, char **argv)
{
	uint64_t number;
	int words = 0;

	for (int i = 1; i < argc; i++) {
		if (argv[i][0] != '-' &&
		    (words++ > 0 || !span_uint(span_of(argv[i]), UINT64_MAX, &number)))
			return true;
		if (strcmp(argv[i], "--unified") == 0 ||
		    (argv[i][0] == '-' && argv[i][1] != '-' && strchr(argv[i], 'u')))
			return true;
	}
	return false;
}

int verb_compare(int argc, char **argv)
{
	static const struct option options[] = {
		{ "image", no_argument, NULL, 'i' },   { "json", no_argument, NULL, 'j' },
		{ "quiet", no_argument, NULL, 'q' },   { "unified", no_argument, NULL, 'u' },
		{ NULL, 0, NULL, 0 },
	};
	struct cli c = { .program = "slate", .verb = argv[0], .verbose = true };
	struct diff_request request = { .comparison = { GENERATION_NEWEST, COMPARE_NOW, false,
		                                        NULL, 0 } };
	struct comparison *what = &request.comparison;
	int option;

	for (optind = 0; (option = getopt_long(argc, argv, "qu", options, NULL)) != -1;)
		switch (option) {
		case 'i':
			what->old = COMPARE_IMAGE;
			break;
		case 'j':
			c.json = true;
			break;
		case 'q':
			c.verbose = false;
			break;
		case 'u':
			what->text = true;
			break;
		default:
			return cli_usage(&c, args);
		}
	if (what->old != COMPARE_IMAGE && take_number(argc, argv, &what->old))
		take_number(argc, argv, &what->now);
	request.n = argc - optind;
	request.typed = argv + optind;
	what->text |= request.n > 0;
	return cli_run(&c, do_diff, &request);
}
