#include "unlock.h"

#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "../../overlay/slot/cryptkey.h"
#include "../base/child.h"
#include "../base/clock.h"
#include "../base/paths.h"

enum { TRIES = 3, IDLE_MS = 60000, CHECK_MS = 180000, SPARE_MEMORY = 16 << 20 };

/* In a page that is locked; one for the whole boot. */
struct typed {
	char text[CRYPT_PASSPHRASE_MAX];
	size_t len;
};

enum typing { TYPING_GOES_ON, TYPING_DONE, TYPING_ENDED };

static enum typing take_key(struct typed *t, char key)
{
	if (key == '\r' || key == '\n')
		return TYPING_DONE;
	if (key == 3 || key == 4) /* Ctrl-C, Ctrl-D */
		return TYPING_ENDED;
	if ((key == 0x7f || key == '\b') && t->len > 0)
		t->len--;
	else if (key == 21) /* Ctrl-U */
		t->len = 0;
	else if ((unsigned char)key >= ' ' && key != 0x7f && t->len < sizeof t->text)
		t->text[t->len++] = key;
	return TYPING_GOES_ON;
}

/* One line without echo. Each key starts the minute anew. */
static enum typing read_line(struct typed *t, unsigned left_tries)
{
	uint64_t deadline_ms = clock_now_ms() + IDLE_MS;
	enum typing state = TYPING_GOES_ON;

	t->len = 0;
	while (state == TYPING_GOES_ON) {
		struct pollfd in = { STDIN_FILENO, POLLIN, 0 };
		int left_ms = clock_left_ms(deadline_ms);
		char key;

		dprintf(STDERR_FILENO,
		        "\rpassphrase of the saved configuration (tries left: %u; starts without "
		        "it in %d s): \033[K",
		        left_tries, (left_ms + 999) / 1000);
		if (left_ms == 0)
			return TYPING_ENDED;
		if (poll(&in, 1, left_ms % 1000 + 1) < 0 && errno != EINTR)
			return TYPING_ENDED;
		if (!in.revents)
			continue;
		if (read(STDIN_FILENO, &key, 1) != 1)
			return TYPING_ENDED;
		deadline_ms = clock_now_ms() + IDLE_MS;
		state = take_key(t, key);
	}
	return state;
}

static enum typing ask(struct typed *t, unsigned left_tries)
{
	struct termios before, raw;

	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return TYPING_ENDED;
	raw = before;
	raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO | ISIG);
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) < 0)
		return TYPING_ENDED;

	enum typing state = read_line(t, left_tries);

	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	dprintf(STDERR_FILENO, "\n");
	return state;
}

/* --- Is it the one? --- */

struct guess {
	const struct typed *typed;
	const struct archive *archive;
};

static int try_guess(void *arg, void *secret, struct err *e)
{
	const struct guess *g = arg;
	const struct slot_record *record = &g->archive->record;
	static struct cryptin in;
	uint8_t key[CRYPT_KEY], first;
	int result =
		crypt_passphrase_secret(g->typed->text, g->typed->len, &record->crypt, secret, e);

	if (result < 0)
		return -1;
	crypt_key_of(secret, key);
	result = cryptin_start(&in, g->archive->fd, SLOT_HEADER, g->archive->length, key,
	                       record->sequence, e);
	if (result == 0 && cryptin_read(&in, &first, 1, e) < 0)
		result = err_say(e, "that is not the passphrase");
	cryptin_wipe(&in);
	sodium_memzero(key, sizeof key);
	return result;
}

static int try_openssl(void *arg, void *secret, struct err *e)
{
	const struct guess *g = arg;

	return opensslin_guess(g->archive->fd, g->typed->text, g->typed->len, secret, e);
}

static int check_openssl(struct guess *g, struct err *e)
{
	const struct child_limits limits = { .deadline_ms = clock_now_ms() + CHECK_MS,
		                             .memory = SPARE_MEMORY,
		                             .walls = CHILD_READS };
	struct opensslin_secret secret;
	int result = child_call(try_openssl, g, &secret, sizeof secret, &limits, e);

	if (result == 0)
		result = opensslin_keep(PATH_KEYS, &secret, e);
	sodium_memzero(&secret, sizeof secret);
	return result;
}

static int check(const struct typed *t, const struct archive *archive, struct err *e)
{
	const struct slot_crypt *c = &archive->record.crypt;
	const struct child_limits limits = {
		.deadline_ms = clock_now_ms() + CHECK_MS,
		.memory = (size_t)c->memory_kib * 1024 + SPARE_MEMORY,
		.walls = CHILD_READS,
	};
	struct guess g = { t, archive };
	uint8_t secret[32];

	if (archive->openssl)
		return check_openssl(&g, e);

	int result = child_call(try_guess, &g, secret, sizeof secret, &limits, e);

	if (result == 0)
		result = crypt_passphrase_keep(PATH_KEYS, c, secret, e);
	sodium_memzero(secret, sizeof secret);
	return result;
}

static int ask_until(struct boot *b, struct typed *t, const struct archive *archive, struct err *e)
{
	while (b->passphrases_tried < TRIES) {
		if (ask(t, TRIES - b->passphrases_tried) != TYPING_DONE || t->len == 0) {
			b->passphrases_tried = TRIES;
			break;
		}
		if (check(t, archive, e) == 0)
			return 0;
		b->passphrases_tried++;
		/* shown under "quiet", too: somebody is there and waits for it */
		boot_say(b, REPORT_ERROR, "restore: %s", e->text);
	}
	return err_say(e, "encrypted, and its passphrase was not given");
}

int unlock_ask(void *boot, const struct archive *archive, struct err *e)
{
	static struct typed typed;

	/* nothing swaps yet, but what runs later may */
	if (sodium_mlock(&typed, sizeof typed) < 0)
		return err_sys(e, "keep the passphrase out of swap");

	int result = ask_until(boot, &typed, archive, e);

	sodium_munlock(&typed, sizeof typed); /* wipes it, too */
	return result;
}
