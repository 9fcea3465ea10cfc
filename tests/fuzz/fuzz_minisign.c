/* Any bytes as a public key, a signature file, and with it as what it signs. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../overlay/minisign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct minisign_key nobody = { .id = "nobody" };
	struct span text = { (const char *)data, size };
	struct minisign_key key;
	struct minisign_signature s;
	struct err e = { 0 };
	char id[MINISIGN_ID_TEXT];

	if (minisign_key_decode(text, &key, &e) == 0)
		minisign_id(key.id, id);
	else if (!e.text[0])
		abort();
	e.text[0] = '\0';
	if (minisign_signature_decode(text, &s, &e) < 0) {
		if (!e.text[0])
			abort();
		return 0;
	}
	if (s.comment_len > MINISIGN_COMMENT || strlen(s.comment) != s.comment_len)
		abort();
	/* by nobody's key it can't be; by one that claims its number it is checked whole */
	if (minisign_check(&s, &nobody, 1, text, &e) == 0)
		abort();
	memcpy(key.id, s.id, sizeof key.id);
	memset(key.bytes, 7, sizeof key.bytes);
	if (minisign_check(&s, &key, 1, text, &e) == 0)
		abort();
	return 0;
}
