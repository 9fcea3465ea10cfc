/* Calls save and restore on directories of a test, as slate-boot and slate call
 * them on the machine's own. BASE holds:
 *
 *     pristine/   the read-only root          medium/   what saves live on
 *     layer/      the tmpfs (upper, work)     root/     the merged root
 *
 *     overlay_driver BASE restore [generation=N] [apkovl=PATH]
 *     overlay_driver BASE save | export FILE | reset
 *     overlay_driver BASE key FOLDER      makes a device's secret and public key in it
 *     overlay_driver BASE passphrase FOLDER WORD      chooses a passphrase
 *
 * KEYS=FOLDER in the environment: whose signatures count, and what saves are signed
 * with; VERIFY=no|if-signed|require: the policy; ENCRYPT=key|passphrase;
 * TYPED=WORD: what is said when a passphrase is asked for; TRIAL=1: medium/ is a mount
 * of its own, which a boot that takes a trial may write.
 *     overlay_driver BASE live [GENERATION [PATH…]]   (- : the image)
 *     overlay_driver BASE settle
 *     overlay_driver BASE note NAMES ROOT PATH…       paths that the boot will put there
 *     overlay_driver BASE give LIST NAMES UPPER       and has put there
 */
#include "../../init/base/fd.h"
#include "../../overlay/changes/given.h"
#include "../../overlay/medium/medium.h"
#include "../../overlay/restore/live.h"
#include "../../overlay/restore/restore.h"
#include "../../overlay/save/save.h"
#include "../../overlay/save/trial.h"
#include "../../overlay/slot/cryptkey.h"
#include "../../overlay/slot/generations.h"
#include "../../overlay/slot/signer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static int die(const char *what)
{
	fprintf(stderr, "driver: %s: %s\n", what, strerror(errno));
	exit(3);
}

static void made(const char *path)
{
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		die(path);
}

