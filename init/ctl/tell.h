/* tell: what all verbs say in the same words.  */
#ifndef CTL_TELL_H
#define CTL_TELL_H

#include "../base/err.h"
#include "../base/hardening.h"

/* How the verb is to be called, on standard output. Returns COMMAND_USAGE. */
int tell_usage(const char *verb);

/* "slate: VERB: ERROR" on standard error. Returns COMMAND_FAILED. */
int tell_failed(const char *verb, const struct err *e);

/* A line for the log of the unit that the verb runs as. tell_degraded: the overview of
 * the machine has it, too (degraded.h), as what the user has to know. */
void tell(const char *fmt, ...) ERR_PRINTF(1, 2);
void tell_degraded(const char *fmt, ...) ERR_PRINTF(1, 2);

/* Sets rows of the hardening table (hardened_apply), and tells. -1: not all are as wanted. */
int tell_hardened(const struct hardening *h, bool (*picks)(const struct hardening_row *row));

#endif
