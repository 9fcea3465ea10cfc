#include "timeline.h"

#include <inttypes.h>
#include <stdio.h>

#define LEFT 20
#define TOP 60
#define ROW 18
#define WIDTH 1000 /* of the time axis */

static uint64_t last_end(const struct timeline *t)
{
	uint64_t last = t->finished_us;

	for (size_t i = 0; i < t->n; i++)
		if (t->bars[i].end_us > last && (!t->finished_us || t->bars[i].kind == SPAN_STAGE))
			last = t->bars[i].end_us;
	return last ? last : 1;
}

static double x_of(const struct timeline *t, uint64_t us)
{
	uint64_t last = last_end(t);

	return LEFT + (double)(us < last ? us : last) * WIDTH / (double)last;
}

/* Unit names can hold what XML can't. */
static void put_text(const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '<': fputs("&lt;", stdout); break;
		case '>': fputs("&gt;", stdout); break;
		case '&': fputs("&amp;", stdout); break;
		default: putchar(*text);
		}
}

static void put_axis(const struct timeline *t)
{
	uint64_t last = last_end(t), step = 1000;
	size_t height = TOP + t->n * ROW;

	/* 1, 10, 100 ms, … so that there are at most twenty lines */
	while (last / step > 20)
		step *= last / step > 200 ? 10 : 5;
	for (uint64_t us = 0; us <= last; us += step) {
		printf("<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%zu\" class=\"axis\"/>\n", x_of(t, us),
		       TOP - 8, x_of(t, us), height);
		printf("<text x=\"%.1f\" y=\"%d\" class=\"axis\">%.2f s</text>\n", x_of(t, us) + 2, TOP - 12,
		       (double)us / 1e6);
	}
}

static void put_bar(const struct timeline *t, size_t row)
{
	static const char *const classes[] = {
		[SPAN_STAGE] = "stage", [SPAN_UNIT] = "unit", [SPAN_TARGET] = "target",
	};
	const struct bar *b = &t->bars[row];
	double from = x_of(t, b->begin_us), width = x_of(t, b->end_us) - from;
	size_t y = TOP + row * ROW;
	/* on the side where there is room */
	int late = from > LEFT + WIDTH * 0.7;

	printf("<rect x=\"%.1f\" y=\"%zu\" width=\"%.1f\" height=\"%d\" class=\"%s\"/>\n", from, y,
	       width < 1.5 ? 1.5 : width, ROW - 4, b->failed ? "failed" : classes[b->kind]);
	printf("<text x=\"%.1f\" y=\"%zu\"%s>", late ? from - 4 : from + 4, y + ROW - 7,
	       late ? " text-anchor=\"end\"" : "");
	put_text(b->name);
	printf(" %.1f ms</text>\n", (double)(b->end_us - b->begin_us) / 1000);
}

void timeline_plot(const struct timeline *t)
{
	printf("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%zu\">\n"
	       "<style>text{font:11px sans-serif;fill:#223}.axis{stroke:#ccd;fill:#778}"
	       "text.axis{stroke:none}.stage{fill:#7aa5d8}.unit{fill:#8cc28c}.target{fill:#c9b3e0}"
	       ".failed{fill:#e08080}</style>\n"
	       "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
	       WIDTH + 2 * LEFT, TOP + t->n * ROW + LEFT);
	printf("<text x=\"%d\" y=\"20\">up after %.3f s: the kernel %.3f s, slate-boot %.3f s, units "
	       "%.3f s</text>\n", LEFT, (double)last_end(t) / 1e6, (double)t->kernel_us / 1e6,
	       t->init_us > t->kernel_us && t->kernel_us ? (double)(t->init_us - t->kernel_us) / 1e6 : 0,
	       t->finished_us > t->init_us ? (double)(t->finished_us - t->init_us) / 1e6 : 0);
	put_axis(t);
	for (size_t i = 0; i < t->n; i++)
		put_bar(t, i);
	printf("</svg>\n");
}
