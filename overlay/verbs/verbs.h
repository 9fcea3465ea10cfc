/* verbs: the commands on saved configuration, by what they do.
 *
 * Each is a row's `run` in commands.c; lbu calls some with its own options.  */
#ifndef VERBS_VERBS_H
#define VERBS_VERBS_H

#include <stdbool.h>
#include <stdint.h>

#include "../../init/base/names.h"
#include "../slot/trialfile.h"
#include "cli.h"

/* rows of the table: argv[0] is the verb */
int verb_reset(int argc, char **argv);
int verb_diff(int argc, char **argv);
bool diff_compares(int argc, char **argv); /* whether this is one for the next */
int verb_compare(int argc, char **argv);
int verb_list(int argc, char **argv);
int verb_generations(int argc, char **argv);
int verb_verify(int argc, char **argv);
int verb_key(int argc, char **argv);
int verb_passphrase(int argc, char **argv);
int verb_include(int argc, char **argv);
int verb_exclude(int argc, char **argv);
int verb_learn(int argc, char **argv);

/* Who watches over a trial, which is for init/ctl to say. */
struct save_watch {
	/* Before a generation is saved for a trial. 0, or -1 with *e. */
	int (*begin)(uint32_t seconds, struct err *e);
	/* It was not saved after all. `before`: a trial that goes on instead; NULL: none. */
	void (*end)(const struct trialfile *before);
};
int verb_save(int argc, char **argv, const struct save_watch *watch);

/* what lbu needs of them: for cli_run */
struct save_request {
	const char *message; /* or NULL */
	const char *file;    /* export there; "-": standard output; NULL: a generation */
	uint32_t trial_s;    /* 0: no trial */
	const struct save_watch *watch; /* of a trial */
};
int do_save(struct cli *c, void *save_request, struct err *e);
int do_export(struct cli *c, void *save_request, struct err *e);
int do_list(struct cli *c, void *unused, struct err *e);

/* restore and revert change the running system; which services read what changed is
 * for init/ctl to say. */
struct restore_request {
	uint64_t which;          /* GENERATION_NEWEST: what the server of slate.save= holds now */
	bool next_boot;          /* the running system stays as it is */
	struct names changed; /* out, the caller's to drop; also after a failure */
};
int do_restore(struct cli *c, void *restore_request, struct err *e);

struct revert_request {
	bool image; /* whatever was saved */
	int n;
	char **paths;
	struct names changed; /* as above */
};
int do_revert(struct cli *c, void *revert_request, struct err *e);

/* include and exclude differ in one thing. */
struct list_request {
	bool exclude, remove, show;
	int n;
	char **paths;
};
int do_list_request(struct cli *c, void *list_request, struct err *e);

#endif
