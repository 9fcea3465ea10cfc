/* Any text as root= and as slate.image=: refused with a reason, or a form whose
 * value ends and stays where it belongs. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../init/boot/image.h"
#include "../../init/boot/rootspec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_root(struct span text)
{
	struct rootspec spec;
	struct probed nothing = { 0 };
	struct err e = { 0 };

	if (rootspec_parse(text, &spec, &e) < 0) {
		if (!e.text[0])
			abort();
		return;
	}
	if (spec.kind == ROOT_KIND_NONE || !memchr(spec.value, '\0', sizeof spec.value) ||
	    !spec.value[0])
		abort();
	/* nothing on a device must never be what was asked for by a name */
	if (spec.kind != ROOT_DEVICE && rootspec_matches(&spec, "sda", &nothing))
		abort();
}

static void check_images(struct span text)
{
	static struct image images[BOOT_IMAGES_MAX];
	struct err e;
	size_t n;

	if (image_list_parse(text, images, &n, &e) < 0)
		return;
	for (size_t i = 0; i < n; i++)
		if (images[i].path[0] == '/' || strncmp(images[i].path, "../", 3) == 0)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };

	check_root(text);
	check_images(text);
	return 0;
}
