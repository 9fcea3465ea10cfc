#include "sharedroot.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include "../base/child.h"
#include "../base/clock.h"
#include "../base/fd.h"
#include "../base/fetcher.h"
#include "../base/paths.h"
#include "console.h"
#include "mounts.h"
#include "nbdlink.h"
#include "network.h"
#include "sysfs.h"

#define NBD_PORT "10809"

/* A server that does not answer at all is given so long for each try. */
enum { TRY_MS = 45000 };

/* The newest first; the third version has its locks in a program that is not here. */
static const char *const versions[] = { "vers=4.2", "vers=4.1", "vers=4.0", "vers=3,nolock" };

int sharedroot_parse(enum root_kind kind, const char *text, struct share *out, struct err *e)
{
	const char *form = kind == ROOT_NFS ? "nfs:HOST:/PATH" : "nbd:HOST[:PORT]:EXPORT";
	struct span host, rest, port = { "", 0 }, name;

	*out = (struct share){ .host = "" };
	span_cut(span_of(text), ':', &host, &rest);
	name = rest;
	if (kind == ROOT_NBD && rest.at && memchr(rest.at, ':', rest.len))
		span_cut(rest, ':', &port, &name);
	if (host.len == 0 || !name.at || name.len == 0 || (kind == ROOT_NFS && name.at[0] != '/') ||
	    !span_copy(host, out->host, sizeof out->host) ||
	    !span_copy(port, out->port, sizeof out->port) ||
	    !span_copy(name, out->name, sizeof out->name))
		return err_say(e, "root=: %s: not of the form %s", text, form);
	return 0;
}

/* The name servers' answer comes to a child, as all that is from outside. */
static int resolve(const char *host, char address[static INET_ADDRSTRLEN], struct err *e)
{
	const struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	int result = getaddrinfo(host, NULL, &hints, &found);

	if (result != 0)
		return err_say(e, "%s: %s", host, gai_strerror(result));

	const struct sockaddr_in *in = (const void *)found->ai_addr;

	inet_ntop(AF_INET, &in->sin_addr, address, INET_ADDRSTRLEN);
	freeaddrinfo(found);
	return 0;
}

struct trying {
	const struct share *share;
	const char *flags; /* the user's, "": none */
	struct nbd_root *nbd; /* filled in, of NBD */
};

/* --- NFS --- */

static bool names_version(const char *flags)
{
	return strncmp(flags, "vers=", 5) == 0 || strncmp(flags, "nfsvers=", 8) == 0 ||
	       strstr(flags, ",vers=") || strstr(flags, ",nfsvers=");
}

static int try_version(const struct trying *t, const char *address, const char *version, struct err *e)
{
	char source[400], options[500];

	snprintf(source, sizeof source, "%s:%s", t->share->host, t->share->name);
	snprintf(options, sizeof options, "%s%s%s%sro,nosuid,nodev,noexec,noatime,addr=%s", t->flags,
	         t->flags[0] ? "," : "", version, version[0] ? "," : "", address);
	return mounts_mount(source, PATH_MEDIUM, strstr(options, "vers=3") ? "nfs" : "nfs4", options, e);
}

/* Of several refusals the first tells most: the server's own for the version it has. */
static int mount_share(void *arg, void *out, struct err *e)
{
	const struct trying *t = arg;
	char address[INET_ADDRSTRLEN];
	struct err later;

	(void)out;
	if (resolve(t->share->host, address, e) < 0)
		return -1;
	if (names_version(t->flags))
		return try_version(t, address, "", e);
	for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
		if (try_version(t, address, versions[i], i ? &later : e) == 0)
			return 0;
	return -1;
}

/* --- NBD --- */

static int connect_export(void *arg, void *out, struct err *e)
{
	const struct trying *t = arg;
	const struct share *share = t->share;
	struct nbd_root *root = out;
	struct nbd_export x;

	if (resolve(share->host, root->place.address, e) < 0)
		return -1;
	snprintf(root->place.port, sizeof root->place.port, "%s",
	         share->port[0] ? share->port : NBD_PORT);
	snprintf(root->place.name, sizeof root->place.name, "%s", share->name);

	FD_AUTO fd = nbd_dial(&root->place, &x, e);

	if (fd < 0 || nbdlink_connect(fd, &x, e) < 0)
		return -1;
	root->size = x.size;
	return 0;
}

/* --- Both --- */

static int try_once(int (*work)(void *, void *, struct err *), struct trying *t, struct err *e)
{
	const struct child_limits limits = { .deadline_ms = clock_now_ms() + TRY_MS };
	struct nbd_root found = { .size = 0 };
	int result = child_call(work, t, &found, sizeof found, &limits, e);

	if (result == 0 && t->nbd)
		*t->nbd = found;
	return result;
}

static int insist(struct boot *b, int (*work)(void *, void *, struct err *), struct trying *t, struct err *e)
{
	if (network_up(b, 0, e) < 0)
		return -1;
	for (unsigned failures = 1; try_once(work, t, e) < 0; failures++) {
		unsigned pause_s = fetcher_pause_s(failures - 1);

		boot_say(b, REPORT_ERROR, "medium: %s: %s; trying again in %u s", b->settings.root,
		         e->text, pause_s);
		if (countdown_run("medium: trying again", "gives up", pause_s))
			return -1;
	}
	return 0;
}

int sharedroot_mount(struct boot *b, struct err *e)
{
	static const char *const modules[] = { "nfs", "nfsv4", "nfsv3" };
	struct share share;
	struct trying t = { .share = &share, .flags = b->settings.rootflags };

	if (sharedroot_parse(ROOT_NFS, b->wanted.value, &share, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
		if (modules_load(&b->modules, modules[i], NULL, e) < 0)
			return -1;
	fd_drop(&b->medium.dir);
	umount2(PATH_MEDIUM, MNT_DETACH);
	if (insist(b, mount_share, &t, e) < 0)
		return -1;
	snprintf(b->medium.device, sizeof b->medium.device, "nfs");
	snprintf(b->medium.found.fstype, sizeof b->medium.found.fstype, "nfs");
	b->medium.dir = open(PATH_MEDIUM, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return b->medium.dir < 0 ? err_sys(e, "open " PATH_MEDIUM) : 0;
}

int sharedroot_connect(struct boot *b, struct err *e)
{
	struct share share;
	struct trying t = { .share = &share, .nbd = &b->nbd };

	if (sharedroot_parse(ROOT_NBD, b->wanted.value, &share, e) < 0 ||
	    modules_load(&b->modules, "nbd", NULL, e) < 0)
		return -1;
	if (sysfs_block_size(ROOT_NBD_DEVICE) > 0)
		return 0; /* an earlier try */
	return insist(b, connect_export, &t, e);
}
