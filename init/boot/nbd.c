#include "nbd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/nbd-netlink.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../base/bytes.h"
#include "../base/fd.h"

#define MAGIC        "NBDMAGIC"
#define HAS_OPTIONS  "IHAVEOPT"
#define ATTRIBUTE    sizeof(struct nlattr) /* bytes before its contents */
#define BLOCK        512u /* a file system may have blocks as small as that */

/* Of the greeting, and of the answer: what both sides can do. */
enum { FIXED_NEWSTYLE = 1, NO_ZEROES = 2, OPT_EXPORT_NAME = 1 };
enum { ZEROES = 124, NAME_MAX_LEN = 255, MESSAGE_MAX = 512, ANSWER_MAX = 8192 };

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
	if (out->size < BLOCK || out->size > INT64_MAX)
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

/* --- The kernel --- */

/* A message of generic netlink that grows. */
struct message {
	union {
		struct nlmsghdr head;
		uint8_t bytes[MESSAGE_MAX];
	};
};

static void begin(struct message *m, uint16_t family, uint8_t command, uint8_t version)
{
	memset(m, 0, sizeof *m);
	m->head = (struct nlmsghdr){ .nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN),
		                     .nlmsg_type = family,
		                     .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK };
	*(struct genlmsghdr *)NLMSG_DATA(&m->head) = (struct genlmsghdr){ .cmd = command, .version = version };
}

/* Begins an attribute, whose contents follow; what it returns is for `nested`. */
static struct nlattr *add(struct message *m, uint16_t type, const void *data, size_t len)
{
	struct nlattr *a = (struct nlattr *)(m->bytes + NLMSG_ALIGN(m->head.nlmsg_len));

	*a = (struct nlattr){ .nla_len = (uint16_t)(ATTRIBUTE + len), .nla_type = type };
	if (len)
		memcpy((uint8_t *)a + ATTRIBUTE, data, len);
	m->head.nlmsg_len = NLMSG_ALIGN(m->head.nlmsg_len) + (uint32_t)NLA_ALIGN(a->nla_len);
	return a;
}

/* The attribute `a` holds all that was added behind it. */
static void nested(struct message *m, struct nlattr *a)
{
	a->nla_type |= NLA_F_NESTED;
	a->nla_len = (uint16_t)(m->bytes + m->head.nlmsg_len - (uint8_t *)a);
}

/* Sends it and reads up to the kernel's word on it. Where an answer comes before, its
 * length and bytes are in `answer`. 0, or -1 with errno. */
static int ask(int fd, struct message *m, uint8_t answer[static ANSWER_MAX], ssize_t *len)
{
	_Alignas(struct nlmsghdr) uint8_t bytes[ANSWER_MAX];
	struct nlmsghdr *head = (void *)bytes;

	*len = 0;
	if (send(fd, m->bytes, m->head.nlmsg_len, 0) < 0)
		return -1;
	for (;;) {
		ssize_t got = recv(fd, bytes, sizeof bytes, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < (ssize_t)sizeof *head)
			return -1;
		if (head->nlmsg_type == NLMSG_ERROR) {
			struct nlmsgerr *word = NLMSG_DATA(head);

			errno = -word->error;
			return word->error ? -1 : 0;
		}
		memcpy(answer, bytes, (size_t)got);
		*len = got;
	}
}

/* The number that the kernel has given to "nbd". */
static int find_family(int fd, uint16_t *family, struct err *e)
{
	static uint8_t answer[ANSWER_MAX];
	struct message m;
	ssize_t len;

	begin(&m, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);
	add(&m, CTRL_ATTR_FAMILY_NAME, NBD_GENL_FAMILY_NAME, sizeof NBD_GENL_FAMILY_NAME);
	if (ask(fd, &m, answer, &len) < 0)
		return err_sys(e, "this kernel has no NBD");
	for (size_t at = NLMSG_LENGTH(GENL_HDRLEN); at + ATTRIBUTE + sizeof *family <= (size_t)len;) {
		const struct nlattr *a = (const void *)(answer + at);

		if (a->nla_type == CTRL_ATTR_FAMILY_ID) {
			memcpy(family, answer + at + ATTRIBUTE, sizeof *family);
			return 0;
		}
		if (a->nla_len < ATTRIBUTE)
			break;
		at += (size_t)NLA_ALIGN(a->nla_len);
	}
	return err_say(e, "this kernel has no NBD");
}

static void describe(struct message *m, int connection, const struct nbd_export *x)
{
	const uint32_t index = 0, fd = (uint32_t)connection;
	const uint64_t size = x->size / BLOCK * BLOCK, block = BLOCK, flags = x->flags;

	add(m, NBD_ATTR_INDEX, &index, sizeof index);
	add(m, NBD_ATTR_SIZE_BYTES, &size, sizeof size);
	add(m, NBD_ATTR_BLOCK_SIZE_BYTES, &block, sizeof block);
	add(m, NBD_ATTR_SERVER_FLAGS, &flags, sizeof flags);

	struct nlattr *sockets = add(m, NBD_ATTR_SOCKETS, NULL, 0);
	struct nlattr *item = add(m, NBD_SOCK_ITEM, NULL, 0);

	add(m, NBD_SOCK_FD, &fd, sizeof fd);
	nested(m, item);
	nested(m, sockets);
}

static int hand_over(int connection, const struct nbd_export *x, struct err *e)
{
	static uint8_t answer[ANSWER_MAX];
	struct message m;
	uint16_t family;
	ssize_t len;
	FD_AUTO fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

	if (fd < 0)
		return err_sys(e, "netlink");
	if (find_family(fd, &family, e) < 0)
		return -1;
	begin(&m, family, NBD_CMD_CONNECT, NBD_GENL_VERSION);
	describe(&m, connection, x);
	return ask(fd, &m, answer, &len) < 0 ? err_sys(e, "give the connection to the kernel") : 0;
}

int nbd_connect(const char *address, const char *port, const char *name, struct err *e)
{
	struct nbd_export export;
	FD_AUTO fd = dial(address, port, e);

	if (fd < 0 || shake_hands(fd, name, &export, e) < 0)
		return -1;
	return hand_over(fd, &export, e);
}
