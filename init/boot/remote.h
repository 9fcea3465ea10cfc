/* remote: brings saved configuration from a server, for apkovl=URL and slate.save=URL.
 *
 * A machine's own archive, at slate.save=, comes before the one that apkovl= names
 * for a start. What came is left in REMOTE_ARCHIVE, and in PATH_REMOTE what a save
 * needs to know.  */
#ifndef BOOT_REMOTE_H
#define BOOT_REMOTE_H

#include "boot.h"

/* Does a setting name a server for saved configuration? */
bool remote_is_asked(const struct settings *s);

/* 1: there is an archive, and `title` its name on the server; 0: there is none, or no
 * server that answers, which is told. */
int remote_fetch(struct boot *b, char *title, size_t size);

#endif
