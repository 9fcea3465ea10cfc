/* sweep: empties the initramfs, whose memory nothing else would give back. */
#ifndef BOOT_SWEEP_H
#define BOOT_SWEEP_H

#include <stddef.h>
#include <sys/types.h>

/* Removes everything beneath the directory `root` (borrowed), but what lies on
 * other file systems and the `n` inodes `keep` with all beneath them. What can't
 * be removed stays; nothing is an error. */
void sweep(int root, const ino_t *keep, size_t n);

#endif
