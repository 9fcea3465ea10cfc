#include "verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../init/base/fd.h"
#include "../slot/signer.h"

#define KEY_ARGS "[new FILE]"

/* --- key: who is trusted here, and with what this machine signs --- */

static const char *policy_text(enum setting_verify policy)
{
	static const char *const texts[] = {
		[VERIFY_UNSET] = "?",
		[VERIFY_NO] = "signatures of saved configuration are not looked at",
		[VERIFY_IF_SIGNED] = "saved configuration that is signed must be so by one of:",
		[VERIFY_REQUIRE] = "saved configuration must be signed by one of:",
	};

	return texts[policy];
}

static int do_key(struct cli *c, void *arg, struct err *e)
{
	const struct vouch *v = &c->layer.vouch;
	struct signer signer;
	char text[MINISIGN_KEY_TEXT], id[MINISIGN_ID_TEXT];
	int found = signer_load(&signer, c->layer.keys, e);

	(void)arg;
	if (found < 0)
		return -1;
	printf("%s\n", policy_text(v->policy));
	for (size_t i = 0; v->policy != VERIFY_NO && i < v->keys.n; i++) {
		bool own = found && memcmp(v->keys.keys[i].id, signer.key.id, MINISIGN_ID) == 0;

		minisign_id(v->keys.keys[i].id, id);
		printf("  %s%s\n", id, own ? " (this machine)" : "");
	}
	if (found) {
		minisign_key_encode(&signer.key, text);
		printf("saves are signed; the public key of this machine:\n%s", text);
	} else {
		printf("saves are not signed: there is no slate.key=, or its file was not found\n");
	}
	signer_wipe(&signer);
	return COMMAND_DONE;
}

/* --- key new --- */

static int flush_new(int fd, const char *path, struct err *e)
{
	char above[4096];
	const char *slash = strrchr(path, '/');

	snprintf(above, sizeof above, "%.*s.", slash ? (int)(slash - path) + 1 : 0, path);

	FD_AUTO dir = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fsync(fd) < 0 || dir < 0 || fsync(dir) < 0 || syncfs(dir) < 0)
		return err_sys(e, "flush %s", path);
	return 0;
}

/* A name that is taken is never written over: it may be the only key there is. */
static int make_key(const char *path, struct err *e)
{
	uint8_t bytes[SIGNER_FILE_MIN];
	FD_AUTO fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_sys(e, "create %s", path);
	randombytes_buf(bytes, sizeof bytes);

	int result = fd_write_full(fd, bytes, sizeof bytes) < 0 ? err_sys(e, "write %s", path)
	                                                        : flush_new(fd, path, e);

	sodium_memzero(bytes, sizeof bytes);
	if (result < 0)
		unlink(path);
	return result;
}

int verb_key(int argc, char **argv)
{
	struct cli c = { .program = "slate", .verb = argv[0] };
	struct err e = { 0 };

	if (argc == 1)
		return cli_run(&c, do_key, NULL);
	if (argc != 3 || strcmp(argv[1], "new") != 0)
		return cli_usage(&c, KEY_ARGS);
	if (make_key(argv[2], &e) < 0) {
		cli_complain(&c, e.text);
		return COMMAND_FAILED;
	}
	printf("wrote %s; slate.key=DEVICE:PATH names it to the next boot (slate.conf(5))\n",
	       argv[2]);
	return COMMAND_DONE;
}
