/* hardenmount: rows of the hardening table that are about mounts. Setting one changes the
 * mounts of the name space that the caller is in.  */
#ifndef BASE_HARDENMOUNT_H
#define BASE_HARDENMOUNT_H

#include "hardened.h"

/* As hardened_look. */
void hardenmount_look(const struct hardening_row *row, struct hardened *out);

/* 0, or -1 with *e. */
int hardenmount_set(const struct hardening_row *row, struct err *e);

#endif
