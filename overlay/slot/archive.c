#include "archive.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/base/child.h"
#include "../../init/base/clock.h"
#include "../tar/check.h"
#include "../tar/tarin.h"
#include "../tree/extract.h"
#include "cryptkey.h"

enum {
	MEMORY = 48 << 20,    /* bytes of data */
	SECONDS = 60,         /* for an archive of a few MiB, on the slowest machine */
	SECONDS_PER_MIB = 10, /* of the file, on top of that */
};

struct job {
	const struct archive *archive;
	int root;
	const char *below;
};

int archive_look(struct archive *a, struct err *e)
{
	uint8_t sector[SLOT_HEADER];
	ssize_t len = pread(a->fd, sector, sizeof sector, 0);

	if (len < 0)
		return err_sys(e, "read");
	if (len < SLOT_HEADER || !slot_has_magic(sector))
		return 0;

	int found = slot_decode(sector, sizeof sector, a->length, &a->record, e);

	if (found < 0)
		return -1;
	if (found == 0 || a->record.unfinished)
		return err_say(e, "its save was cut off");
	a->sealed = true;
	a->length = SLOT_HEADER + a->record.payload;
	return 0;
}

static struct child_limits limits(const struct archive *a, enum child_walls walls, int tree)
{
	uint64_t seconds = SECONDS + (a->length >> 20) * SECONDS_PER_MIB;

	return (struct child_limits){ clock_now_ms() + seconds * 1000, MEMORY, walls, tree };
}

static int read_encrypted(const struct archive *a, struct cryptin *in, const struct sink *sink,
                          struct err *e)
{
	uint8_t key[CRYPT_KEY];
	const char *secrets = a->vouch ? a->vouch->secrets : NULL;
	const struct gzin_crypt crypt = { SLOT_HEADER, cryptin_read, in };
	int result = crypt_key(secrets, &a->record.crypt, key, e);

	if (result == 0)
		result = cryptin_start(in, a->fd, SLOT_HEADER, a->length, key, a->record.sequence,
		                       e);
	sodium_memzero(key, sizeof key);
	return result < 0 ? -1 : tarin_read_crypt(a->fd, a->length, &crypt, sink, e);
}

static int read_slot(const struct archive *a, const struct sink *sink, struct err *e)
{
	struct cryptin *in = malloc(sizeof *in);

	if (!in)
		return err_sys(e, "decrypt");

	int result = read_encrypted(a, in, sink, e);

	cryptin_wipe(in);
	free(in);
	return result;
}

int archive_openssl_secret(const struct archive *a, struct opensslin_secret *out, struct err *e)
{
	const char *secrets = a->vouch ? a->vouch->secrets : NULL;
	int found = opensslin_kept(secrets, a->fd, out, e);

	return found == 0 ? opensslin_by_key_file(secrets, a->fd, out, e) : found;
}

static int read_openssl(const struct archive *a, const struct sink *sink, struct err *e)
{
	struct opensslin_secret secret;
	struct opensslin *in = malloc(sizeof *in);
	const struct gzin_crypt crypt = { 0, opensslin_read, in };
	int result = in ? archive_openssl_secret(a, &secret, e) : err_sys(e, "decrypt");

	if (result == 0)
		result = err_say(e, "encrypted, and its passphrase was not given");
	if (result > 0)
		result = opensslin_start(in, a->fd, a->length, &secret, e);
	sodium_memzero(&secret, sizeof secret);
	if (result == 0)
		result = tarin_read_crypt(a->fd, a->length, &crypt, sink, e);
	if (in)
		opensslin_wipe(in);
	free(in);
	return result;
}

int archive_read(const struct archive *a, const struct sink *sink, struct err *e)
{
	if (!a->sealed && a->openssl)
		return read_openssl(a, sink, e);
	if (a->sealed && a->record.crypt.kind != SLOT_CRYPT_NONE)
		return read_slot(a, sink, e);
	return tarin_read(a->fd, a->length, sink, e);
}

/* Before a byte of it is decrypted or decompressed. */
static int authenticate(const struct archive *a, struct err *e)
{
	if (!a->sealed)
		return vouch_file(a->vouch, a->dir, a->path, a->fd, a->length, e);
	return slot_verify(a->fd, &a->record, e) < 0 ? -1 : vouch_slot(a->vouch, &a->record, e);
}

static int validate(void *arg, void *out, struct err *e)
{
	const struct archive *a = ((struct job *)arg)->archive;
	struct check check = { .pristine = a->pristine };
	const struct sink sink = { check_sink, &check };
	struct archive_outcome *outcome = out;

	if (authenticate(a, e) < 0)
		return -1;
	if (archive_read(a, &sink, e) < 0)
		return -1;
	if (a->sealed && a->record.members != check.members)
		return err_say(e, "holds %llu members, its header says %u",
		               (unsigned long long)check.members, a->record.members);
	outcome->members = check.members;
	return 0;
}

struct making {
	struct extract *x;
	const struct sink *told;
};

static int make_member(void *making, const struct member *m, const struct member_data *data,
                       struct err *e)
{
	const struct making *making_it = making;
	const struct sink *told = making_it->told;

	if (told && told->member(told->ctx, m, NULL, e) < 0)
		return -1;
	return extract_member(making_it->x, m, data, e);
}

static int extract(void *arg, void *out, struct err *e)
{
	const struct job *job = arg;
	struct extract *x = malloc(sizeof *x);
	struct making making = { x, job->archive->told };
	const struct sink sink = { make_member, &making };
	struct archive_outcome *outcome = out;

	if (!x)
		return err_sys(e, "extract");
	umask(0);
	extract_open(x, job->root, job->archive->pristine, job->archive->sealed);
	x->below = job->below;
	if (archive_read(job->archive, &sink, e) < 0 || extract_finish(x, e) < 0)
		return -1;
	outcome->members = x->check.members;
	memcpy(outcome->skipped, x->skipped, sizeof outcome->skipped);
	return 0;
}

static int authenticate_job(void *arg, void *out, struct err *e)
{
	(void)out;
	return authenticate(((struct job *)arg)->archive, e);
}

int archive_authenticate(const struct archive *a, struct err *e)
{
	struct job job = { a, -1, NULL };
	const struct child_limits l = limits(a, CHILD_READS, -1);
	char nothing;

	return child_call(authenticate_job, &job, &nothing, sizeof nothing, &l, e);
}

int archive_validate(const struct archive *a, struct archive_outcome *out, struct err *e)
{
	struct job job = { a, -1, NULL };
	const struct child_limits l = limits(a, CHILD_READS, -1);

	return child_call(validate, &job, out, sizeof *out, &l, e);
}

int archive_extract(const struct archive *a, int root, const char *below,
                    struct archive_outcome *out, struct err *e)
{
	struct job job = { a, root, below };
	const struct child_limits l = limits(a, CHILD_WRITES, root);

	return child_call(extract, &job, out, sizeof *out, &l, e);
}
