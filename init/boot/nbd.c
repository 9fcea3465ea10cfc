#include "nbd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../base/bytes.h"
#include "../base/fd.h"

#define MAGIC        "NBDMAGIC"
#define HAS_OPTIONS  "IHAVEOPT"

/* Of the greeting, and of the answer: what both sides can do. */
enum { FIXED_NEWSTYLE = 1, NO_ZEROES = 2, OPT_EXPORT_NAME = 1 };
enum { ZEROES = 124, NAME_MAX_LEN = 255 };

int nbd_greeting(const uint8_t bytes[static NBD_GREETING], struct err *e)
{
	if (memcmp(bytes, MAGIC HAS_OPTIONS, 16) != 0)
		return err_say(e, "that is no NBD server, or one of the old kind");
	if (!(bytes[17] & FIXED_NEWSTYLE))
		return err_say(e, "the NBD server is one of the old kind");
	return 0;
}

int nbd_export(const uint8_t bytes[static NBD_EXPORT], struct nbd_export *out, struct err *e)
{
	*out = (struct nbd_export){ .size = be64_get(bytes), .flags = be16_get(bytes + 8) };
	if (out->size < NBD_BLOCK || out->size > INT64_MAX)
		return err_say(e, "the export has no size");
	return 0;
}

/* --- The server --- */

static int receive(int fd, void *to, size_t len, const char *what, struct err *e)
{
	ssize_t got = fd_read_full(fd, to, len);

	if (got < 0)
		return err_sys(e, "%s", what);
	return (size_t)got < len ? err_say(e, "%s: the server has hung up", what) : 0;
}

static int choose_export(int fd, const char *name, bool no_zeroes, struct err *e)
{
	uint8_t request[20 + NAME_MAX_LEN] = { 0, 0, 0, (uint8_t)(FIXED_NEWSTYLE | (no_zeroes ? NO_ZEROES : 0)) };
	size_t len = strlen(name);

	if (len > NAME_MAX_LEN)
		return err_say(e, "the export's name is too long");
	memcpy(request + 4, HAS_OPTIONS, 8);
	be32_put(request + 12, OPT_EXPORT_NAME);
	be32_put(request + 16, (uint32_t)len);
	memcpy(request + 20, name, len);
	return fd_write_full(fd, request, 20 + len) < 0 ? err_sys(e, "ask for the export") : 0;
}

static int shake_hands(int fd, const char *name, struct nbd_export *out, struct err *e)
{
	uint8_t greeting[NBD_GREETING], said[NBD_EXPORT], zeroes[ZEROES];

	if (receive(fd, greeting, sizeof greeting, "greeting", e) < 0 || nbd_greeting(greeting, e) < 0)
		return -1;

	bool no_zeroes = greeting[17] & NO_ZEROES;

	if (choose_export(fd, name, no_zeroes, e) < 0)
		return -1;
	if (receive(fd, said, sizeof said, "does it have that export?", e) < 0 ||
	    nbd_export(said, out, e) < 0)
		return -1;
	return no_zeroes ? 0 : receive(fd, zeroes, sizeof zeroes, "export", e);
}

static int dial(const char *address, const char *port, struct err *e)
{
	unsigned long number = strtoul(port, NULL, 10);
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)number) };
	FD_AUTO fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (number == 0 || number > UINT16_MAX || inet_pton(AF_INET, address, &to.sin_addr) != 1)
		return err_say(e, "%s:%s is no address", address, port);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof to) < 0)
		return err_sys(e, "%s:%s", address, port);
	return fd_take(&fd);
}

int nbd_dial(const struct nbd_place *place, struct nbd_export *out, struct err *e)
{
	FD_AUTO fd = dial(place->address, place->port, e);

	if (fd < 0 || shake_hands(fd, place->name, out, e) < 0)
		return -1;
	return fd_take(&fd);
}
