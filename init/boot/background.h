/* background: work beside a boot that must not be any slower for it.  */
#ifndef BOOT_BACKGROUND_H
#define BOOT_BACKGROUND_H

/* From here on this process has the least share of the processor, and what the others
 * leave of the disks. What the kernel can't do of it is left out. */
void background_enter(void);

/* From here on it has a small share of both whatever the others do, so that it ends some
 * day. */
void background_leave(void);

#endif
