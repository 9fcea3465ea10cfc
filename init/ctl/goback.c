/* slate goback: puts the running root back, as a unit: it reads the medium, or what was lent
 * of one that was let go, writes neither, and leaves behind what it has changed. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../overlay/restore/goback.h"
#include "../../overlay/restore/live.h"
#include "../base/command.h"
#include "../base/paths.h"
#include "tell.h"
#include "verbs.h"

#define UNTOUCHED "what runs is as it was"

static int open_layer(struct layer *l, struct err *e)
{
	layer_default(l);
	if (access(PATH_LENT, F_OK) == 0) {
		l->medium = PATH_LENT;
		l->remount = false;
	}
	/* the medium is for the watch to have back and to write */
	l->keeps_away = true;
	return layer_open(l, e);
}

static int run(struct names *changed, struct goback_result *r, struct err *e)
{
	struct layer l;
	int result = open_layer(&l, e);

	if (result < 0)
		err_safe(e, UNTOUCHED);
	if (result == 0 && live_settle(&l, e) > 0)
		tell("a command that put files back was killed; what it had begun was undone");
	if (result == 0)
		result = goback(&l, changed, r, e);
	layer_close(&l);
	return result;
}

int ctl_goback(int argc, char **argv)
{
	struct names changed = { 0 };
	struct goback_result r;
	struct err e = { 0 }, late = { 0 };
	int result, noted;

	if (argc != 1)
		return tell_usage(argv[0]);
	result = run(&changed, &r, &e);
	if (result == 0)
		tell("%s is back", r.title);
	noted = goneback_write(PATH_GONEBACK, &changed, result < 0 ? NULL : r.title,
	                       result < 0 ? e.text : NULL, &late);
	names_drop(&changed);
	if (noted < 0) {
		err_safe(&late, result < 0 ? UNTOUCHED : "what is back is intact");
		return tell_failed(argv[0], &late);
	}
	return result < 0 ? tell_failed(argv[0], &e) : COMMAND_DONE;
}
