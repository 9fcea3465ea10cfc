#include "verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "../../init/base/fd.h"
#include "../../init/base/json.h"
#include "../medium/medium.h"
#include "../save/trial.h"

enum { EXFAT_MAGIC = 0x2011BAB0 };

#define SAVE_ARGS "[-nv] [-m MESSAGE] [--try TIME | --export FILE] [--json]"

static void report_saved(const struct cli *c, const struct commit_result *r, uint32_t trial_s)
{
	struct json j;

	if (!c->json) {
		if (!c->quiet && r->slot < 0)
			printf("saved: %u files, %" PRIu64 " KiB, %s\n", r->packed.members,
			       (r->packed.payload + 1023) / 1024, c->layer.remote.url);
		else if (!c->quiet)
			printf("generation %" PRIu64 " saved: %u files, %" PRIu64 " KiB, slot-%d\n",
			       r->sequence, r->packed.members, (r->packed.payload + 1023) / 1024,
			       r->slot);
		if (!c->quiet && trial_s)
			printf("on trial for %s: slate confirm keeps it\n", trial_time(trial_s).text);
		return;
	}
	json_open(&j, stdout);
	json_object(&j, NULL);
	json_number(&j, "generation", (int64_t)r->sequence);
	json_number(&j, "time", r->time);
	json_number(&j, "slot", r->slot);
	json_number(&j, "files", r->packed.members);
	json_number(&j, "bytes", (int64_t)r->packed.payload);
	if (trial_s)
		json_number(&j, "trial_seconds", trial_s);
	json_end(&j);
}

/* From now on the watch looks at this one only. */
static void number_trial(const struct cli *c, uint64_t sequence)
{
	struct trialfile t;
	struct err e;
	int found = trialfile_read(c->layer.trial, &t, &e);

	t.sequence = sequence;
	if (found < 0 || (found > 0 && trialfile_write(c->layer.trial, &t, &e) < 0))
		cli_complain(c, e.text);
}

static int save_on_trial(struct cli *c, const struct save_request *request,
                         struct save_options *o, struct commit_result *r, struct err *e)
{
	struct trialfile before;
	int had = trialfile_read(c->layer.trial, &before, e);

	if (had < 0)
		return err_safe(e, "nothing was saved");
	if (c->layer.remote.url[0])
		return err_say(e, "a trial needs a medium, and saves go to %.100s; nothing was saved",
		               c->layer.remote.url);
	o->commit.trial_s = request->trial_s;
	o->commit.ends_trial = true;
	if (request->watch->begin(request->trial_s, e) < 0)
		return -1;
	if (save(&c->layer, o, r, e) < 0) {
		request->watch->end(had && !before.ended ? &before : NULL);
		return -1;
	}
	number_trial(c, r->sequence);
	return 0;
}

int do_save(struct cli *c, void *arg, struct err *e)
{
	const struct save_request *request = arg;
	struct save_options o = cli_save_options(c);
	struct commit_result r;

	o.commit.message = request->message;
	if (c->verbose && cli_changes(c, GENERATION_NEWEST, false, e) < 0)
		return -1;
	if ((request->trial_s ? save_on_trial(c, request, &o, &r, e)
	                      : save(&c->layer, &o, &r, e)) < 0)
		return -1;
	report_saved(c, &r, request->trial_s);
	return COMMAND_DONE;
}

/* A directory gets HOSTNAME.apkovl.tar.gz, as lbu does it. */
static int export_path(const char *file, char path[PATH_MAX], struct err *e)
{
	char host[65] = "localhost";
	struct stat st;
	bool is_dir = stat(file, &st) == 0 && S_ISDIR(st.st_mode);
	const char *slash = is_dir && file[strlen(file) - 1] != '/' ? "/" : "";

	gethostname(host, sizeof host - 1);
	int len = snprintf(path, PATH_MAX, "%s%s%s%s", file, slash, is_dir ? host : "",
	                   is_dir ? SLOT_SUFFIX : "");

	return len < 0 || len >= PATH_MAX ? err_say(e, "%.100s: path too long", file) : 0;
}

/* Where a rename over an old file can lose both when the power goes. */
static bool is_fat(int fd)
{
	struct statfs st;

	return fstatfs(fd, &st) == 0 &&
	       (st.f_type == MSDOS_SUPER_MAGIC || st.f_type == EXFAT_MAGIC);
}

