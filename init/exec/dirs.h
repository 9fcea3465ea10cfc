/* dirs: where RuntimeDirectory= and its kin are.  */
#ifndef EXEC_DIRS_H
#define EXEC_DIRS_H

#include "../unit/exec.h"

struct dirs_kind {
	const char *directive;
	const char *base;     /* what its names are relative to */
	const char *variable; /* that tells the service */
};

extern const struct dirs_kind dirs_kinds[DIR_KINDS];

#endif
