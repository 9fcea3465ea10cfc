/* toram: the root's images in memory, so that the medium can be taken out.
 *
 * toram=full copies them before the boot goes on; toram=lazy leaves a process behind
 * that does (keeper.h); toram=auto takes what fits this machine. Either way the root
 * is mounted from the medium first, and the copies are put under it: what goes wrong
 * on the way leaves a machine that runs from its medium.  */
#ifndef BOOT_TORAM_H
#define BOOT_TORAM_H

#include "../../overlay/medium/toramfile.h"
#include "boot.h"

/* What `asked` (enum setting_toram) comes to for images of `whole` bytes and memory of
 * which `available` bytes are free: TORAM_NO, TORAM_LAZY or TORAM_FULL in *mode. 0, or
 * -1 with *e: they do not fit, and it was not left to us. Pure. */
int toram_choose(int asked, uint64_t whole, uint64_t available, enum setting_toram *mode,
                 struct err *e);

/* Draws "[###...] 45% of 312 MiB, 21.3 MiB/s, 8 s left" for `elapsed_ms`. */
void toram_draw(char *text, size_t size, uint64_t done, uint64_t whole, uint64_t elapsed_ms);

/* The stage. STAGE_WAS_SKIPPED: nothing is to be copied; 0: it was, or will be; -1
 * with *e: the medium has to stay. */
int toram_run(struct boot *b, struct err *e);

/* Unmounts the medium where all is in memory, and says that it may be taken out. */
void toram_let_go(struct boot *b);

/* Writes PATH_TORAM. */
void toram_note(const struct boot *b, enum toram_state state, uint64_t done);

#endif
