#include "verbs.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "../slot/cryptkey.h"
#include "../trust/guard.h"

/* --- passphrase: chosen here, asked for at the next boots --- */

struct typed {
	char text[CRYPT_PASSPHRASE_MAX];
	size_t len;
};

/* A line of standard input, byte by byte: nothing of it stays in a buffer of stdio's. */
static int read_line(struct typed *t, struct err *e)
{
	char key;

	for (t->len = 0; read(STDIN_FILENO, &key, 1) == 1 && key != '\n'; t->text[t->len++] = key)
		if (t->len == sizeof t->text)
			return err_say(e, "longer than %d bytes", CRYPT_PASSPHRASE_MAX);
	return t->len ? 0 : err_say(e, "an empty one protects nothing");
}

/* Without echo on a terminal; a signal there would leave it without. */
static int ask(const char *prompt, struct typed *t, struct err *e)
{
	struct termios before, silent;
	sigset_t keys, old;

	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return read_line(t, e);
	sigemptyset(&keys);
	sigaddset(&keys, SIGINT);
	sigaddset(&keys, SIGQUIT);
	sigaddset(&keys, SIGTSTP);
	sigprocmask(SIG_BLOCK, &keys, &old);
	silent = before;
	silent.c_lflag &= (tcflag_t)~ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	dprintf(STDERR_FILENO, "%s: ", prompt);

	int result = read_line(t, e);

	dprintf(STDERR_FILENO, "\n");
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return result;
}

static int choose(struct typed *first, struct typed *second, struct err *e)
{
	if (ask("passphrase", first, e) < 0)
		return -1;
	if (!isatty(STDIN_FILENO))
		return 0;
	if (ask("again", second, e) < 0)
		return -1;
	return first->len == second->len && memcmp(first->text, second->text, first->len) == 0
	               ? 0
	               : err_say(e, "the two differ; nothing was changed");
}

static int keep(const char *keys, const struct typed *t, struct err *e)
{
	struct slot_crypt crypt;
	uint8_t secret[32];

	crypt_passphrase_new(&crypt);

	int result = crypt_passphrase_secret(t->text, t->len, &crypt, secret, e);

	if (result == 0)
		result = crypt_passphrase_keep(keys, &crypt, secret, e);
	sodium_memzero(secret, sizeof secret);
	return result;
}

static int do_passphrase(struct cli *c, void *arg, struct err *e)
{
	static struct typed typed[2];
	int result = guard_memory(e);

	(void)arg;
	if (c->layer.encrypt != ENCRYPT_PASSPHRASE)
		return err_say(e, "saves are not encrypted with a passphrase here: that takes "
		                  "slate.encrypt=passphrase on the kernel's command line");
	if (result == 0)
		result = choose(&typed[0], &typed[1], e);
	if (result == 0)
		result = keep(c->layer.keys, &typed[0], e);
	sodium_memzero(typed, sizeof typed);
	if (result == 0)
		printf("the next save is encrypted with it; generations before keep theirs\n");
	return result < 0 ? -1 : COMMAND_DONE;
}

int verb_passphrase(int argc, char **argv)
{
	struct cli c = { .program = "slate", .verb = argv[0] };

	return argc > 1 ? cli_usage(&c, "") : cli_run(&c, do_passphrase, NULL);
}
