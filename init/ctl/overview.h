/* overview: what `slate status` tells: the whole machine at a glance, gathered
 * once and then printed for people or as JSON.  */
#ifndef CTL_OVERVIEW_H
#define CTL_OVERVIEW_H

#include "../../overlay/verbs/summary.h"
#include "client.h"

#define OVERVIEW_DEGRADED_MAX 32

struct overview {
	char hostname[65], kernel[65];
	double uptime_s;
	bool supervised;           /* slate-init runs here; else `why` */
	struct err why;
	struct manager_info manager;
	struct unit_list units;
	struct summary summary;    /* the stateless side */
	bool summary_read;
	char degraded[OVERVIEW_DEGRADED_MAX][256]; /* lines of PATH_DEGRADED */
	size_t degraded_n;
};

/* Never fails: what can't be read is left out. */
void overview_read(struct overview *m);
void overview_free(struct overview *m);

/* "running", "starting", "degraded" (a unit has failed or something is not as asked
 * for), "stopping", "unsupervised". */
const char *overview_state(const struct overview *m);

void overview_print(const struct overview *m);      /* status.c */
void overview_print_json(const struct overview *m); /* status_json.c */

/* The units as a tree: calls `each` for every one that is worth showing, parents
 * first. `depth` is 0 for the root. (tree.c) */
void overview_tree(const struct overview *m,
                  void (*each)(void *ctx, const struct unit_info *u, int depth), void *ctx);

#endif
