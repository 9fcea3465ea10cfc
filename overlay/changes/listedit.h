/* listedit: changes the lines of a save.list, leaving the rest of it alone.  */
#ifndef CHANGES_LISTEDIT_H
#define CHANGES_LISTEDIT_H

#include "../../init/base/err.h"
#include "savelist.h"

enum listedit_action { LISTEDIT_ADD, LISTEDIT_REMOVE };

/* In the file `list` of `root`: LISTEDIT_ADD makes "+path" or "-path" (`kind`) the
 * last line and drops other lines of that path; LISTEDIT_REMOVE drops the lines of
 * that kind. The file is replaced as a whole. Returns how many lines were dropped
 * or added, or -1 with *e (the file is then as before). */
int listedit(int root, const char *list, enum listedit_action action, enum save_kind kind,
             const char *path, struct err *e);

/* The file's text, terminated, from malloc; *text is "" where there is no file.
 * 0, or -1 with *e. */
int listedit_read(int root, const char *list, char **text, size_t *len, struct err *e);

#endif
