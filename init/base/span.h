/* span: text that somebody else owns, as a pointer with a length.
 *
 * Not terminated and never written through. What a span points at must outlive
 * it. Nothing here allocates or reads past the length.  */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
	const char *at;
	size_t len;
};

/* For printf's "%.*s". */
#define SPAN_ARGS(s) (int)(s).len, (s).at

struct span span_of(const char *text); /* of a terminated string, without the NUL */
bool span_is(struct span s, const char *text);
bool span_starts(struct span s, const char *prefix);
bool span_ends(struct span s, const char *suffix);
struct span span_from(struct span s, size_t offset); /* empty past the end */
struct span span_trim(struct span s);                /* without blanks at both ends */

/* Takes the next run of bytes not in `separators` off the front of *text into
 * *word. False when only separators are left. */
bool span_word(struct span *text, const char *separators, struct span *word);

/* Takes the next line (without its newline) off the front of *text. False at the end. */
bool span_line(struct span *text, struct span *line);

/* Splits at the first `at`; without one *value is { NULL, 0 }. */
void span_cut(struct span whole, char at, struct span *name, struct span *value);

/* The value of the first line `key`=VALUE; { NULL, 0 } when there is none. */
struct span span_value(struct span lines, const char *key);

/* Copies with a terminator. False, with `into` untouched, when it does not fit
 * or holds a NUL byte. */
bool span_copy(struct span s, char *into, size_t size);

/* Copies the parts one after the other, with a terminator. False, with `into`
 * undefined, when they do not fit into its `size` bytes (at least 1). */
bool span_join(const struct span *parts, size_t n, char *into, size_t size);

/* A decimal number without sign, of at most `max`. False when it is anything else. */
bool span_uint(struct span s, uint64_t max, uint64_t *out);

#endif
