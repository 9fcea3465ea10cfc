/* sealing: what a save signs and encrypts with, as this machine's settings have it.  */
#ifndef SAVE_SEALING_H
#define SAVE_SEALING_H

#include <stdbool.h>

#include "../../init/base/err.h"
#include "../medium/layer.h"
#include "../slot/crypt.h"
#include "../slot/signer.h"

struct sealing {
	bool signs;
	struct signer signer;
	struct slot_crypt crypt; /* kind SLOT_CRYPT_NONE: in the clear */
	uint8_t key[CRYPT_KEY];
};

/* 0, or -1 with *e: a key is missing, without which the next boot would refuse what is
 * saved, or it would lie in the clear where it should not. sealing_wipe in both cases. */
int sealing_find(const struct layer *l, struct sealing *s, struct err *e);

void sealing_wipe(struct sealing *s);

#endif
