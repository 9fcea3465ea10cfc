/* verbs: the commands on saved configuration, by what they do.
 *
 * Each is a row's `run` in commands.c; lbu calls some with its own options.  */
#ifndef OVERLAY_VERBS_H
#define OVERLAY_VERBS_H

#include <stdbool.h>
#include <stdint.h>

#include "cli.h"

/* rows of the table: argv[0] is the verb */
int verb_save(int argc, char **argv);
int verb_reset(int argc, char **argv);
int verb_diff(int argc, char **argv);
int verb_list(int argc, char **argv);
int verb_generations(int argc, char **argv);
int verb_verify(int argc, char **argv);
int verb_key(int argc, char **argv);
int verb_passphrase(int argc, char **argv);
int verb_restore(int argc, char **argv);
int verb_revert(int argc, char **argv);
int verb_include(int argc, char **argv);
int verb_exclude(int argc, char **argv);
int verb_learn(int argc, char **argv);

/* what lbu needs of them: for cli_run */
struct save_request {
	const char *message; /* or NULL */
	const char *file;    /* export there; "-": standard output; NULL: a generation */
};
int do_save(struct cli *c, void *save_request, struct err *e);
int do_export(struct cli *c, void *save_request, struct err *e);
int do_list(struct cli *c, void *unused, struct err *e);
int do_restore(struct cli *c, void *generation, struct err *e); /* a uint64_t */

/* include and exclude differ in one thing. */
struct list_request {
	bool exclude, remove, show;
	int n;
	char **paths;
};
int do_list_request(struct cli *c, void *list_request, struct err *e);

#endif
