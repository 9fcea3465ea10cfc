#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/clock.h"

void console_open(void)
{
	int fd = open("/dev/console", O_RDWR | O_NOCTTY);

	if (fd < 0)
		fd = open("/dev/null", O_RDWR);
	for (int to = 0; to <= 2 && fd >= 0; to++)
		if (to != fd)
			dup2(fd, to);
	if (fd > 2)
		close(fd);
}

void countdown_start(struct countdown *c, uint64_t show_ms, uint64_t deadline_ms, const char *what,
                     const char *key)
{
	*c = (struct countdown){
		.show_ms = show_ms,
		.deadline_ms = deadline_ms,
		.what = what,
		.key = key,
		.start_ms = clock_now_ms(),
	};
}

static void show(struct countdown *c)
{
	struct termios raw;

	/* Return has to be readable at once, and what was typed before is not an answer */
	if (tcgetattr(STDIN_FILENO, &c->saved) < 0)
		return;
	raw = c->saved;
	raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
	c->shown = tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) == 0;
}

void countdown_step(struct countdown *c, int *fd)
{
	uint64_t now_ms = clock_now_ms();

	*fd = -1;
	if (now_ms < c->show_ms)
		return;
	if (!c->shown)
		show(c);
	if (!c->shown) {
		c->show_ms = UINT64_MAX; /* no terminal */
		return;
	}
	if (c->deadline_ms == COUNTDOWN_NEVER)
		dprintf(STDERR_FILENO, "\r%s: %d s, any key %s \033[K", c->what,
		        (int)((now_ms - c->start_ms) / 1000), c->key);
	else
		dprintf(STDERR_FILENO, "\r%s: %d s left, any key %s \033[K", c->what,
		        (clock_left_ms(c->deadline_ms) + 999) / 1000, c->key);
	*fd = STDIN_FILENO;
}

int countdown_next_ms(const struct countdown *c, uint64_t deadline_ms)
{
	int left_ms = clock_left_ms(deadline_ms);
	int next_ms = c->show_ms == UINT64_MAX ? INT_MAX
	              : c->shown               ? left_ms % 1000 + 1
	                                       : clock_left_ms(c->show_ms) + 1;

	return next_ms < left_ms ? next_ms : left_ms;
}

bool countdown_key(struct countdown *c)
{
	char keys[64];

	if (!c->shown)
		return false;
	if (read(STDIN_FILENO, keys, sizeof keys) > 0)
		return true;
	/* hung up: asking again would not wait */
	c->shown = false;
	c->show_ms = UINT64_MAX;
	return false;
}

void countdown_end(struct countdown *c)
{
	if (!c->shown)
		return;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &c->saved);
	dprintf(STDERR_FILENO, "\r\033[K");
	c->shown = false;
}

bool countdown_run(const char *what, const char *key, uint64_t seconds)
{
	uint64_t now_ms = clock_now_ms(), deadline_ms = now_ms + seconds * 1000;
	struct countdown c;
	bool cut = false;

	countdown_start(&c, now_ms, deadline_ms, what, key);
	while (!cut && clock_left_ms(deadline_ms) > 0) {
		struct pollfd in = { -1, POLLIN, 0 };

		countdown_step(&c, &in.fd);
		if (poll(&in, 1, countdown_next_ms(&c, deadline_ms)) < 0 && errno != EINTR)
			break;
		cut = in.revents && countdown_key(&c);
	}
	countdown_end(&c);
	return cut;
}
