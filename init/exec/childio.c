#include <errno.h>
#include <fcntl.h>
#include <linux/vt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "../base/fd.h"
#include "child.h"

static const char *tty_path(const struct child *c)
{
	return c->config->tty_path ? c->config->tty_path : "/dev/console";
}

/* Opening a serial line that has no carrier would wait for one: not with
 * O_NONBLOCK, which is taken off again. */
static int open_tty(const char *path, struct err *e)
{
	FD_AUTO fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, "open %s", path);
	if (!isatty(fd))
		return err_say(e, "%s: not a terminal", path);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	return fd_take(&fd);
}

static void reset_tty(int fd)
{
	struct termios t;

	ioctl(fd, TIOCNXCL);
	if (tcgetattr(fd, &t) < 0)
		return;
	t.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | ISTRIP | INLCR | IGNCR);
	t.c_iflag |= ICRNL | IXON | IUTF8;
	t.c_oflag |= OPOST | ONLCR;
	t.c_cflag |= CREAD | HUPCL;
	t.c_lflag = ISIG | ICANON | IEXTEN | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE;
	t.c_cc[VINTR] = 3;
	t.c_cc[VQUIT] = 28;
	t.c_cc[VERASE] = 127;
	t.c_cc[VKILL] = 21;
	t.c_cc[VEOF] = 4;
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	tcsetattr(fd, TCSANOW, &t);
}

/* The terminal's number where it is a virtual one, for VT_DISALLOCATE. */
static void disallocate(const char *path)
{
	int console, number = strncmp(path, "/dev/tty", 8) == 0 ? atoi(path + 8) : 0;

	if (number <= 1)
		return;
	console = open("/dev/tty0", O_RDWR | O_NOCTTY | O_CLOEXEC);
	ioctl(console, VT_DISALLOCATE, number);
	fd_drop(&console);
}

static void prepare_tty(const struct child *c)
{
	const char *path = tty_path(c);
	struct err ignored;
	int fd;

	if (c->config->tty_disallocate)
		disallocate(path);
	if (!c->config->tty_reset && !c->config->tty_vhangup && !c->config->tty_rows &&
	    !c->config->tty_columns)
		return;
	fd = open_tty(path, &ignored);
	if (fd < 0)
		return;
	if (c->config->tty_reset)
		reset_tty(fd);
	if (c->config->tty_rows || c->config->tty_columns) {
		struct winsize size = { 0 };

		ioctl(fd, TIOCGWINSZ, &size);
		if (c->config->tty_rows)
			size.ws_row = (unsigned short)c->config->tty_rows;
		if (c->config->tty_columns)
			size.ws_col = (unsigned short)c->config->tty_columns;
		ioctl(fd, TIOCSWINSZ, &size);
	}
	/* whoever still has it open reads an end of file from now on */
	if (c->config->tty_vhangup)
		ioctl(fd, TIOCVHANGUP);
	close(fd);
}

/* Becomes the session's terminal. When another session has it, `tty` waits its
 * turn: SIGHUP comes when that one hangs up, so it looks again at each. */
static int take_tty(struct child *c, enum exec_stream kind, struct err *e)
{
	FD_AUTO fd = open_tty(tty_path(c), e);
	sigset_t hup;

	if (fd < 0)
		return -1;
	sigemptyset(&hup);
	sigaddset(&hup, SIGHUP);
	while (ioctl(fd, TIOCSCTTY, kind == STREAM_TTY_FORCE) < 0) {
		struct timespec second = { 1, 0 };

		if (errno != EPERM || kind != STREAM_TTY)
			return err_sys(e, "take terminal %s", tty_path(c));
		sigtimedwait(&hup, NULL, &second);
		fd_drop(&fd);
		fd = open_tty(tty_path(c), e);
		if (fd < 0)
			return -1;
	}
	return fd_take(&fd);
}

