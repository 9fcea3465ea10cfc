#include "rootmanifest.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../../init/base/keytab.h"

/* As it is written, before the numbers and names are looked at. */
struct raw {
	uint64_t format;
	struct rootmanifest m;
	char hash[16];
	char salt[2 * VERITY_SALT_MAX + 1], root[2 * VERITY_DIGEST + 1];
};

#define SIZE_TOP ((uint64_t)1 << 62)

static const struct key keys[] = {
	KEY_UINT("slate-manifest", struct raw, format, 1, 1),
	KEY_TEXT("name", struct raw, m.name),
	KEY_UINT("version", struct raw, m.version, 0, INT64_MAX),
	KEY_TEXT("image", struct raw, m.image),
	KEY_TEXT("fstype", struct raw, m.fstype),
	KEY_UINT("size", struct raw, m.size, 1, SIZE_TOP),
	KEY_UINT("data-size", struct raw, m.verity.data_size, 1, SIZE_TOP),
	KEY_UINT("data-block", struct raw, m.verity.data_block, 1, SIZE_TOP),
	KEY_UINT("hash-block", struct raw, m.verity.hash_block, 1, SIZE_TOP),
	KEY_UINT("hash-offset", struct raw, m.verity.hash_offset, 1, SIZE_TOP),
	KEY_TEXT("hash", struct raw, hash),
	KEY_TEXT("salt", struct raw, salt),
	KEY_TEXT("root-hash", struct raw, root),
};

enum { KEYS = sizeof keys / sizeof *keys };

bool rootmanifest_name_is_plain(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!name.at[i] || !strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		                           "0123456789._-",
		                           name.at[i]))
			return false;
	return name.len > 0 && name.at[0] != '.';
}

static bool is_plain(const char *text)
{
	return rootmanifest_name_is_plain(span_of(text));
}

static bool is_image_of(const char *image, const char *fstype)
{
	struct span name = span_of(image);
	size_t len = strlen(fstype);

	return is_plain(image) && span_ends(name, fstype) && name.len > len + 1 &&
	       image[name.len - len - 1] == '.';
}

static bool unhex(const char *text, uint8_t *out, size_t size, size_t *len)
{
	const char *end;
	size_t n = strlen(text);

	return sodium_hex2bin(out, size, text, n, NULL, len, &end) == 0 && end == text + n &&
	       *len * 2 == n;
}

static int finish(struct raw *r, struct rootmanifest *out, struct err *e)
{
	struct rootmanifest *m = &r->m;
	struct verity *v = &m->verity;
	size_t len;

	if (!is_plain(m->name))
		return err_say(e, "name: letters, digits, '.', '_' and '-' only");
	if (strcmp(m->fstype, "squashfs") != 0 && strcmp(m->fstype, "erofs") != 0)
		return err_say(e, "fstype: neither squashfs nor erofs");
	if (!is_image_of(m->image, m->fstype))
		return err_say(e, "image: not the name of a file ending in .%s", m->fstype);
	if (strcmp(r->hash, "sha256") != 0)
		return err_say(e, "hash: not sha256");
	if (!unhex(r->salt, v->salt, sizeof v->salt, &v->salt_len))
		return err_say(e, "salt: not bytes in hexadecimal");
	if (!unhex(r->root, v->root, sizeof v->root, &len) || len != VERITY_DIGEST)
		return err_say(e, "root-hash: not %d bytes in hexadecimal", VERITY_DIGEST);
	if (verity_validate(v, e) < 0)
		return -1;
	if (m->size != v->hash_offset + verity_tree_size(v))
		return err_say(e, "size: not that of the data and its hash tree");
	*out = *m;
	return 0;
}

static int apply(struct raw *r, struct span line, unsigned *seen, struct err *e)
{
	struct span name, value;

	span_cut(line, '=', &name, &value);
	for (unsigned i = 0; i < KEYS; i++) {
		if (!span_is(name, keys[i].name))
			continue;
		if (*seen & 1u << i)
			return err_say(e, "%s: stands there twice", keys[i].name);
		*seen |= 1u << i;
		return keytab_set(&keys[i], 1, name, value, r, e) < 0 ? -1 : 0;
	}
	return err_say(e, "holds what this version does not know: %.*s",
	               (int)(name.len < 40 ? name.len : 40), name.at);
}

int rootmanifest_decode(struct span text, struct rootmanifest *out, struct err *e)
{
	struct raw r = { 0 };
	struct span line;
	unsigned seen = 0;

	*out = (struct rootmanifest){ 0 };
	if (text.len > ROOTMANIFEST_MAX)
		return err_say(e, "too large for a manifest");
	while (span_line(&text, &line))
		if (apply(&r, line, &seen, e) < 0)
			return -1;
	for (unsigned i = 0; i < KEYS; i++)
		if (!(seen & 1u << i))
			return err_say(e, "%s: missing", keys[i].name);
	return finish(&r, out, e);
}

int rootmanifest_encode(const struct rootmanifest *m, char *text, size_t size, struct err *e)
{
	const struct verity *v = &m->verity;
	char salt[2 * VERITY_SALT_MAX + 1], root[2 * VERITY_DIGEST + 1];
	struct rootmanifest check;

	if (v->salt_len > VERITY_SALT_MAX)
		return err_say(e, "the salt is too long");
	sodium_bin2hex(salt, sizeof salt, v->salt, v->salt_len);
	sodium_bin2hex(root, sizeof root, v->root, sizeof v->root);

	int len = snprintf(text, size,
	                   "slate-manifest=1\nname=%s\nversion=%" PRIu64
	                   "\nimage=%s\nfstype=%s\nsize=%" PRIu64 "\ndata-size=%" PRIu64
	                   "\ndata-block=%" PRIu64 "\nhash-block=%" PRIu64
	                   "\nhash-offset=%" PRIu64 "\nhash=sha256\nsalt=%s\nroot-hash=%s\n",
	                   m->name, m->version, m->image, m->fstype, m->size, v->data_size,
	                   v->data_block, v->hash_block, v->hash_offset, salt, root);

	if (len < 0 || (size_t)len >= size)
		return err_say(e, "the manifest does not fit");
	if (rootmanifest_decode((struct span){ text, (size_t)len }, &check, e) < 0)
		return -1;
	return len;
}
