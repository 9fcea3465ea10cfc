/* class: what a path is to the machine, and so what its loss would mean.
 *
 * Told by the path alone, by a table of rules (pathrule.h); of two that match, the
 * one that names more of the path counts, of two alike the later one.  */
#ifndef CHANGES_CLASS_H
#define CHANGES_CLASS_H

#include <stddef.h>

/* The more a loss would hurt, the earlier. */
enum class {
	CLASS_NONE,
	CLASS_IDENTITY, /* who the machine and its users are: names, keys, accounts */
	CLASS_CONFIG,
	CLASS_DATA, /* what no rule knows: files of users and services */
	CLASS_CACHE, /* made anew by whoever misses it */
	CLASS_LOG,
	CLASSES
};

/* Never CLASS_NONE. */
enum class class_of(const char *path);

/* The same; *front is the length of the part of the path that the rule matched, 0
 * where none did. */
enum class class_find(const char *path, size_t *front);

const char *class_name(enum class class);

#endif
