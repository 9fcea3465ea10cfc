/* pathrule: what a path with patterns says about paths.
 *
 * Both are as members have them (member.h), without slashes around them. * ? [ are
 * patterns within one name; a name without them is taken as it stands. A rule counts
 * for what it names and for all below. Lists of rules are the caller's: the most
 * specific one, of the greatest depth, is what counts.  */
#ifndef CHANGES_PATHRULE_H
#define CHANGES_PATHRULE_H

#include <stdbool.h>
#include <stddef.h>

/* How many names at the front of `path` the rule matches; 0: it says nothing about
 * it. `anywhere`: the rule is for one name, in whatever directory. */
size_t pathrule_depth(const char *rule, bool anywhere, const char *path);

/* Whether the rule names something below the directory `path`. */
bool pathrule_is_below(const char *rule, const char *path);

/* The length of the first `depth` names of `path`. */
size_t pathrule_front(const char *path, size_t depth);

#endif
