#include "remote.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../../init/base/fd.h"
#include "../../init/base/paths.h"
#include "../medium/layer.h"
#include "../slot/archive.h"
#include "../slot/known.h"
#include "../tar/pack.h"
#include "commit.h"
#include "sealedfile.h"

#define NEW_ARCHIVE   PATH_RUN "/remote.new"
#define CHECK_ARCHIVE PATH_RUN "/remote.check"

static int open_archive(const struct layer *l, const char *path, struct archive *out, struct err *e)
{
	FD_AUTO fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return 0;
	*out = (struct archive){ .fd = fd,
		                 .length = (uint64_t)st.st_size,
		                 .vouch = &l->vouch,
		                 .dir = AT_FDCWD,
		                 .path = path,
		                 .pristine = l->pristine_fd };
	if (archive_look(out, e) < 0) {
		out->fd = -1;
		return err_wrap(e, "%s", l->remote.url);
	}
	fd_take(&fd);
	return 1;
}

int remote_open_archive(const struct layer *l, struct archive *out, struct err *e)
{
	*out = (struct archive){ .fd = -1 };
	return l->remote.state == REMOTE_HELD ? open_archive(l, REMOTE_ARCHIVE, out, e) : 0;
}

static int to_fd(void *fd, const void *bytes, size_t len, struct err *e)
{
	return fd_write_full(*(int *)fd, bytes, len) < 0 ? err_sys(e, "write " NEW_ARCHIVE) : 0;
}

int remote_read_archive(const struct layer *l, const struct sink *sink, struct err *e)
{
	struct archive held;
	int result = remote_open_archive(l, &held, e);

	if (result > 0)
		result = archive_read(&held, sink, e);
	if (held.fd >= 0)
		close(held.fd);
	return result;
}

/* Above the one that is replaced. */
static uint64_t next_sequence(const struct layer *l)
{
	struct archive held;
	struct err ignored;
	uint64_t known = known_read(l->known, l->name), last = 0;

	if (remote_open_archive(l, &held, &ignored) > 0) {
		last = held.sealed ? held.record.sequence : 0;
		close(held.fd);
	}
	if (known > last)
		last = known;
	return last < SLOT_SEQUENCE_EARNED ? last + 1 : last;
}

/* What is neither signed nor encrypted is a plain archive, which every tar reads. */
static int write_archive(const struct layer *l, int fd, const struct pack_source *source,
                         const struct commit_options *o, struct commit_result *out, struct err *e)
{
	struct slot_record record = { .time = out->time };
	struct sealing sealing;
	int result = sealing_find(l, &sealing, e);

	if (result < 0) {
		err_safe(e, "nothing was saved");
	} else if (!sealing.signs && !sealing.crypt.kind) {
		result = pack(source, true, to_fd, &fd, &out->packed, e);
	} else {
		snprintf(record.message, sizeof record.message, "%s", o->message ? o->message : "");
		record.sequence = out->sequence = next_sequence(l);
		result = sealedfile_write(fd, source, &sealing, &record, &out->packed, e);
	}
	sealing_wipe(&sealing);
	return result;
}

