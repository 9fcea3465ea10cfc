#include "keepstate.h"

#include "../../init/base/fd.h"
#include "../../init/base/paths.h"
#include "../medium/layer.h"
#include "../medium/medium.h"
#include "statestore.h"

/* Another save may be running; it is done soon. */
enum { BUSY_MS = 5000 };

/* Always the medium that the machine boots from, wherever saves go: an image is looked
 * for there, before anything else is known. */
static int open_medium(struct layer *l, struct err *e)
{
	layer_default(l);
	l->medium = PATH_MEDIUM;
	/* nothing else is its business, and its units do not let it look */
	l->upper = l->pristine = l->keys = NULL;
	if (layer_open(l, e) < 0 || layer_need_medium(l, e) < 0)
		return -1;
	return 0;
}

static int change(const struct layer *l, const struct keepstate *k, struct err *e)
{
	FD_AUTO lock = -1;
	struct statefile s;
	struct err damaged, late;

	if (l->nosave)
		return err_say(e, "this boot may not write (nosave)");
	if (medium_reserve_within(l, BUSY_MS, &lock, e) < 0)
		return -1;
	/* what is damaged is begun anew: nothing of it counts any more */
	statestore_read(l->medium_fd, &s, &damaged);
	if (!k->change(k->ctx, &s))
		return 0;
	if (medium_unlock(l, e) < 0)
		return -1;

	int result = statestore_write(l->medium_fd, &s, e);
	int locked = medium_lock(l, result < 0 ? &late : e);

	return result < 0 || locked < 0 ? -1 : 1;
}

int keepstate(const struct keepstate *k, struct err *e)
{
	struct layer l;
	int result = open_medium(&l, e);

	if (result == 0)
		result = change(&l, k, e);
	layer_close(&l);
	return result;
}

int keepstate_read(struct statefile *s, struct err *e)
{
	struct layer l;
	int result = open_medium(&l, e);

	*s = (struct statefile){ 0 };
	if (result == 0)
		result = statestore_read(l.medium_fd, s, e);
	layer_close(&l);
	return result;
}
