/* trust: whether an image is what somebody with a known key has signed.
 *
 * Beside NAME.squashfs (or .erofs) lie NAME.manifest and NAME.manifest.minisig.
 * The same functions serve the boot and `slate image verify`. All that is read
 * is hostile until its signature has been checked.  */
#ifndef TRUST_TRUST_H
#define TRUST_TRUST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../init/base/err.h"
#include "minisign.h"
#include "rootmanifest.h"

#define TRUST_KEYS_MAX  16
#define TRUST_KEYS      "/etc/slate/keys" /* in the initramfs; *.pub */
#define TRUST_PATH_MAX  300
#define TRUST_SIGNATURE ".minisig" /* behind the name of what is signed */

struct trust {
	struct minisign_key keys[TRUST_KEYS_MAX];
	size_t n;
};

/* Adds the key in the file `path`. 0, or -1 with *e naming the file. */
int trust_add_key(struct trust *t, int dir, const char *path, struct err *e);

/* Adds each *.pub of the folder `path`; no folder, no keys. 0, or -1 with *e:
 * one that can't be read is an error, not a key fewer. */
int trust_read_keys(struct trust *t, const char *path, struct err *e);

/* The manifest's path for an image's. 0, or -1 with *e: not an image's name. */
int trust_manifest_path(const char *image, char path[TRUST_PATH_MAX], struct err *e);

/* Lies a manifest beside the image `path` of the folder `dir`? */
bool trust_is_described(int dir, const char *image);

/* Is there anything at all at `path` below `dir`? What is there is asked to be right. */
bool trust_is_there(int dir, const char *path);

/* Is the signature at `path` below `dir` one of all `length` bytes of the open file
 * `fd`, by one of the keys? It must be of the prehashed kind, which every minisign
 * makes since 0.10. 0, or -1 with *e. */
int trust_check_file(const struct trust *t, int dir, const char *path, int fd, uint64_t length,
                     struct err *e);

/* Is the signature at `path` below `dir` one of `message`, by one of the keys? 0, or -1
 * with *e. */
int trust_check_text(const struct trust *t, int dir, const char *path, struct span message,
                     struct err *e);

/* Reads the manifest at `path` below `dir`, checks its signature and then its
 * contents. 0, or -1 with *e. */
int trust_read_manifest(const struct trust *t, int dir, const char *path, struct rootmanifest *out,
                        struct err *e);

/* Is the open file `image`, named `path` below `dir`, the one that its manifest
 * describes? Its size and the tree down to the first block are compared; the
 * rest is dm-verity's. 0 and the manifest, or -1 with *e. */
int trust_check_image(const struct trust *t, int dir, const char *path, int image,
                      struct rootmanifest *out, struct err *e);

#endif
