/* show: numbers, times and states as people read them, in colour on a terminal.  */
#ifndef CTL_SHOW_H
#define CTL_SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum show_colour { SHOW_PLAIN, SHOW_GREEN, SHOW_YELLOW, SHOW_RED, SHOW_GREY, SHOW_BOLD };

/* Escape sequences, or "" where standard output is no terminal or NO_COLOR is set. */
const char *show_colour(enum show_colour colour);
const char *show_end(void); /* back to plain */

/* Which colour a state of a unit has ("active", "failed", …). */
enum show_colour show_state_colour(const char *active);

/* "3.4 MiB"; "52 min"; "2026-11-24 10:03:07". Into `buf`, which is returned. */
const char *show_bytes(uint64_t bytes, char *buf, size_t size);
const char *show_duration(uint64_t us, char *buf, size_t size);
const char *show_time(int64_t seconds, char *buf, size_t size);

#endif
