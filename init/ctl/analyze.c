#include <stdio.h>
#include <string.h>

#include "../base/command.h"
#include "show.h"
#include "tell.h"
#include "timeline.h"
#include "verbs.h"

static double ms(uint64_t us)
{
	return (double)us / 1000;
}

static void print_sum(const struct timeline *t)
{
	if (t->kernel_us)
		printf("kernel      %10.1f ms\n", ms(t->kernel_us));
	if (t->kernel_us && t->init_us > t->kernel_us)
		printf("slate-boot  %10.1f ms\n", ms(t->init_us - t->kernel_us));
	if (t->finished_us > t->init_us)
		printf("units       %10.1f ms\n", ms(t->finished_us - t->init_us));
	else
		printf("units       still starting\n");
	if (t->finished_us)
		printf("%sup after    %10.1f ms%s\n", show_colour(SHOW_BOLD), ms(t->finished_us), show_end());
}

static void print_bars(const struct timeline *t)
{
	printf("\n%12s  %12s\n", "began at", "took");
	for (size_t i = 0; i < t->n; i++) {
		const struct bar *b = &t->bars[i];

		printf("%9.1f ms  %9.1f ms  %s%s%s%s\n", ms(b->begin_us), ms(b->end_us - b->begin_us),
		       b->failed ? show_colour(SHOW_RED) : "", b->name, b->failed ? " (failed)" : "",
		       show_end());
	}
}

int ctl_analyze(int argc, char **argv)
{
	static struct timeline t;
	struct err e;
	bool plot = argc == 2 && strcmp(argv[1], "plot") == 0;

	if (argc > 1 && !plot)
		return tell_usage(argv[0]);
	if (timeline_read(&t, &e) < 0)
		return tell_failed(argv[0], &e);
	if (plot) {
		timeline_plot(&t);
		return COMMAND_DONE;
	}
	print_sum(&t);
	print_bars(&t);
	return COMMAND_DONE;
}
