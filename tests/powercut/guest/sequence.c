#include "sequence.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "../../../init/base/fd.h"
#include "../../../init/base/paths.h"
#include "../../../overlay/medium/remotefile.h"
#include "../../../overlay/save/save.h"
#include "../../../overlay/save/trial.h"
#include "box.h"
#include "layout.h"

#define ARCHIVE BOX_MEDIUM "/" BOX_NAME ".apkovl.tar.gz"

enum { FLAGS = MS_NOSUID | MS_NODEV | MS_NOEXEC };

static int open_layer(struct layer *l, struct err *e)
{
	*l = (struct layer){
		.medium = BOX_MEDIUM,
		.upper = BOX_UPPER,
		.pristine = BOX_PRISTINE,
		.root = BOX_UPPER,
		.lock = BOX_LOCK,
		.restored = BOX_RESTORED,
		.remount = true,
		.name = BOX_NAME,
		.medium_fd = -1,
		.upper_fd = -1,
		.pristine_fd = -1,
		.root_fd = -1,
	};
	return layer_open(l, e);
}

static int save_with(const struct save_options *options, struct err *e)
{
	struct commit_result result;
	struct layer l;
	int done = open_layer(&l, e);

	if (done == 0)
		done = save(&l, options, &result, e);
	layer_close(&l);
	return done;
}

static int slate_save(struct err *e)
{
	return save_with(&(struct save_options){ 0 }, e);
}

static int slate_save_on_trial(struct err *e)
{
	return save_with(&(struct save_options){ .commit.trial_s = 600 }, e);
}

/* The server's side fails (/bin/slate-fetch of this guest), and the save says where the copy is. */
static int slate_save_cut_off(struct err *e)
{
	const struct remote remote = { .state = REMOTE_UNKNOWN, .url = "http://server/box" };
	const struct save_options options = { 0 };
	struct commit_result result;
	struct layer l;
	struct err refused = { 0 };
	int done = fd_mkdirs(AT_FDCWD, PATH_RUN, 0755, e);

	if (done == 0)
		done = remotefile_write(PATH_REMOTE, &remote, e);
	if (done == 0)
		done = open_layer(&l, e);
	if (done < 0)
		return -1;
	l.remote = remote;
	if (save(&l, &options, &result, &refused) == 0 ||
	    !strstr(refused.text, "; a copy is in slot-"))
		done = err_say(e, "cut off from the server, but: %s", refused.text);
	layer_close(&l);
	unlink(PATH_REMOTE);
	return done;
}

static int slate_note_trial(enum slot_trial state, struct err *e)
{
	struct trial trial;
	struct layer l;
	int done = open_layer(&l, e);

	if (done == 0)
		done = trial_find(&l, 0, &trial, e);
	if (done == 0)
		done = trial_note(&l, trial.sequence, state, false, e);
	layer_close(&l);
	return done;
}

static int slate_reset(struct err *e)
{
	const struct commit_options options = { 0 };
	struct commit_result result;
	struct layer l;
	int done = open_layer(&l, e);

	if (done == 0)
		done = save_reset(&l, &options, &result, e);
	layer_close(&l);
	return done;
}

/* The archive as lbu has it: made in RAM, then copied. */
static int make_package(struct err *e)
{
	FD_AUTO fd = open(BOX_PACKAGE, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	const struct save_options options = { 0 };
	struct layer l;
	int done = fd < 0 ? err_sys(e, "open " BOX_PACKAGE) : open_layer(&l, e);

	if (done == 0)
		done = save_export(&l, &options, fd, e);
	if (fd >= 0)
		layer_close(&l);
	return done;
}

static int copy_package(int to, struct err *e)
{
	FD_AUTO from = open(BOX_PACKAGE, O_RDONLY | O_CLOEXEC);
	char buf[65536];
	ssize_t len;

	while ((len = fd_read_full(from, buf, sizeof buf)) > 0)
		if (fd_write_full(to, buf, (size_t)len) < 0)
			return err_sys(e, "write");
	return len < 0 ? err_sys(e, "read") : 0;
}

static int set_writable(bool writable, struct err *e)
{
	unsigned long flags = MS_REMOUNT | FLAGS | (writable ? 0 : MS_RDONLY);

	return mount(NULL, BOX_MEDIUM, NULL, flags, NULL) < 0 ? err_sys(e, "remount") : 0;
}

/* Alpine's lbu commit: cp to NAME.new; mv; sync; the medium read-only again. */
static int write_lbu(struct err *e)
{
	FD_AUTO fd = open(ARCHIVE ".new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_sys(e, "open");
	if (copy_package(fd, e) < 0)
		return -1;
	fd_drop(&fd);
	if (rename(ARCHIVE ".new", ARCHIVE) < 0)
		return err_sys(e, "rename");
	sync();
	return set_writable(false, e);
}

/* The textbook's: write a temporary file, fsync, rename over, fsync the directory. */
static int write_textbook(struct err *e)
{
	FD_AUTO fd = open(ARCHIVE ".tmp", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FD_AUTO dir = open(BOX_MEDIUM, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, "open");
	if (copy_package(fd, e) < 0)
		return -1;
	if (fsync(fd) < 0)
		return err_sys(e, "fsync");
	fd_drop(&fd);
	if (rename(ARCHIVE ".tmp", ARCHIVE) < 0)
		return err_sys(e, "rename");
	return fsync(dir) < 0 ? err_sys(e, "fsync of the directory") : 0;
}

static int lbu_save(struct err *e)
{
	if (make_package(e) < 0 || set_writable(true, e) < 0)
		return -1;
	return write_lbu(e);
}

static int textbook_save(struct err *e)
{
	if (make_package(e) < 0 || set_writable(true, e) < 0)
		return -1;
	return write_textbook(e);
}

static const struct sequence sequences[] = {
	{ "slate", slate_save, slate_reset, slate_save_on_trial, slate_save_cut_off, slate_note_trial },
	{ "lbu", .save = lbu_save },
	{ "textbook", .save = textbook_save },
};

const struct sequence *sequence_find(const char *name)
{
	for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++)
		if (strcmp(sequences[i].name, name) == 0)
			return &sequences[i];
	return NULL;
}
