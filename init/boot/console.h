/* console: the one place where a boot talks with a person.
 *
 * A countdown shows on one line what is waited for and how long still, and
 * ends early when a key is pressed. Without a terminal it only keeps time. All
 * times are CLOCK_MONOTONIC milliseconds.  */
#ifndef BOOT_CONSOLE_H
#define BOOT_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>
#include <termios.h>

#define COUNTDOWN_NEVER UINT64_MAX

struct countdown {
	uint64_t show_ms; /* nothing is shown before */
	uint64_t deadline_ms; /* COUNTDOWN_NEVER: it shows how long it has been */
	const char *what; /* is waited for; borrowed */
	const char *key;  /* what a key does; borrowed */
	uint64_t start_ms;
	bool shown;       /* the terminal is in raw mode, its old one is in `saved` */
	struct termios saved;
};

/* Makes /dev/console standard input, output and error. Without one they are
 * /dev/null, so that no later file gets these numbers. */
void console_open(void);

void countdown_start(struct countdown *c, uint64_t show_ms, uint64_t deadline_ms, const char *what,
                     const char *key);

/* Draws the line when it is time, and gives the descriptor to poll for a key
 * (-1: none yet). */
void countdown_step(struct countdown *c, int *fd);

/* Milliseconds to wait now, for poll(2). */
int countdown_next_ms(const struct countdown *c, uint64_t deadline_ms);

/* Reads what was typed. True: a key was pressed. */
bool countdown_key(struct countdown *c);

/* Gives the terminal back as it was. */
void countdown_end(struct countdown *c);

/* A whole countdown. True: a key cut it short. */
bool countdown_run(const char *what, const char *key, uint64_t seconds);

#endif