static int data_file(const struct child *c, struct err *e)
{
	FD_AUTO fd = memfd_create("stdin", MFD_CLOEXEC);

	if (fd < 0 || fd_write_full(fd, c->config->input_data, c->config->input_data_len) < 0 ||
	    lseek(fd, 0, SEEK_SET) < 0)
		return err_sys(e, "keep StandardInputData=");
	return fd_take(&fd);
}

static int install(int fd, int as, struct err *e)
{
	int result = fd < 0 ? -1 : 0;

	if (fd >= 0 && dup2(fd, as) < 0)
		result = err_sys(e, "dup2");
	if (fd > STDERR_FILENO)
		close(fd);
	return result;
}

/* Of a descriptor that stays open until the exec. */
static int copy(int fd, int as, struct err *e)
{
	return dup2(fd, as) < 0 ? err_sys(e, "dup2") : 0;
}

static int open_path(const char *path, int flags, struct err *e)
{
	int fd = open(path, flags | O_NOCTTY | O_CLOEXEC, 0644);

	return fd < 0 ? err_sys(e, "open %s", path) : fd;
}

static int nothing(const struct child *c, int as, struct err *e)
{
	return c->s->null >= 0 ? copy(c->s->null, as, e)
	                       : install(open_path("/dev/null", O_RDWR, e), as, e);
}

int child_stdin(struct child *c, struct err *e)
{
	const struct exec_stdio *in = &c->config->input;
	bool is_command = c->s->phase != PHASE_START && c->s->phase != PHASE_START_PRE;

	if (in->kind == STREAM_TTY || in->kind == STREAM_TTY_FORCE || in->kind == STREAM_TTY_FAIL) {
		/* ExecStop= and its kin find the terminal in use by the service itself */
		if (is_command)
			return nothing(c, STDIN_FILENO, e);
		prepare_tty(c);
		return install(take_tty(c, in->kind, e), STDIN_FILENO, e);
	}
	if (c->config->tty_path)
		prepare_tty(c);
	if (in->kind == STREAM_FILE)
		return install(open_path(in->path, O_RDONLY, e), STDIN_FILENO, e);
	if (in->kind == STREAM_DATA)
		return install(data_file(c, e), STDIN_FILENO, e);
	return nothing(c, STDIN_FILENO, e);
}

static bool input_is_tty(const struct child *c)
{
	enum exec_stream kind = c->config->input.kind;

	return kind == STREAM_TTY || kind == STREAM_TTY_FORCE || kind == STREAM_TTY_FAIL;
}

static int output(struct child *c, const struct exec_stdio *out, int as, struct err *e)
{
	switch (out->kind) {
	case STREAM_NULL:
		return nothing(c, as, e);
	case STREAM_TTY:
	case STREAM_TTY_FORCE:
	case STREAM_TTY_FAIL:
		return install(open_tty(tty_path(c), e), as, e);
	case STREAM_FILE:
		return install(open_path(out->path, O_WRONLY | O_CREAT, e), as, e);
	case STREAM_APPEND:
		return install(open_path(out->path, O_WRONLY | O_CREAT | O_APPEND, e), as, e);
	case STREAM_TRUNCATE:
		return install(open_path(out->path, O_WRONLY | O_CREAT | O_TRUNC, e), as, e);
	default:
		return c->s->log >= 0 ? copy(c->s->log, as, e) : nothing(c, as, e);
	}
}

int child_stdout(struct child *c, struct err *e)
{
	const struct exec_stdio *out = &c->config->output;

	if (out->kind == STREAM_INHERIT || (out->kind == STREAM_UNSET && input_is_tty(c)))
		return copy(STDIN_FILENO, STDOUT_FILENO, e);
	return output(c, out, STDOUT_FILENO, e);
}

int child_stderr(struct child *c, struct err *e)
{
	const struct exec_stdio *out = &c->config->error;

	if (out->kind == STREAM_INHERIT || out->kind == STREAM_UNSET)
		return copy(STDOUT_FILENO, STDERR_FILENO, e);
	return output(c, out, STDERR_FILENO, e);
}
