#include "check.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../../init/base/fd.h"
#include "box.h"
#include "deck.h"
#include "layout.h"
#include "loop.h"
#include "sequence.h"
#include "tree.h"

struct verdict {
	char first[16];
	const char *further;
	char note[400];
};

static void describe(int generation, char text[16])
{
	if (generation == TREE_TORN)
		snprintf(text, 16, "torn");
	else
		snprintf(text, 16, "%d", generation);
}

/* "ok" when a boot now finds the further generation; otherwise `if_not`. */
static const char *boot_further(struct box *b, const char *if_not, struct err *e)
{
	int generation;

	if (box_mount(b, e) < 0)
		return "unmountable";
	generation = box_restore(b);
	err_say(e, "%s", b->degraded);
	if (box_unmount(e) < 0)
		return "unwritable";
	return generation == CHECK_GENERATION ? "ok" : if_not;
}

/* One more save to the mounted medium, and a boot after it. */
static const char *save_further(struct box *b, const struct sequence *s, bool fill, struct err *e)
{
	const char *further;
	int saved = s->save(e);

	if (box_unmount(saved < 0 ? &(struct err){ 0 } : e) < 0 || saved < 0)
		return "unwritable";
	further = boot_further(b, "lost", e);
	if (strcmp(further, "ok") != 0 || !fill)
		return further;
	if (box_fill(b, 0xa5, e) < 0)
		return "unwritable";
	return boot_further(b, "overwritten", e);
}

static void judge(struct box *b, const struct sequence *s, bool fill, struct verdict *v)
{
	struct err e = { 0 };

	*v = (struct verdict){ .first = "unmountable", .further = "unmountable" };
	if (box_mount(b, &e) < 0) {
		snprintf(v->note, sizeof v->note, "%s", e.text);
		return;
	}
	describe(box_restore(b), v->first);

	int len = snprintf(v->note, sizeof v->note, "%s", b->degraded);

	v->further = save_further(b, s, fill, &e);
	snprintf(v->note + len, sizeof v->note - (size_t)len, "| %s", e.text);
}

/* Turns what is behind the device into state number `i`. */
static int lay_out(const struct deck *d, uint64_t i, int image, struct err *e)
{
	int held = loop_hold(e);

	if (held < 0)
		return -1;

	int result = deck_lay_out(d, i, image, e);

	return loop_release(held, result < 0 ? &(struct err){ 0 } : e) < 0 ? -1 : result;
}

static int check_state(const struct deck *d, uint64_t i, int image, struct box *b,
                       const struct sequence *s, struct err *e)
{
	struct verdict v;

	if (lay_out(d, i, image, e) < 0)
		return -1;
	judge(b, s, deck_is_to_fill(d, i), &v);
	printf("@%llu %s %s %s\n", (unsigned long long)i, v.first, v.further, v.note);
	fflush(stdout);
	return 0;
}

int check_deck(const char *device, struct err *e)
{
	FD_AUTO image = open(BOX_IMAGE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	const struct sequence *s;
	struct deck d;
	struct box b;

	if (image < 0)
		return err_sys(e, "open " BOX_IMAGE);
	if (deck_open(&d, device, e) < 0 || box_open(&b, LOOP_DEVICE, d.fstype, e) < 0)
		return -1;
	s = sequence_find(d.sequence);
	if (!s)
		return err_say(e, "no sequence is called %s", d.sequence);
	if (box_change(CHECK_GENERATION, d.payload, e) < 0)
		return -1;
	if (deck_size(&d, image, e) < 0 || loop_attach(image, e) < 0)
		return -1;
	for (uint64_t i = 0; i < d.n_states; i++)
		if (check_state(&d, i, image, &b, s, e) < 0)
			return err_wrap(e, "state %llu", (unsigned long long)i);
	return 0;
}
