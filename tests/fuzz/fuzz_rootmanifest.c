/* Any bytes as an image's manifest. What is accepted is consistent, and written
 * out it means the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../overlay/trust/rootmanifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rootmanifest m, again;
	char text[ROOTMANIFEST_MAX];
	struct err e = { 0 };

	if (rootmanifest_decode((struct span){ (const char *)data, size }, &m, &e) < 0) {
		if (!e.text[0])
			abort();
		return 0;
	}
	if (strchr(m.image, '/') || m.image[0] == '.' ||
	    m.size != m.verity.hash_offset + verity_tree_size(&m.verity))
		abort();

	int len = rootmanifest_encode(&m, text, sizeof text, &e);

	if (len < 0 || rootmanifest_decode((struct span){ text, (size_t)len }, &again, &e) < 0 ||
	    memcmp(&m, &again, sizeof m) != 0)
		abort();
	return 0;
}
