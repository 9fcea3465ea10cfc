/* rootmanifest: the signed description of a root image (slate/root.manifest).
 *
 * Text, a "key=value" line for each fact, each exactly once:
 *
 *     slate-manifest=1
 *     name=kiosk                 version=1795000000 (a number that only grows)
 *     image=root.squashfs        fstype=squashfs
 *     size=73728                 of the image file, hash tree included, bytes
 *     data-size=69632            of the file system in it
 *     data-block=4096            hash-block=4096
 *     hash-offset=69632          hash=sha256
 *     salt=HEX                   root-hash=HEX
 *
 * What this version does not know is refused, as it may be a restriction.  */
#ifndef TRUST_ROOTMANIFEST_H
#define TRUST_ROOTMANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../init/base/err.h"
#include "../../init/base/span.h"
#include "verity.h"

#define ROOTMANIFEST_MAX 4096 /* bytes of text */

struct rootmanifest {
	char name[65];     /* letters, digits, '.', '_', '-' */
	uint64_t version;
	char image[129];   /* file name beside the manifest */
	char fstype[16];   /* "squashfs", "erofs" */
	uint64_t size;     /* bytes */
	struct verity verity;
};

/* Whether it can be the name of an image: letters, digits, '.', '_' and '-'. */
bool rootmanifest_name_is_plain(struct span name);

/* 0, or -1 with *e. What is accepted is consistent: see verity_validate. */
int rootmanifest_decode(struct span text, struct rootmanifest *out, struct err *e);

/* Writes it as text, terminated. Returns the length, or -1 with *e when it does
 * not fit or would not be accepted. */
int rootmanifest_encode(const struct rootmanifest *m, char *text, size_t size, struct err *e);

#endif
