/* layer: where the parts of a stateless machine are.
 *
 * The commands take them from here, so that a test can point each at a directory
 * of its own.  */
#ifndef MEDIUM_LAYER_H
#define MEDIUM_LAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../init/base/err.h"
#include "../changes/given.h"
#include "../slot/generations.h"
#include "../slot/vouch.h"
#include "remotefile.h"

struct layer {
	const char *medium;       /* mount point of what saves live on */
	const char *upper;        /* the overlay's upper directory; NULL: not opened */
	const char *pristine;     /* the read-only root; NULL: not opened */
	const char *root;         /* the merged root: what the user sees */
	const char *lock;         /* file locked by whoever writes the medium */
	const char *restored;     /* what restore left behind */
	const char *known;        /* the generation met last (known.h); NULL: not kept */
	const char *keys;         /* the folder PATH_KEYS; NULL: nothing is signed */
	const char *trial;        /* PATH_TRIAL; NULL: none */
	const char *gifts;        /* PATH_GIVEN; NULL: none */
	const char *const *hooks; /* parents of PHASE.d; NULL: no hooks are run */
	bool remount;             /* the medium is a mount of its own: writable only for a save */
	bool keeps_away;          /* a medium that was let go is not had back */
	char name[128];           /* below slate/saved; filled in by layer_open */
	struct vouch vouch;       /* whose generations are trusted; by layer_open */
	int encrypt;              /* enum setting_encrypt; by layer_open */
	bool nosave;              /* the command line forbids writing */
	bool in_memory;           /* the medium is: its root came over the network */
	struct remote remote;     /* where on a server saves go, if they do */
	struct given given;       /* what the boot put there by itself; by layer_open */
	struct err away;          /* why the medium that was let go can't be had; "": it can */
	bool recalled;            /* the medium is mounted for this process alone */
	bool apkovl;              /* the command line names what boots, whatever is saved */

	/* owned, opened by layer_open; -1 where there is none */
	int medium_fd, upper_fd, pristine_fd, root_fd;
};

/* The running system's paths, nothing opened. */
void layer_default(struct layer *l);

/* Opens what is there. Only a missing medium or overlay is no error: the fd is -1
 * and the layer_need_… functions say it. 0, or -1 with *e. */
int layer_open(struct layer *l, struct err *e);

int layer_need_medium(const struct layer *l, struct err *e);
int layer_need_overlay(const struct layer *l, struct err *e);

/* What is saved on the medium, each generation verified. 0, or -1 with *e;
 * generations_drop in both cases. */
int layer_generations(const struct layer *l, struct generations *g, struct err *e);

/* And generations_choose of these; generations_drop when *chosen is done with. */
int layer_choose(const struct layer *l, uint64_t which, struct generations *g, struct chosen *chosen,
                 struct err *e);

void layer_close(struct layer *l);

#endif
