#include "nbdlink.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/nbd-netlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../base/fd.h"

#define ATTRIBUTE sizeof(struct nlattr) /* bytes before its contents */

enum { MESSAGE_MAX = 512, ANSWER_MAX = 8192 };

/* --- Messages --- */

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

/* The contents of the attribute `type` among those in `in`; at NULL: it has none. */
static struct span find(struct span in, uint16_t type)
{
	struct nlattr a;

	while (in.len >= ATTRIBUTE) {
		memcpy(&a, in.at, ATTRIBUTE);
		if (a.nla_len < ATTRIBUTE || a.nla_len > in.len)
			break;
		if ((a.nla_type & NLA_TYPE_MASK) == type)
			return (struct span){ in.at + ATTRIBUTE, a.nla_len - ATTRIBUTE };

		size_t whole = (size_t)NLA_ALIGN(a.nla_len);

		in = span_from(in, whole < in.len ? whole : in.len);
	}
	return (struct span){ NULL, 0 };
}

/* The number in such an attribute, of `size` bytes. False: there is none. */
static bool find_number(struct span in, uint16_t type, void *out, size_t size)
{
	struct span found = find(in, type);

	if (!found.at || found.len < size)
		return false;
	memcpy(out, found.at, size);
	return true;
}

static struct span attributes(const void *message, size_t len)
{
	const size_t head = NLMSG_LENGTH(GENL_HDRLEN);

	return len < head ? (struct span){ "", 0 }
	                  : (struct span){ (const char *)message + head, len - head };
}

/* --- The family "nbd" --- */

struct family {
	uint16_t number; /* that the kernel has given it */
	uint32_t events; /* the group that hears of dead connections */
};

static int find_family(int fd, struct family *out, struct err *e)
{
	static uint8_t answer[ANSWER_MAX];
	struct message m;
	ssize_t len;

	begin(&m, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);
	add(&m, CTRL_ATTR_FAMILY_NAME, NBD_GENL_FAMILY_NAME, sizeof NBD_GENL_FAMILY_NAME);
	if (ask(fd, &m, answer, &len) < 0)
		return err_sys(e, "this kernel has no NBD");

	struct span all = attributes(answer, (size_t)len);
	/* it has one group */
	struct span group = find(find(all, CTRL_ATTR_MCAST_GROUPS), 1);

	*out = (struct family){ 0 };
	find_number(group, CTRL_ATTR_MCAST_GRP_ID, &out->events, sizeof out->events);
	if (!find_number(all, CTRL_ATTR_FAMILY_ID, &out->number, sizeof out->number))
		return err_say(e, "this kernel has no NBD");
	return 0;
}

/* A netlink socket that the caller owns, or -1 with *e. */
static int open_link(struct family *family, struct err *e)
{
	FD_AUTO fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

	if (fd < 0)
		return err_sys(e, "netlink");
	return find_family(fd, family, e) < 0 ? -1 : fd_take(&fd);
}

/* --- What it is told --- */

static void add_socket(struct message *m, int connection)
{
	const uint32_t fd = (uint32_t)connection;
	struct nlattr *sockets = add(m, NBD_ATTR_SOCKETS, NULL, 0);
	struct nlattr *item = add(m, NBD_SOCK_ITEM, NULL, 0);

	add(m, NBD_SOCK_FD, &fd, sizeof fd);
	nested(m, item);
	nested(m, sockets);
}

/* What the device is to be told. */
struct order {
	int link; /* owned, until it is given */
	struct message message;
};

static int order_begin(struct order *o, uint8_t command, struct err *e)
{
	const uint32_t index = NBDLINK_INDEX;
	struct family family;

	o->link = open_link(&family, e);
	if (o->link < 0)
		return -1;
	begin(&o->message, family.number, command, NBD_GENL_VERSION);
	add(&o->message, NBD_ATTR_INDEX, &index, sizeof index);
	return 0;
}

static int order_give(struct order *o, const char *what, struct err *e)
{
	static uint8_t answer[ANSWER_MAX];
	FD_AUTO link = fd_take(&o->link);
	ssize_t len;

	return ask(link, &o->message, answer, &len) < 0 ? err_sys(e, "%s", what) : 0;
}

int nbdlink_connect(int connection, const struct nbd_export *x, struct err *e)
{
	const uint64_t size = x->size / NBD_BLOCK * NBD_BLOCK, block = NBD_BLOCK, flags = x->flags;
	struct order o;

	if (order_begin(&o, NBD_CMD_CONNECT, e) < 0)
		return -1;
	add(&o.message, NBD_ATTR_SIZE_BYTES, &size, sizeof size);
	add(&o.message, NBD_ATTR_BLOCK_SIZE_BYTES, &block, sizeof block);
	add(&o.message, NBD_ATTR_SERVER_FLAGS, &flags, sizeof flags);
	add_socket(&o.message, connection);
	return order_give(&o, "give the connection to the kernel", e);
}

int nbdlink_be_patient(unsigned request_s, unsigned dead_s, struct err *e)
{
	const uint64_t request = request_s, dead = dead_s;
	struct order o;

	if (order_begin(&o, NBD_CMD_RECONFIGURE, e) < 0)
		return -1;
	add(&o.message, NBD_ATTR_TIMEOUT, &request, sizeof request);
	add(&o.message, NBD_ATTR_DEAD_CONN_TIMEOUT, &dead, sizeof dead);
	return order_give(&o, "have the kernel wait for the server", e);
}

int nbdlink_replace(int connection, struct err *e)
{
	struct order o;

	if (order_begin(&o, NBD_CMD_RECONFIGURE, e) < 0)
		return -1;
	add_socket(&o.message, connection);
	return order_give(&o, "give the new connection to the kernel", e);
}

/* --- What it tells --- */

int nbdlink_listen(struct err *e)
{
	struct family family;
	FD_AUTO fd = open_link(&family, e);

	if (fd < 0)
		return -1;
	if (!family.events || setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &family.events,
	                                 sizeof family.events) < 0)
		return err_sys(e, "hear of dead connections");
	return fd_take(&fd);
}

bool nbdlink_is_dead(const void *message, size_t len)
{
	struct genlmsghdr what;
	uint32_t index;

	if (len < NLMSG_LENGTH(GENL_HDRLEN))
		return false;
	memcpy(&what, (const char *)message + NLMSG_HDRLEN, sizeof what);
	return what.cmd == NBD_CMD_LINK_DEAD &&
	       (!find_number(attributes(message, len), NBD_ATTR_INDEX, &index, sizeof index) ||
	        index == NBDLINK_INDEX);
}

int nbdlink_wait_dead(int fd, struct err *e)
{
	_Alignas(struct nlmsghdr) uint8_t bytes[ANSWER_MAX];

	for (;;) {
		ssize_t len = recv(fd, bytes, sizeof bytes, 0);

		/* ENOBUFS: some were lost */
		if (len < 0 && errno != EINTR)
			return errno == ENOBUFS ? 0 : err_sys(e, "hear of dead connections");
		if (len > 0 && nbdlink_is_dead(bytes, (size_t)len))
			return 0;
	}
}