/* Drops the tmpfs and mounts tmpfs and overlay again, as slate-boot does. */
static int fresh_root(void *ctx, struct err *e)
{
	static int root = -1;

	(void)ctx;
	fd_drop(&root);
	while (umount2("root", MNT_DETACH) == 0)
		;
	while (umount2("layer", MNT_DETACH) == 0)
		;
	made("root");
	made("layer");
	if (mount("tmpfs", "layer", "tmpfs", 0, getenv("TMPFS") ? getenv("TMPFS") : "mode=0755") <
	    0)
		return err_sys(e, "mount tmpfs");
	made("layer/upper");
	made("layer/work");
	if (mount("overlay", "root", "overlay", 0,
	          "lowerdir=pristine,upperdir=layer/upper,workdir=layer/work") < 0)
		return err_sys(e, "mount overlay");
	root = open("root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return root < 0 ? err_sys(e, "open root") : root;
}

/* By a call of its own, so that a test that makes write(2) fail still hears it. */
static void say(const char *start, const char *text)
{
	struct iovec parts[] = {
		{ (void *)(uintptr_t)start, strlen(start) },
		{ (void *)(uintptr_t)text, strlen(text) },
		{ (void *)(uintptr_t) "\n", 1 },
	};

	if (writev(STDOUT_FILENO, parts, 3) < 0)
		die("write");
}

static void degraded(void *ctx, const char *text)
{
	(void)ctx;
	say("degraded: ", text);
}

/* The most memory that a child had, which is where archives are read. */
static void say_peak(void)
{
	struct rusage use;
	char text[32];

	if (!getenv("PEAK") || getrusage(RUSAGE_CHILDREN, &use) < 0)
		return;
	snprintf(text, sizeof text, "%ld", use.ru_maxrss);
	say("peak=", text);
}

static enum setting_verify policy(void)
{
	const char *word = getenv("VERIFY");

	return !word                          ? VERIFY_NO
	       : strcmp(word, "require") == 0 ? VERIFY_REQUIRE
	       : strcmp(word, "no") == 0      ? VERIFY_NO
	                                      : VERIFY_IF_SIGNED;
}

static void vouching(struct vouch *v)
{
	struct err e;

	if (getenv("KEYS") && trust_read_keys(&v->keys, getenv("KEYS"), &e) < 0)
		die(e.text);
	v->policy = policy();
	v->secrets = getenv("KEYS");
}

static int make_key(const char *folder)
{
	uint8_t secret[SIGNER_BYTES];
	char text[MINISIGN_KEY_TEXT];
	struct signer signer;
	struct err e;

	made(folder);
	randombytes_buf(secret, sizeof secret);
	signer_derive(&signer, secret);
	minisign_key_encode(&signer.key, text);
	if (chdir(folder) < 0 ||
	    fd_write_file(AT_FDCWD, SIGNER_SECRET, secret, sizeof secret, &e) < 0 ||
	    fd_write_file(AT_FDCWD, SIGNER_PUBLIC, text, strlen(text), &e) < 0)
		die("write the key");
	return 0;
}

static int choose_passphrase(const char *folder, const char *word)
{
	struct slot_crypt crypt;
	uint8_t secret[32];
	struct err e;

	made(folder);
	crypt_passphrase_new(&crypt);
	crypt.memory_kib = 1024; /* the test is not about waiting */
	if (crypt_passphrase_secret(word, strlen(word), &crypt, secret, &e) < 0 ||
	    crypt_passphrase_keep(folder, &crypt, secret, &e) < 0)
		die(e.text);
	return 0;
}

static int encrypting(void)
{
	const char *word = getenv("ENCRYPT");

	return !word                      ? ENCRYPT_NO
	       : strcmp(word, "key") == 0 ? ENCRYPT_KEY
	                                  : ENCRYPT_PASSPHRASE;
}

static int unlock_openssl(int fd, const char *word, struct err *e)
{
	struct opensslin_secret found;

	return opensslin_guess(fd, word, strlen(word), &found, e) < 0
	               ? -1
	               : opensslin_keep(getenv("KEYS"), &found, e);
}

static int unlock(void *ctx, const struct archive *archive, struct err *e)
{
	const char *word = getenv("TYPED");
	uint8_t secret[32];

	(void)ctx;
	say("asked for: ", archive->openssl ? archive->path : archive->record.message);
	if (archive->openssl)
		return unlock_openssl(archive->fd, word, e);
	if (crypt_passphrase_secret(word, strlen(word), &archive->record.crypt, secret, e) < 0)
		return -1;
	return crypt_passphrase_keep(getenv("KEYS"), &archive->record.crypt, secret, e);
}

static int set_writable(void *medium, bool writable, struct err *e)
{
	return medium_set_writable("medium", *(int *)medium, writable, e);
}

static int restored(int argc, char **argv)
{
	struct vouch vouch = { 0 };
	struct restore_plan plan = {
		.medium = open("medium", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		.pristine = open("pristine", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		.name = "default",
		.vouch = &vouch,
		.record = "restored",
		.fresh_root = fresh_root,
		.unlock = getenv("TYPED") ? unlock : NULL,
		.degraded = degraded,
		.set_writable = getenv("TRIAL") ? set_writable : NULL,
		.ctx = &plan.medium,
	};
	struct restore_result r;
	struct err e = { 0 };

	vouching(&vouch);
	for (int i = 0; i < argc; i++) {
		if (strncmp(argv[i], "generation=", 11) == 0)
			plan.generation = strtoull(argv[i] + 11, NULL, 10);
		if (strncmp(argv[i], "apkovl=", 7) == 0)
			plan.apkovl = argv[i] + 7;
	}
	if (plan.medium < 0 || plan.pristine < 0)
		die("open medium and pristine");
	if (fresh_root(NULL, &e) < 0 || restore_boot(&plan, &r, &e) < 0) {
		fprintf(stderr, "driver: %s\n", e.text);
		return 1;
	}

	char text[400];

	snprintf(text, sizeof text, "restored=%d sequence=%llu files=%llu source=%s", r.restored,
	         (unsigned long long)r.sequence, (unsigned long long)r.files, r.source);
	say("", text);
	say_peak();
	return 0;
}

static void left_out(void *ctx, const char *path, const char *why)
{
	(void)ctx;
	printf("left out: %s: %s\n", path, why);
}

static void note(void *ctx, const char *text)
{
	(void)ctx;
	printf("note: %s\n", text);
}

static int exported(const struct layer *l, const struct save_options *o, const char *path,
                    struct err *e)
{
	FD_AUTO fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	return fd < 0 ? err_sys(e, "%s", path) : save_export(l, o, fd, e);
}

static struct layer layer_of_base(void)
{
	return (struct layer){
		.medium = "medium",
		.upper = "layer/upper",
		.pristine = "pristine",
		.root = "root",
		.lock = "lock",
		.restored = "restored",
		.keys = getenv("KEYS"),
		.remount = getenv("REMOUNT") != NULL,
		.medium_fd = -1,
		.upper_fd = -1,
		.pristine_fd = -1,
		.root_fd = -1,
	};
}

static void changed(void *ctx, char kind, const char *path)
{
	const char text[] = { kind, ' ', '\0' };

	(void)ctx;
	say(text, path);
}

static int go_live(const struct layer *l, int argc, char **argv, struct err *e)
{
	struct generations g = { .medium = -1, .dir = -1 };
	struct chosen chosen = { .fd = -1 };
	struct live_request request = { .tell = changed };
	struct archive_outcome outcome;
	FD_AUTO lock = -1;
	int result = medium_reserve(l, &lock, e);

	if (result == 0 && strcmp(argv[0], "-") != 0) {
		result = generations_scan(&g, l->medium_fd, l->name, &l->vouch, e);
		generations_verify(&g);
		if (result == 0)
			result = generations_choose(&g, strtoull(argv[0], NULL, 10), l->pristine_fd,
			                            &chosen, e);
		if (result > 0)
			result = archive_validate(&chosen.archive, &outcome, e);
		request.saved = &chosen.archive;
	}
	request.paths = (const char *const *)argv + 1;
	request.n_paths = (size_t)argc - 1;
	if (result >= 0)
		result = live(l, &request, e);
	fd_drop(&chosen.fd);
	generations_drop(&g);
	return result;
}

static int lived(int argc, char **argv)
{
	struct layer l = layer_of_base();
	struct err e = { 0 };
	int result = layer_open(&l, &e);

	if (result == 0)
		result = argc > 0 ? go_live(&l, argc, argv, &e) : live_settle(&l, &e);
	layer_close(&l);
	if (result < 0)
		fprintf(stderr, "driver: live: %s\n", e.text);
	return result < 0;
}

static int saved(const char *verb, char **argv)
{
	struct layer l = layer_of_base();
	const struct save_options o = { .commit = { .note = note }, .left_out = left_out };
	struct commit_result r = { 0 };
	struct err e = { 0 };
	int result = layer_open(&l, &e);

	l.vouch.policy = policy();
	l.encrypt = encrypting();
	if (result == 0 && strcmp(verb, "save") == 0)
		result = save(&l, &o, &r, &e);
	else if (result == 0 && strcmp(verb, "reset") == 0)
		result = save_reset(&l, &o.commit, &r, &e);
	else if (result == 0)
		result = exported(&l, &o, argv[0], &e);
	if (result < 0) {
		fprintf(stderr, "driver: save: %s\n", e.text);
		return 1;
	}
	printf("saved sequence=%llu slot=%d files=%u payload=%llu\n",
	       (unsigned long long)r.sequence, r.slot, r.packed.members,
	       (unsigned long long)r.packed.payload);
	return 0;
}

static int note_given(char **argv)
{
	FD_AUTO names = open(argv[0], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	FD_AUTO root = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct err e = { 0 };
	int result = names < 0 || root < 0 ? err_sys(&e, "%s, %s", argv[0], argv[1]) : 0;

	for (argv += 2; result == 0 && *argv; argv++)
		result = given_note(names, root, *argv, &e);
	if (result < 0)
		fprintf(stderr, "driver: note: %s\n", e.text);
	return result < 0;
}

static int write_given(char **argv)
{
	FD_AUTO names = open(argv[1], O_RDONLY | O_CLOEXEC);
	FD_AUTO upper = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct err e = { 0 };
	int result = names < 0 || upper < 0 ? err_sys(&e, "%s, %s", argv[1], argv[2])
	                                    : given_write(argv[0], names, upper, &e);

	if (result < 0)
		fprintf(stderr, "driver: give: %s\n", e.text);
	return result < 0;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 3 || chdir(argv[1]) < 0)
		return die("usage: overlay_driver BASE VERB");
	if (strcmp(argv[2], "restore") == 0)
		return restored(argc - 3, argv + 3);
	if (strcmp(argv[2], "key") == 0)
		return argc < 4 ? 3 : make_key(argv[3]);
	if (strcmp(argv[2], "passphrase") == 0)
		return argc < 5 ? 3 : choose_passphrase(argv[3], argv[4]);
	if (strcmp(argv[2], "live") == 0 && argc > 3)
		return lived(argc - 3, argv + 3);
	if (strcmp(argv[2], "settle") == 0)
		return lived(0, NULL);
	if (strcmp(argv[2], "note") == 0 && argc > 4)
		return note_given(argv + 3);
	if (strcmp(argv[2], "give") == 0 && argc == 6)
		return write_given(argv + 3);
	return saved(argv[2], argv + 3);
}
