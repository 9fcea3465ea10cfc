#include "growth.h"

#include <inttypes.h>
#include <stdio.h>

#include "../../init/base/paths.h"
#include "../slot/slotdir.h"

enum { MIB = 1024 * 1024, SETS_SMALLEST = 2 };

static uint64_t round_up(uint64_t bytes)
{
	return (bytes + SLOT_HEADER + MIB - 1) / MIB * MIB;
}

/* How many new slots, of which size: four with room to grow if there is space,
 * else as many as fit, two at the least. */
static int plan_set(const struct growth *g, uint64_t *size, int *count, struct err *e)
{
	uint64_t least = round_up(g->need), ample = round_up(2 * g->need);

	*size = ample > SLOT_SIZE ? ample : SLOT_SIZE;
	for (*count = SLOT_COUNT; *count >= SETS_SMALLEST; --*count)
		if (g->free >= *size * (uint64_t)*count)
			return 0;
	*size = least;
	*count = SETS_SMALLEST;
	if (g->free >= *size * SETS_SMALLEST)
		return 0;
	return err_say(e, "full: %" PRIu64 " KiB needed, %" PRIu64 " KiB free",
	               *size * SETS_SMALLEST / 1024, g->free / 1024);
}

static int make_slots(struct generations *found, const struct layer *l,
                      const struct slotdir_new *slots, struct err *e)
{
	char path[256];

	if (found->dir >= 0)
		return slotdir_add(found->dir, slots, e);
	snprintf(path, sizeof path, PATH_SAVED "/%s", l->name);
	return slotdir_make(l->medium_fd, path, slots, &found->dir, e);
}

int growth_make(struct generations *found, const struct layer *l, const struct growth *growth,
                struct err *e)
{
	struct slotset *set = &found->set;
	struct slotdir_new slots = {
		.first = slotset_free_number(set),
		.progress = growth->progress,
		.ctx = growth->ctx,
	};

	if (plan_set(growth, &slots.size, &slots.count, e) < 0 ||
	    make_slots(found, l, &slots, e) < 0)
		return -1;
	for (int i = 0; i < slots.count && set->n < SLOTSET_MAX; i++)
		set->slots[set->n++] = (struct slot){
			.number = slots.first + i,
			.state = SLOT_EMPTY,
			.file_size = slots.size,
		};
	return 0;
}
