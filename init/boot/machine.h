/* machine: what tells this machine from others, for names with {…} in them. */
#ifndef BOOT_MACHINE_H
#define BOOT_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/err.h"

struct machine {
	char mac[32];  /* "52-54-00-12-34-56" of the first network card; "": none */
	char uuid[64]; /* from the firmware, in small letters */
	char serial[64];
	char hostname[65]; /* the caller's to know */
};

/* Reads what `pattern` asks for from /sys, but the hostname; `bootif` is BOOTIF= ("": the first card). */
void machine_read(struct machine *m, const char *pattern, const char *bootif);

/* Fills {MAC}, {UUID}, {SERIAL} and {HOSTNAME} into `pattern`. Bytes of the values that have
 * no place in a file name become '-'. 0, or -1 with *e: an unknown {…}, a value
 * that this machine lacks, or a result that is no file name. */
int machine_fill(const struct machine *m, const char *pattern, char *out, size_t size,
                 struct err *e);

/* The same in a URL, whose own bytes stay as they are; {HOSTNAME} too. `option` is for
 * messages: "apkovl=". */
int machine_fill_url(const struct machine *m, const char *option, const char *pattern, char *out,
                     size_t size, struct err *e);

bool machine_pattern_has(const char *pattern, const char *key); /* key: "{MAC}" */

#endif
