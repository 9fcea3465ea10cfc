/* giving: notes what this boot puts into the new root by itself, for who saves and compares
 * (given.h). What can't be noted counts as a change of the user's, which is told.  */
#ifndef BOOT_GIVING_H
#define BOOT_GIVING_H

#include "boot.h"

/* When the new root is made: nothing is given yet. */
void giving_start(struct boot *b);

/* Before something is put at `path`, which is as members have it. */
void giving_note(struct boot *b, const char *path);

/* A sink's member function, its ctx a struct boot: for the members of an archive that is
 * put, in the child that makes them. */
int giving_member(void *boot, const struct member *m, const struct member_data *data,
                  struct err *e);

/* When all is put and the hooks have run, which at the next boot will do the same. */
void giving_end(struct boot *b);

#endif
