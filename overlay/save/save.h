/* save: keeps what changed since the boot.  */
#ifndef SAVE_SAVE_H
#define SAVE_SAVE_H

#include "../../init/base/err.h"
#include "../changes/upper.h"
#include "../medium/layer.h"
#include "commit.h"

struct save_options {
	struct commit_options commit;
	/* Told of paths that should be kept and can't be; may be NULL. */
	void (*left_out)(void *ctx, const char *path, const char *why);
	/* Where saves go to a server, only the archive is made, for remote_send. */
	bool spools;
	void *ctx;
};

/* Runs the pre-save hooks (one that fails ends the save), writes a generation, runs
 * the post-save hooks. 0, or -1 with *e. */
int save(const struct layer *l, const struct save_options *o, struct commit_result *out,
         struct err *e);

/* What a save would keep, as members; the save.list comes from the merged root. */
int save_each(const struct layer *l, const struct save_options *o, const struct sink *sink,
              struct err *e);

/* What has changed and no save would keep, as members. Directories on the way to it
 * come too, but not those that a save would keep. `unruled`: only what no rule speaks
 * of, so not what one leaves out. */
int save_each_outside(const struct layer *l, bool unruled, const struct sink *sink,
                      struct err *e);

/* Writes the archive as an Alpine apkovl into `fd`. 0, or -1 with *e. */
int save_export(const struct layer *l, const struct save_options *o, int fd, struct err *e);

/* An empty generation: the next boot is as the image is. 0, or -1 with *e. */
int save_reset(const struct layer *l, const struct commit_options *o, struct commit_result *out,
               struct err *e);

#endif
