/* vouch: must saved configuration be signed, and is it, by somebody trusted here.
 *
 * The policy is slate.verify_saved=, the keys are *.pub files in minisign's format:
 * the operator's, from /etc/slate/keys of the initramfs and of the image, and the
 * device's own. The boot leaves copies of all in PATH_KEYS, so that the commands of
 * the running system judge as the next boot will.
 *
 * A slot carries its signature in its header (signer.h). An Alpine archive has one in
 * a file beside it, NAME.apkovl.tar.gz.minisig, as minisign makes it.  */
#ifndef SLOT_VOUCH_H
#define SLOT_VOUCH_H

#include <stdbool.h>
#include <stdint.h>

#include "../../init/base/err.h"
#include "../../init/base/settings.h"
#include "../trust/trust.h"
#include "slot.h"

struct vouch {
	enum setting_verify policy; /* never VERIFY_UNSET */
	struct trust keys;
	const char *secrets; /* borrowed: the folder with what decrypts; NULL: none */
};

/* What the setting comes to: where it is not set, a machine that signs what it saves
 * (`signs`: slate.key= is set) wants it signed, one that only knows keys wants them
 * to be right, any other does not ask. */
enum setting_verify vouch_policy(int setting, bool signs, bool has_keys);

/* As the boot left it: policy from the settings in force, keys from the folder `keys`
 * (NULL: nothing is asked). 0, or -1 with *e. */
int vouch_running(struct vouch *v, const char *keys, struct err *e);

/* Judges a slot whose digest was compared; `v` may be NULL. 0, or -1 with *e. */
int vouch_slot(const struct vouch *v, const struct slot_record *record, struct err *e);

/* Judges the open file `fd` of `length` bytes, which is `path` below the folder `dir`;
 * reads all of it where it is signed. 0, or -1 with *e. */
int vouch_file(const struct vouch *v, int dir, const char *path, int fd, uint64_t length,
               struct err *e);

#endif
