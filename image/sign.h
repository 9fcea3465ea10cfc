/* sign: makes an image one that a boot can verify.
 *
 * The hash tree of dm-verity is put behind the file system in the image's own
 * file (veritysetup), NAME.manifest beside it says what it is, and
 * NAME.manifest.minisig is the signature of that (minisign).  */
#ifndef IMAGE_SIGN_H
#define IMAGE_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../init/base/err.h"

struct signing {
	const char *secret; /* the file of the secret key; minisign asks for its password */
	const char *public; /* of the public key */
	const char *name;   /* of what is signed: letters, digits, '.', '_', '-' */
	uint64_t version;   /* a number that only grows */
};

/* Are the tools there, and is the public key one? 0, or -1 with *e. */
int sign_check(const struct signing *s, struct err *e);

/* Where the public key of `secret` lies when nobody says: its name with .pub
 * instead of .key or .sec, or behind it. */
void sign_public_beside(const char *secret, char *path, size_t size);

/* The version when nobody says: SOURCE_DATE_EPOCH or now, Unix seconds. */
uint64_t sign_version_now(void);

/* Signs the image file `path`. One that has a manifest of its size is not given
 * another tree, only described and signed anew. 0, or -1 with *e. */
int sign_image(const struct signing *s, const char *path, struct err *e);

/* `slate image sign`. argv[0] is "sign". Returns an exit status. */
int sign_run(int argc, char **argv);

#endif