static int flush_beside(int fd, const char *path, struct err *e)
{
	char above[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int len = slash ? (int)(slash - path) + 1 : 0;

	snprintf(above, sizeof above, "%.*s.", len, path);

	FD_AUTO dir = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fsync(fd) < 0 || dir < 0 || fsync(dir) < 0 || syncfs(dir) < 0)
		return err_sys(e, "flush %s", path);
	return 0;
}

static int write_export(struct cli *c, int fd, const char *path, struct err *e)
{
	const struct save_options o = cli_save_options(c);

	return save_export(&c->layer, &o, fd, e) < 0 ? err_wrap(e, "%s", path)
	                                             : flush_beside(fd, path, e);
}

/* A name that is free is written at once; one that is taken is replaced when the
 * new file is complete. */
static int export_to(struct cli *c, const char *path, struct err *e)
{
	char new[PATH_MAX + 8];
	FD_AUTO fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool taken = fd < 0 && errno == EEXIST;

	if (fd < 0 && !taken)
		return err_sys(e, "create %s", path);
	snprintf(new, sizeof new, "%s.new", path);
	if (taken)
		fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(e, "create %s", new);

	int result =
		taken && is_fat(fd)
			? err_say(e, "%s: there already, and can't be replaced safely on FAT", path)
			: write_export(c, fd, path, e);

	if (result == 0 && taken && (rename(new, path) < 0 || flush_beside(fd, path, e) < 0))
		result = err_sys(e, "rename %s", new);
	if (result < 0)
		unlink(taken ? new : path);
	return result;
}

int do_export(struct cli *c, void *arg, struct err *e)
{
	const struct save_request *request = arg;
	const struct save_options o = cli_save_options(c);
	char path[PATH_MAX];

	if (strcmp(request->file, "-") == 0)
		return save_export(&c->layer, &o, STDOUT_FILENO, e);
	if (export_path(request->file, path, e) < 0 || export_to(c, path, e) < 0)
		return -1;
	if (!c->quiet)
		printf("wrote %s\n", path);
	return COMMAND_DONE;
}

static int do_dry(struct cli *c, void *arg, struct err *e)
{
	(void)arg;
	return cli_changes(c, GENERATION_NEWEST, false, e) < 0 ? -1 : COMMAND_DONE;
}

int verb_save(int argc, char **argv, const struct save_watch *watch)
{
	static const struct option options[] = {
		{ "export", required_argument, NULL, 'x' },
		{ "message", required_argument, NULL, 'm' },
		{ "try", required_argument, NULL, 't' },
		{ "dry-run", no_argument, NULL, 'n' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	struct cli c = { .program = "slate", .verb = argv[0] };
	struct save_request request = { .watch = watch };
	bool dry = false;
	int option;

	for (optind = 0; (option = getopt_long(argc, argv, "nvm:", options, NULL)) != -1;)
		switch (option) {
		case 'x':
			request.file = optarg;
			break;
		case 'm':
			request.message = optarg;
			break;
		case 't':
			if (!trial_parse_time(optarg, &request.trial_s))
				return cli_usage(&c, SAVE_ARGS);
			break;
		case 'n':
			dry = true;
			break;
		case 'v':
			c.verbose = true;
			break;
		case 'j':
			c.json = true;
			break;
		default:
			return cli_usage(&c, SAVE_ARGS);
		}
	if (optind < argc || (request.trial_s && request.file))
		return cli_usage(&c, SAVE_ARGS);
	return cli_run(&c, dry ? do_dry : request.file ? do_export : do_save, &request);
}

static int do_reset(struct cli *c, void *arg, struct err *e)
{
	struct save_options o = cli_save_options(c);
	struct commit_result r;

	(void)arg;
	o.commit.message = "reset";
	o.commit.ends_trial = true;
	if (save_reset(&c->layer, &o.commit, &r, e) < 0)
		return -1;
	if (r.slot < 0) {
		printf("%s is empty: the next boot is as the image is\n", c->layer.remote.url);
		return COMMAND_DONE;
	}
	if (c->layer.trial)
		unlink(c->layer.trial);
	printf("generation %" PRIu64 " is empty: the next boot is as the image is; earlier "
	       "generations can still be restored\n",
	       r.sequence);
	return COMMAND_DONE;
}

int verb_reset(int argc, char **argv)
{
	struct cli c = { .program = "slate", .verb = argv[0] };

	return argc > 1 ? cli_usage(&c, "") : cli_run(&c, do_reset, NULL);
}
