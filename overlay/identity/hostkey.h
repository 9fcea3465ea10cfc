/* hostkey: an Ed25519 key that identifies a host to SSH, in the files of both servers.
 *
 * OpenSSH's private format is "openssh-key-v1" (PROTOCOL.key of its sources), without
 * encryption; dropbear's is the two strings that its gensignkey writes. The same 32
 * bytes give the same files, byte for byte.  */
#ifndef IDENTITY_HOSTKEY_H
#define IDENTITY_HOSTKEY_H

#include <stddef.h>
#include <stdint.h>

enum { HOSTKEY_SEED = 32, HOSTKEY_TEXT = 1024 };

struct hostkey {
	char openssh[HOSTKEY_TEXT]; /* ssh_host_ed25519_key, terminated */
	char public[256];           /* ssh_host_ed25519_key.pub, terminated */
	uint8_t dropbear[128];      /* dropbear_ed25519_host_key */
	size_t dropbear_len;
};

/* Whoever made it wipes it (sodium_memzero). `comment` has at most 100 characters. Pure. */
void hostkey_make(const uint8_t seed[HOSTKEY_SEED], const char *comment, struct hostkey *out);

#endif
