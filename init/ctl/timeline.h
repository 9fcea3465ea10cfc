/* timeline: what the boot did when: the stages of slate-boot (boot.json) and the
 * units, on one clock (CLOCK_MONOTONIC, microseconds).  */
#ifndef CTL_TIMELINE_H
#define CTL_TIMELINE_H

#include <stddef.h>
#include <stdint.h>

#include "../base/err.h"
#include "../base/span.h"

#define TIMELINE_MAX 512

enum span_kind { SPAN_STAGE, SPAN_UNIT, SPAN_TARGET };

struct bar {
	char name[80];
	uint64_t begin_us, end_us;
	enum span_kind kind;
	int failed;
};

struct timeline {
	struct bar bars[TIMELINE_MAX]; /* by their beginning */
	size_t n;
	uint64_t kernel_us;   /* slate-boot began; 0: not known */
	uint64_t init_us;     /* slate-init began; 0: not known */
	uint64_t finished_us; /* the first goal was reached; 0: not yet */
};

/* Reads what is there. -1 with *e when nothing is. */
int timeline_read(struct timeline *t, struct err *e);

/* The stages in the text of boot.json. Separate for tests: the text is checked,
 * what is malformed is left out. */
void timeline_stages(struct timeline *t, struct span text);

void timeline_plot(const struct timeline *t); /* SVG, to standard output (plot.c) */

#endif
