/* unlock: what is typed at the question for a passphrase, on a terminal. */
#include "../../../init/base/fd.h"
#include "../../../init/base/paths.h"
#include "../../../init/boot/unlock.h"
#include "../../../overlay/slot/cryptkey.h"

#include <fcntl.h>
#include <pty.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { ANSWERS = 3, OPENED = 0, GAVE_UP = 9 };

static bool have_namespace;

static int enter(void **state)
{
	struct err e = { 0 };

	(void)state;
	have_namespace = geteuid() == 0 && unshare(CLONE_NEWNS) == 0 &&
	                 mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	                 mount("tmpfs", "/run", "tmpfs", 0, NULL) == 0 &&
	                 fd_mkdirs(AT_FDCWD, PATH_KEYS, 0755, &e) == 0;
	return 0;
}

static int to_fd(void *ctx, const void *bytes, size_t len, struct err *e)
{
	return fd_write_full(*(int *)ctx, bytes, len) < 0 ? err_sys(e, "write") : 0;
}

/* A slot's bytes, encrypted with "sword fish". */
static void make(struct archive *a)
{
	static const uint8_t header[SLOT_HEADER];
	static struct cryptout out;
	uint8_t secret[32], key[CRYPT_KEY];
	struct err e = { 0 };

	*a = (struct archive){ .fd = memfd_create("slot", 0), .sealed = true };
	a->record.sequence = 5;
	a->record.crypt =
		(struct slot_crypt){ .kind = SLOT_CRYPT_PASSPHRASE, .passes = 1, .memory_kib = 8 };
	assert_int_equal(crypt_passphrase_secret("sword fish", 10, &a->record.crypt, secret, &e),
	                 0);
	crypt_key_of(secret, key);
	assert_int_equal(to_fd(&a->fd, header, sizeof header, &e), 0);
	assert_int_equal(cryptout_start(&out, key, 5, to_fd, &a->fd, &e), 0);
	assert_int_equal(cryptout_write(&out, "text", 4, &e), 0);
	assert_int_equal(cryptout_finish(&out, &e), 0);
	a->length = SLOT_HEADER + crypt_size(4);
}

static _Noreturn void machine(const struct archive *a)
{
	static struct boot b = { .report = { .kmsg = -1, .name = "test" } };
	struct err e = { 0 };

	_exit(unlock_ask(&b, a, &e) == 0 ? OPENED : GAVE_UP);
}

/* Types each answer when its question is there; *said is all that came. */
static void type(int terminal, const char *const answers[ANSWERS], char *said, size_t size)
{
	size_t len = 0, answered = 0;
	char question[32];
	ssize_t n;

	said[0] = '\0';
	while (len < size - 1 && (n = read(terminal, said + len, size - 1 - len)) > 0) {
		len += (size_t)n;
		said[len] = '\0';
		snprintf(question, sizeof question, "tries left: %zu", ANSWERS - answered);
		if (answered == ANSWERS || !answers[answered] || !strstr(said, question))
			continue;
		assert_true(write(terminal, answers[answered], strlen(answers[answered])) > 0);
		answered++;
	}
}

static int asked(const char *const answers[ANSWERS], char *said, size_t size)
{
	struct archive a;
	int terminal, status;
	pid_t pid;

	make(&a);
	unlink(PATH_KEYS "/passphrase");
	pid = forkpty(&terminal, NULL, NULL, NULL);
	assert_true(pid >= 0);
	if (pid == 0)
		machine(&a);
	type(terminal, answers, said, size);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(terminal);
	close(a.fd);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void three_tries_and_then_a_way_on(void **state)
{
	static const struct {
		const char *answers[ANSWERS];
		int result;
	} rows[] = {
		{ { "sword fish\r" }, OPENED },
		{ { "swordfish\r", "sword fish\n" }, OPENED },
		{ { "a\r", "b\r", "sword fish\r" }, OPENED },
		{ { "a\r", "b\r", "c\r" }, GAVE_UP },
		{ { "\r" }, GAVE_UP },
		{ { "sword\003" }, GAVE_UP },
		{ { "sword fist\177sh\r", "sword fist\177\177sh\r" }, OPENED },
		{ { "wrong\025sword fish\r" }, OPENED },
	};
	static char said[65536];

	(void)state;
	if (!have_namespace)
		skip();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int result = asked(rows[i].answers, said, sizeof said);

		if (result != rows[i].result)
			fail_msg("row %zu: %d; %s", i, result, said);
		assert_null(strstr(said, "sword"));
		assert_int_equal(access(PATH_KEYS "/passphrase", F_OK), result == OPENED ? 0 : -1);
	}
}

static void without_a_terminal_nobody_is_asked(void **state)
{
	struct archive a;
	struct boot b = { .report = { .kmsg = -1, .name = "test" } };
	struct err e = { 0 };
	int before = dup(STDIN_FILENO), nothing = open("/dev/null", O_RDONLY);

	(void)state;
	make(&a);
	assert_true(dup2(nothing, STDIN_FILENO) >= 0);
	assert_int_equal(unlock_ask(&b, &a, &e), -1);
	dup2(before, STDIN_FILENO);
	assert_non_null(strstr(e.text, "was not given"));
	close(before);
	close(nothing);
	close(a.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_tries_and_then_a_way_on),
		cmocka_unit_test(without_a_terminal_nobody_is_asked),
	};

	return cmocka_run_group_tests(tests, enter, NULL);
}
