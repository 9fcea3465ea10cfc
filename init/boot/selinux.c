#include "selinux.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/paths.h"
#include "../base/span.h"
#include "stage.h"

#define FOLDER PATH_ROOT "/etc/selinux"
#define CONFIG FOLDER "/config"
#define FILES  "/sys/fs/selinux"
#define OWN    "/proc/self/attr/current"

enum { VERSION_MIN = 15 }; /* of policies: the kernel reads none before */

struct config {
	bool enforcing, disabled;
	char type[64]; /* the folder of the policy below FOLDER */
};

static void take_setting(struct config *c, struct span line)
{
	struct span key, value;

	span_cut(span_trim(line), '=', &key, &value);
	if (span_is(key, "SELINUX")) {
		c->enforcing = span_is(value, "enforcing");
		c->disabled = span_is(value, "disabled");
	} else if (span_is(key, "SELINUXTYPE")) {
		span_copy(value, c->type, sizeof c->type);
	}
}

/* The kernel's word is the last: enforcing=0 lets somebody in whom a policy keeps out. */
static void take_word(struct config *c)
{
	char text[4096];
	struct err e;
	ssize_t len = fd_read_file(AT_FDCWD, "/proc/cmdline", text, sizeof text, &e);
	struct span left = { text, len > 0 ? (size_t)len : 0 }, word;

	while (span_word(&left, " \n", &word)) {
		if (span_is(word, "enforcing=0"))
			c->enforcing = false;
		else if (span_is(word, "enforcing=1") || span_is(word, "enforcing"))
			c->enforcing = true;
	}
}

static int read_config(struct config *c, struct err *e)
{
	char text[8192];
	ssize_t len = fd_read_file(AT_FDCWD, CONFIG, text, sizeof text, e);
	struct span left = { text, (size_t)len }, line;

	*c = (struct config){ .type = "default" };
	if (len < 0)
		return -1;
	while (span_line(&left, &line))
		take_setting(c, line);
	take_word(c);
	return 0;
}

/* The newest that this kernel reads. A descriptor, or -1 with *e. */
static int open_policy(const char *type, char path[256], struct err *e)
{
	char text[16];
	uint64_t version;

	if (fd_read_file(AT_FDCWD, FILES "/policyvers", text, sizeof text, e) < 0)
		return -1;
	if (!span_uint(span_of(text), 999, &version))
		return err_say(e, FILES "/policyvers: %s", text);
	for (; version >= VERSION_MIN; version--) {
		int fd;

		snprintf(path, 256, FOLDER "/%s/policy/policy.%u", type, (unsigned)version);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0)
			return fd;
		if (errno != ENOENT)
			return err_sys(e, "%s", path);
	}
	return err_say(e, FOLDER "/%s/policy: no policy.N with N up to %s, which this kernel reads",
	               type, text);
}

/* In one write: the kernel takes a part for the whole. */
static int pass_on(int fd, const char *path, struct err *e)
{
	FD_AUTO to = open(FILES "/load", O_WRONLY | O_CLOEXEC);
	struct stat st;
	void *policy;
	ssize_t done;

	if (to < 0 || fstat(fd, &st) < 0)
		return err_sys(e, FILES "/load");
	policy = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (policy == MAP_FAILED)
		return err_sys(e, "%s", path);
	done = write(to, policy, (size_t)st.st_size);
	if (done != st.st_size)
		err_sys(e, "load %s", path);
	munmap(policy, (size_t)st.st_size);
	return done == st.st_size ? 0 : -1;
}

static int load(const struct config *c, struct err *e)
{
	char path[256];
	FD_AUTO fd = open_policy(c->type, path, e);

	/* nothing in the initramfs has the labels that a boot needs */
	if (fd < 0 || fd_write_file(AT_FDCWD, PATH_SELINUX_ENFORCE, "0", 1, e) < 0)
		return -1;
	return pass_on(fd, path, e);
}

static bool has_policy(void)
{
	char now[512];
	struct err e;

	/* before a policy is there, the one label is the kernel's */
	return fd_read_file(AT_FDCWD, OWN, now, sizeof now, &e) > 0 && strcmp(now, "kernel") != 0;
}

int selinux_enforce(struct err *e)
{
	char mode[16];

	if (access(PATH_SELINUX, F_OK) < 0)
		return 0;
	if (fd_read_file(AT_FDCWD, PATH_SELINUX, mode, sizeof mode, e) < 0)
		return -1;
	return mode[0] == 'e' ? fd_write_file(AT_FDCWD, PATH_SELINUX_ENFORCE, "1", 1, e) : 0;
}

int selinux_run(struct boot *b, struct err *e)
{
	const char *mode;
	struct config c;

	if (access(FILES, F_OK) < 0 || access(CONFIG, F_OK) < 0)
		return STAGE_WAS_SKIPPED;
	if (mount("selinuxfs", FILES, "selinuxfs", MS_NOSUID | MS_NOEXEC, NULL) < 0 && errno != EBUSY)
		return STAGE_WAS_SKIPPED; /* it is off */
	if (read_config(&c, e) < 0)
		return -1;
	if (c.disabled || has_policy())
		return STAGE_WAS_SKIPPED;
	if (load(&c, e) < 0)
		return err_wrap(e, "SELinux");
	mode = c.enforcing ? "enforcing\n" : "permissive\n";
	boot_say(b, REPORT_INFO, "SELinux: the policy %s is loaded, %.*s", c.type,
	         (int)strlen(mode) - 1, mode);
	return fd_write_file(AT_FDCWD, PATH_SELINUX, mode, strlen(mode), e);
}
