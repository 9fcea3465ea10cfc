/* value: decoders of single values: times, sizes, signals, exit statuses, modes.
 *
 * Each returns true with *out filled, or false with *out untouched when the text
 * is nothing of the kind. Formats: systemd.time(7), systemd.syntax(7). */
#ifndef UNIT_VALUE_H
#define UNIT_VALUE_H

#include "../base/span.h"
#include "exec.h"

/* "1h 30min", "2.5s", "500ms", "infinity"; a bare number counts in `unit` units
 * of the result, of which a second has `per_second` (1000000 for microseconds). */
bool value_time(struct span text, uint64_t per_second, uint64_t unit, uint64_t *out);

/* "64K", "1.5G", "4096", "infinity"; powers of 1024 (or 1000). Bytes. */
bool value_size(struct span text, uint64_t base, uint64_t *out);

/* "25%", "12.5%": up to hundredths of a percent; *out in 1/10000 of the whole, at
 * most `max` of them. */
bool value_percent(struct span text, uint64_t max, uint64_t *out);

/* As value_size, or a share of the total in percent, or "infinity". */
bool value_amount(struct span text, struct amount *out);

/* yes, no, on, off, true, false, 1, 0, t, f, in any case. */
bool value_bool(struct span text, bool *out);

bool value_int(struct span text, int64_t min, int64_t max, int64_t *out);
bool value_mode(struct span text, uint32_t *out); /* octal, at most 07777 */

/* "TERM", "SIGTERM", "15", "RTMIN+3". */
bool value_signal(struct span text, int *out);

/* "1", "TEMPFAIL": 0 to 255. */
bool value_exit_status(struct span text, int *out);

/* "0-3,5 7" as a set of processors. */
bool value_cpus(struct span text, struct exec_cpus *out);

#endif
