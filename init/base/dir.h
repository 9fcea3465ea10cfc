/* dir: the entries of a directory that is open.  */
#ifndef BASE_DIR_H
#define BASE_DIR_H

#include <dirent.h>

/* Takes a descriptor, as an open returned it (-1: it failed), to read the entries of its
 * directory. NULL: with errno, and it is closed. closedir(3) ends it. */
DIR *dir_list(int fd);

/* The next entry but for "." and ".."; NULL: there is none (errno 0), or with errno. */
const struct dirent *dir_next(DIR *d);

#endif
