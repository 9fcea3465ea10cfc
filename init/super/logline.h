/* logline: makes one line of a log out of whatever bytes a service wrote.
 *
 * "2026-11-24T10:03:07.123Z text": one record is one line, whoever wrote it.
 * Control characters are escaped (\x1b), so that a log can neither forge a line
 * nor steer the terminal that shows it; a "<N>" level in front, as sd-daemon(3)
 * has it, is cut off. Nothing here allocates or reads a clock.  */
#ifndef SUPER_LOGLINE_H
#define SUPER_LOGLINE_H

#include <stddef.h>
#include <stdint.h>

#include "../base/span.h"

/* Bytes of a record as written by a service; a longer one becomes several. */
#define LOGLINE_TEXT_MAX 1024
/* Room that one record needs at most: the time, each byte escaped, a newline. */
#define LOGLINE_SIZE (32 + 4 * LOGLINE_TEXT_MAX + 1)

/* Writes the record to `out` (LOGLINE_SIZE bytes), with its newline and without
 * a NUL. `time_us` is microseconds since 1970. Text past LOGLINE_TEXT_MAX is
 * left out. Returns the length. */
size_t logline_format(char *out, int64_t time_us, struct span text);

#endif