static int make_archive(const struct layer *l, const struct pack_source *source,
                        const struct commit_options *o, struct commit_result *out, struct err *e)
{
	unlink(NEW_ARCHIVE);

	FD_AUTO fd = open(NEW_ARCHIVE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_sys(e, "create " NEW_ARCHIVE);
	return write_archive(l, fd, source, o, out, e);
}

static bool is_same_file(const char *a, const char *b)
{
	FD_AUTO x = open(a, O_RDONLY | O_CLOEXEC);
	FD_AUTO y = open(b, O_RDONLY | O_CLOEXEC);
	char mine[8192], its[8192];

	while (x >= 0 && y >= 0) {
		ssize_t n = fd_read_full(x, mine, sizeof mine);

		if (n < 0 || fd_read_full(y, its, sizeof its) != n ||
		    memcmp(mine, its, (size_t)n) != 0)
			return false;
		if (n == 0)
			return true;
	}
	return false;
}

struct putting {
	const struct commit_options *o;
	const char *program;
};

static void say(void *ctx, const char *text)
{
	const struct putting *p = ctx;

	if (p->o->note)
		p->o->note(p->o->ctx, text);
}

/* Reads back what the server has now. Is it what was sent? `etag` is of it. */
static bool check(struct putting *p, const char *url, char etag[FETCHER_ETAG_MAX], struct err *e)
{
	const char *const args[] = { "get", "--", url, CHECK_ARCHIVE, NULL };
	struct fetcher f = { .program = p->program, .args = args, .say = say, .ctx = p };
	bool same = false;

	if (fetcher_run(&f, e) == FETCHER_DONE) {
		same = is_same_file(NEW_ARCHIVE, CHECK_ARCHIVE);
		if (!same)
			err_say(e, "%s holds another archive", url);
	}
	memcpy(etag, f.etag, sizeof f.etag);
	unlink(CHECK_ARCHIVE);
	return same;
}

int remote_get(const struct layer *l, struct archive *out, char etag[FETCHER_ETAG_MAX],
               struct err *e)
{
	const char *const args[] = { "get", "--", l->remote.url, CHECK_ARCHIVE, NULL };
	struct fetcher f = { .program = fetcher_find(), .args = args };
	int opened = 0;

	*out = (struct archive){ .fd = -1 };
	if (!f.program)
		return err_say(e, "%s: this machine has no slate-fetch", l->remote.url);
	if (fetcher_run(&f, e) != FETCHER_DONE) {
		unlink(CHECK_ARCHIVE);
		return -1;
	}
	memcpy(etag, f.etag, sizeof f.etag);
	opened = open_archive(l, CHECK_ARCHIVE, out, e);
	if (opened == 0)
		err_sys(e, "open " CHECK_ARCHIVE);
	if (opened <= 0)
		unlink(CHECK_ARCHIVE);
	return opened > 0 ? 0 : -1;
}

void remote_leave(void)
{
	unlink(CHECK_ARCHIVE);
}

int remote_take(const struct layer *l, const char *etag, struct err *e)
{
	struct remote r = l->remote;

	r.state = REMOTE_HELD;
	snprintf(r.etag, sizeof r.etag, "%s", etag);
	if (rename(CHECK_ARCHIVE, REMOTE_ARCHIVE) < 0)
		return err_sys(e, "rename " CHECK_ARCHIVE);
	return remotefile_write(PATH_REMOTE, &r, e);
}

static enum fetcher_status put_archive(struct putting *p, const struct remote *r, struct err *e)
{
	const char *args[8] = { "put" };
	size_t n = 1;
	struct fetcher f = { .program = p->program, .args = args, .say = say, .ctx = p };

	if (r->state == REMOTE_HELD && r->etag[0]) {
		args[n++] = "--if-match";
		args[n++] = r->etag;
	} else if (r->state != REMOTE_HELD) {
		args[n++] = "--if-none";
	}
	args[n++] = "--";
	args[n++] = r->url;
	args[n] = NEW_ARCHIVE;
	return fetcher_run(&f, e);
}

static int refuse(const struct remote *r, struct err *e)
{
	if (r->state == REMOTE_UNKNOWN)
		return err_say(e,
		               "%s holds a configuration that this boot could not read; it is left "
		               "as it is: restart, and save then",
		               r->url);
	return err_say(
		e,
		"%s holds what another machine or boot has saved since; it is left as it is: "
		"slate restore gets it, or a restart",
		r->url);
}

static int put(struct putting *p, struct remote *r, struct err *e)
{
	struct err why = { 0 };
	enum fetcher_status status = put_archive(p, r, &why);
	char etag[FETCHER_ETAG_MAX];

	if (status != FETCHER_DONE && status != FETCHER_CONFLICT) {
		*e = why;
		return -1;
	}
	/* a conflict with what was sent itself: only the answer had been lost */
	if (!check(p, r->url, etag, &why)) {
		if (status == FETCHER_CONFLICT)
			return refuse(r, e);
		*e = why;
		return err_wrap(e, "sent, but it can't be read back");
	}
	r->state = REMOTE_HELD;
	memcpy(r->etag, etag, sizeof etag);
	rename(NEW_ARCHIVE, REMOTE_ARCHIVE);
	return remotefile_write(PATH_REMOTE, r, e);
}

/* A machine with a medium of its own keeps a copy there, whatever came of the rest. */
static void keep_copy(const struct layer *l, const struct pack_source *source,
                      const struct commit_options *o, char *text, size_t size)
{
	struct commit_result r;
	struct err e = { 0 };

	if (l->medium_fd < 0)
		return;
	if (commit(l, source, o, &r, &e) == 0)
		snprintf(text, size, "; a copy is in slot-%d of the medium", r.slot);
	else if (o->note)
		o->note(o->ctx, e.text);
}

static int find_program(struct putting *p, const char *url, struct err *e)
{
	p->program = fetcher_find();
	if (!p->program)
		return err_say(e, "%s: this machine has no slate-fetch; nothing was saved", url);
	return 0;
}

static int reserve(int *lock, struct err *e)
{
	FD_AUTO fd = open(PATH_REMOTE, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0) {
		err_sys(e, "lock " PATH_REMOTE " (is another save running?)");
		return err_safe(e, "nothing was saved");
	}
	*lock = fd_take(&fd);
	return 0;
}

static int spool(const struct layer *l, const struct pack_source *source,
                 const struct commit_options *o, struct commit_result *out, struct err *e)
{
	out->slot = -1;
	out->time = time(NULL);
	if (make_archive(l, source, o, out, e) == 0)
		return 0;
	unlink(NEW_ARCHIVE);
	return -1;
}

static int send(struct putting *p, struct remote *r, struct err *e)
{
	int result = put(p, r, e);

	unlink(NEW_ARCHIVE);
	return result;
}

static int save_remotely(const struct layer *l, const struct pack_source *source,
                         const struct commit_options *o, struct commit_result *out, struct err *e)
{
	struct putting p = { .o = o };
	struct remote r = l->remote;
	char copy[64] = "";

	if (find_program(&p, r.url, e) < 0 || spool(l, source, o, out, e) < 0)
		return -1;

	int result = send(&p, &r, e);

	keep_copy(l, source, o, copy, sizeof copy);
	if (result < 0 && copy[0]) {
		char inner[sizeof e->text];

		memcpy(inner, e->text, sizeof inner);
		snprintf(e->text, sizeof e->text, "%.320s%s", inner, copy);
	}
	return result;
}

static int begin(const struct layer *l, int *lock, struct commit_result *out, struct err *e)
{
	*out = (struct commit_result){ 0 };
	if (l->nosave)
		return err_say(e, "this boot may not write (nosave); nothing was changed");
	return reserve(lock, e);
}

int remote_commit(const struct layer *l, const struct pack_source *source,
                  const struct commit_options *o, struct commit_result *out, struct err *e)
{
	FD_AUTO lock = -1;

	if (l->remote.state == REMOTE_NONE)
		return commit(l, source, o, out, e);
	return begin(l, &lock, out, e) < 0 ? -1 : save_remotely(l, source, o, out, e);
}

int remote_spool(const struct layer *l, const struct pack_source *source,
                 const struct commit_options *o, struct commit_result *out, struct err *e)
{
	FD_AUTO lock = -1;
	char ignored[64];

	if (l->remote.state == REMOTE_NONE)
		return commit(l, source, o, out, e);
	if (begin(l, &lock, out, e) < 0 || spool(l, source, o, out, e) < 0)
		return -1;
	keep_copy(l, source, o, ignored, sizeof ignored);
	return 0;
}

int remote_send(const struct commit_options *o, struct err *e)
{
	struct putting p = { .o = o };
	struct remote r;
	FD_AUTO lock = -1;

	if (reserve(&lock, e) < 0 || remotefile_read(PATH_REMOTE, &r, e) < 0 ||
	    find_program(&p, r.url, e) < 0)
		return -1;
	return send(&p, &r, e);
}
