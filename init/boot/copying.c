#include "copying.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../overlay/trust/blocks.h"
#include "../../overlay/trust/trust.h"
#include "../base/fd.h"
#include "loop.h"

enum { PIECE = 256 << 10, DROP_EACH = 4 << 20, READ_AGAIN_MAX = 2 };

/* One image on its way. */
struct copy {
	const struct copying *c;
	const struct image *image;
	uint64_t before;      /* bytes of the images before it */
	int file, memory;     /* on the medium and the copy */
	bool checked;         /* by: */
	struct verity verity;
	struct blocks blocks;
};

/* The hash tree that was signed; without a key the one that the manifest names, which
 * vouches for nothing but shows what came damaged. */
static bool find_tree(struct copy *p)
{
	char path[TRUST_PATH_MAX], text[ROOTMANIFEST_MAX];
	struct rootmanifest m;
	struct err e;

	if (p->image->verified) {
		p->verity = p->image->verity;
		return true;
	}
	if (trust_manifest_path(p->image->path, path, &e) < 0)
		return false;

	FD_AUTO fd = fd_open_beneath(p->c->medium, path, O_RDONLY | O_NONBLOCK, 0);
	ssize_t len = fd < 0 ? -1 : fd_read_full(fd, text, sizeof text);

	if (len < 0 || rootmanifest_decode((struct span){ text, (size_t)len }, &m, &e) < 0 ||
	    m.size != p->image->size)
		return false;
	p->verity = m.verity;
	return true;
}

static int open_both(struct copy *p, struct err *e)
{
	struct stat st;

	p->file = fd_open_beneath(p->c->medium, p->image->path, O_RDONLY | O_NONBLOCK, 0);
	if (p->file < 0 || fstat(p->file, &st) < 0)
		return err_sys(e, "open on the medium");
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != p->image->size)
		return err_say(e, "is not the file that was mounted");
	p->memory = memfd_create("slate-root", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (p->memory < 0)
		return err_sys(e, "make a file in memory");
	p->checked = find_tree(p);
	return p->checked ? blocks_open(&p->blocks, &p->verity, e) : 0;
}

static void close_both(struct copy *p)
{
	fd_drop(&p->file);
	fd_drop(&p->memory);
	if (p->checked)
		blocks_close(&p->blocks);
}

static uint64_t whole_of(const struct root *r)
{
	uint64_t whole = 0;

	for (size_t i = 0; i < r->n; i++)
		whole += r->images[i].size;
	return whole;
}

/* The copy in the page cache would need the memory a second time. */
static void drop_cached(const struct copy *p, uint64_t from, uint64_t to)
{
	posix_fadvise(p->file, (off_t)from, (off_t)(to - from), POSIX_FADV_DONTNEED);
}

static int copy_bytes(struct copy *p, char *piece, struct err *e)
{
	uint64_t done = 0, dropped = 0;

	posix_fadvise(p->file, 0, 0, POSIX_FADV_SEQUENTIAL);
	while (done < p->image->size) {
		ssize_t len = fd_read_full(p->file, piece, PIECE);

		if (len < 0)
			return err_sys(e, "read at byte %" PRIu64 " of the medium's file", done);
		if (len == 0)
			return err_say(e, "ends at byte %" PRIu64, done);
		if (fd_write_full(p->memory, piece, (size_t)len) < 0)
			return err_sys(e, "write the copy in memory");
		if (p->checked)
			blocks_add(&p->blocks, piece, (size_t)len);
		done += (uint64_t)len;
		if (done - dropped >= DROP_EACH) {
			drop_cached(p, dropped, done);
			dropped = done;
		}
		if (p->c->progress)
			p->c->progress(p->c->ctx, p->before + done, whole_of(p->c->root));
	}
	drop_cached(p, 0, done);
	return 0;
}

/* Once more from the medium, not from what the kernel remembers of it. */
static int copy_again(struct copy *p, const struct range *r, char *piece, struct err *e)
{
	drop_cached(p, 0, p->image->size);
	for (uint64_t at = r->at; at < r->at + r->size; at += PIECE) {
		uint64_t left = r->at + r->size - at;
		ssize_t len = pread(p->file, piece, left < PIECE ? left : PIECE, (off_t)at);

		if (len <= 0 || pwrite(p->memory, piece, (size_t)len, (off_t)at) != len)
			return err_sys(e, "read byte %" PRIu64 " once more", at);
	}
	return blocks_reread(&p->blocks, p->memory, r, e);
}

static int check(struct copy *p, char *piece, struct err *e)
{
	struct range bad[BLOCKS_RANGES_MAX];

	for (int tries = 0;; tries++) {
		long n = blocks_find_bad(&p->blocks, p->memory, bad, e);

		if (n <= 0)
			return (int)n;
		if (tries == READ_AGAIN_MAX)
			return err_say(e, "is damaged on the medium at byte %" PRIu64, bad[0].at);
		for (long i = 0; i < n; i++)
			if (copy_again(p, &bad[i], piece, e) < 0)
				return -1;
	}
}

static int copy_image(struct copy *p, char *piece, struct err *e)
{
	if (open_both(p, e) < 0 || copy_bytes(p, piece, e) < 0)
		return -1;
	if (p->checked && check(p, piece, e) < 0)
		return -1;
	/* nobody changes it behind the loop device's back */
	if (fcntl(p->memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
		return err_sys(e, "seal the copy");
	return 0;
}

static int copy_all(const struct copying *c, struct copy *copies, struct err *e)
{
	char *piece = malloc(PIECE);
	uint64_t before = 0;
	int result = piece ? 0 : err_sys(e, "copy");

	for (size_t i = 0; result == 0 && i < c->root->n; i++) {
		struct copy *p = &copies[i];

		p->image = &c->root->images[i];
		p->before = before;
		before += p->image->size;
		result = copy_image(p, piece, e);
		if (result < 0)
			err_wrap(e, "image %s", p->image->path);
	}
	free(piece);
	return result;
}

int copying_run(const struct copying *c, struct err *e)
{
	int result;

	/* before anything is read that would be of no use */
	if (loop_probe_change(e) < 0)
		return -1;

	struct copy *copies = calloc(BOOT_IMAGES_MAX, sizeof *copies);

	if (!copies)
		return err_sys(e, "copy");
	for (size_t i = 0; i < BOOT_IMAGES_MAX; i++)
		copies[i] = (struct copy){ .c = c, .file = -1, .memory = -1 };
	result = copy_all(c, copies, e);
	for (size_t i = 0; result == 0 && i < c->root->n; i++)
		if (loop_change(c->root->images[i].loop, copies[i].memory, e) < 0)
			result = err_wrap(e, "image %s", c->root->images[i].path);
	for (size_t i = 0; i < BOOT_IMAGES_MAX; i++)
		close_both(&copies[i]);
	free(copies);
	return result;
}
