/* fsuuid: the UUID of a file system that saves can live on, as blkid(8) writes it.
 *
 * Reads a few bytes at the place where each type has it; for telling in the running
 * system whether a device holds the medium of this boot. Sources: the kernel's
 * fs/fat, fs/exfat, fs/ext4, fs/btrfs, fs/xfs, fs/f2fs.  */
#ifndef MEDIUM_FSUUID_H
#define MEDIUM_FSUUID_H

#include <stdbool.h>

#define FSUUID_TEXT 40

/* Of the file system of type `fstype` on the open device `fd` (borrowed). False: it
 * is none of that type, or the type is not known here. */
bool fsuuid_read(int fd, const char *fstype, char text[FSUUID_TEXT]);

#endif
