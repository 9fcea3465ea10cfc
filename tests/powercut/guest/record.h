/* record: makes saves on a device whose every write is logged, and marks each
 * acknowledgement in the log.
 *
 * The clock goes back a day with each save: nothing may depend on it.
 *
 * An acknowledgement is a sector past the end of the file system: "POWERCUT-ACK"
 * and the generation. The device writes it at once, so that its place in the log
 * tells which writes came before the save had returned.  */
#ifndef POWERCUT_RECORD_H
#define POWERCUT_RECORD_H

#include "../../../init/base/err.h"

struct sequence;

/* One save of `step` to the mounted medium, and its acknowledgement. 0, or -1 with *e. */
int record_save(const struct sequence *s, const char *device, const char *step, struct err *e);

/* Saves with `sequence` once for each of `steps` ("GENERATION:BYTES", "0" resets),
 * to `device` with a file system of `fstype`. 0, or -1 with *e. */
int record_saves(const char *sequence, const char *fstype, const char *device, char *const *steps,
                 struct err *e);

#endif
