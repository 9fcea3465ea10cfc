#include "manifest.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "../../init/base/array.h"

static int digest_data(uint8_t digest[MANIFEST_DIGEST], const struct member_data *data,
                       struct err *e)
{
	crypto_generichash_state state;
	uint8_t buf[16384];
	ssize_t n;

	crypto_generichash_init(&state, NULL, 0, MANIFEST_DIGEST);
	while ((n = data->read(data->ctx, buf, sizeof buf, e)) > 0)
		crypto_generichash_update(&state, buf, (size_t)n);
	crypto_generichash_final(&state, digest, MANIFEST_DIGEST);
	return n < 0 ? -1 : 0;
}

static void digest_xattrs(uint8_t digest[MANIFEST_DIGEST], const struct xattrs *list)
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, MANIFEST_DIGEST);
	for (size_t i = 0; i < list->n; i++) {
		const struct xattr *x = &list->at[i];

		crypto_generichash_update(&state, (const uint8_t *)x->name, strlen(x->name) + 1);
		crypto_generichash_update(&state, (const uint8_t *)&x->len, sizeof x->len);
		crypto_generichash_update(&state, x->value, x->len);
	}
	crypto_generichash_final(&state, digest, MANIFEST_DIGEST);
}

int print_member(struct print *p, const struct member *m, const struct member_data *data,
                 struct err *e)
{
	*p = (struct print){
		.type = m->type, .mode = m->mode, .uid = m->uid, .gid = m->gid, .size = m->size
	};
	digest_xattrs(p->xattrs, &m->xattrs);
	if (m->type == MEMBER_SYMLINK)
		crypto_generichash(p->content, sizeof p->content, (const uint8_t *)m->target,
		                   strlen(m->target), NULL, 0);
	if (m->type == MEMBER_FILE)
		return digest_data(p->content, data, e);
	return 0;
}

static struct manifest_entry *add(struct manifest *m, const char *path, struct err *e)
{
	if (array_grow(&m->at, m->n, &m->size, sizeof *m->at) < 0) {
		err_sys(e, "list of files");
		return NULL;
	}
	m->at[m->n] = (struct manifest_entry){ .path = strdup(path) };
	if (!m->at[m->n].path) {
		err_sys(e, "list of files");
		return NULL;
	}
	return &m->at[m->n++];
}

int manifest_member(void *manifest, const struct member *from, const struct member_data *data,
                    struct err *e)
{
	struct manifest *m = manifest;
	struct manifest_entry *entry;

	/* the mark follows its directory, if that was named */
	if (from->type == MEMBER_OPAQUE && m->n && strcmp(m->at[m->n - 1].path, from->path) == 0) {
		m->at[m->n - 1].print.opaque = true;
		return 0;
	}
	entry = add(m, from->path, e);
	if (!entry || print_member(&entry->print, from, data, e) < 0)
		return -1;
	if (from->type == MEMBER_OPAQUE) {
		entry->print.type = MEMBER_DIRECTORY;
		entry->print.opaque = true;
	}
	if (from->type == MEMBER_HARDLINK && !(entry->same_as = strdup(from->target)))
		return err_sys(e, "list of files");
	return 0;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct manifest_entry *)a)->path,
	              ((const struct manifest_entry *)b)->path);
}

const struct manifest_entry *manifest_find(const struct manifest *m, const char *path)
{
	char copy[MEMBER_PATH_MAX];
	struct manifest_entry key = { .path = copy };

	if (m->n == 0 || strlen(path) >= sizeof copy)
		return NULL;
	strcpy(copy, path);
	return bsearch(&key, m->at, m->n, sizeof *m->at, by_path);
}

void manifest_finish(struct manifest *m)
{
	if (m->n)
		qsort(m->at, m->n, sizeof *m->at, by_path);
	for (size_t i = 0; i < m->n; i++) {
		const struct manifest_entry *first =
			m->at[i].same_as ? manifest_find(m, m->at[i].same_as) : NULL;

		if (first)
			m->at[i].print = first->print;
	}
}

void manifest_drop(struct manifest *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->at[i].path);
		free(m->at[i].same_as);
	}
	free(m->at);
	*m = (struct manifest){ 0 };
}
