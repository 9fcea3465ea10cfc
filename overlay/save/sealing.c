#include "sealing.h"

#include "../slot/cryptkey.h"

/* What the next boot would refuse is not saved. */
static int find_signer(const struct layer *l, struct sealing *s, struct err *e)
{
	int found = l->keys ? signer_load(&s->signer, l->keys, e) : 0;

	s->signs = found > 0;
	if (found == 0 && l->vouch.policy == VERIFY_REQUIRE)
		found = err_say(e, "only signed configuration is restored here "
		                   "(slate.verify_saved=require), and there is no key to sign with "
		                   "(slate.key=)");
	return found < 0 ? -1 : 0;
}

/* Nothing is saved in the clear where it should not be. */
static int find_crypt(const struct layer *l, struct sealing *s, struct err *e)
{
	int found = 1;

	if (l->encrypt == ENCRYPT_KEY)
		s->crypt.kind = SLOT_CRYPT_DEVICE;
	else if (l->encrypt == ENCRYPT_PASSPHRASE)
		found = l->keys ? crypt_passphrase_kept(l->keys, &s->crypt, e) : 0;
	if (found == 0)
		found = err_say(e, "slate.encrypt=passphrase, and this boot was given none; "
		                   "\"slate passphrase\" sets one");
	return found < 0 || (s->crypt.kind && crypt_key(l->keys, &s->crypt, s->key, e) < 0) ? -1
	                                                                                    : 0;
}

int sealing_find(const struct layer *l, struct sealing *s, struct err *e)
{
	*s = (struct sealing){ 0 };
	return find_signer(l, s, e) < 0 || find_crypt(l, s, e) < 0 ? -1 : 0;
}

void sealing_wipe(struct sealing *s)
{
	signer_wipe(&s->signer);
	sodium_memzero(s->key, sizeof s->key);
}
