#include "network.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../base/clock.h"
#include "../base/fd.h"
#include "../base/paths.h"
#include "card.h"
#include "console.h"
#include "devices.h"
#include "dhcp.h"
#include "giving.h"
#include "stage.h"

/* BOOTIF= is alone at first; TELL: how often a wait without an end says what it is at. */
enum { QUIET_WAIT_MS = 2000, BOOTIF_MS = 15000, FIRST_TELL_MS = 10000, TELL_MS = 30000 };

struct link {
	struct card card;
	bool tried; /* switched on */
	struct dhcp dhcp;
	char why[160]; /* what went wrong on it; "" nothing yet */
};

struct search {
	struct boot *b;
	struct ipspec spec;
	uint64_t start_ms, tell_ms;
	int watch; /* owned */
	struct link links[CARDS_MAX];
	size_t n;
};

bool network_is_asked(const struct settings *s)
{
	struct ipspec spec;
	struct err ignored;

	return s->ip[0] && (ipspec_parse(span_of(s->ip), &spec, &ignored) < 0 ||
	                    spec.method != IP_NONE);
}

static struct link *link_of(struct search *s, const struct card *c)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->links[i].card.name, c->name) == 0)
			return &s->links[i];
	if (s->n == CARDS_MAX)
		return NULL;

	struct link *l = &s->links[s->n++];

	l->tried = false;
	l->why[0] = '\0';
	l->dhcp = DHCP_CLOSED;
	return l;
}

static void look(struct search *s)
{
	struct card cards[CARDS_MAX];
	size_t n = cards_read(cards);

	for (size_t i = 0; i < s->n; i++)
		s->links[i].card.carrier = false;
	for (size_t i = 0; i < n; i++) {
		struct link *l = link_of(s, &cards[i]);

		if (l)
			l->card = cards[i];
	}
}

/* Is one of the cards that of BOOTIF=, and is it still the only one to count? */
static bool bootif_is_alone(const struct search *s)
{
	if (!s->b->settings.bootif[0] || clock_now_ms() > s->start_ms + BOOTIF_MS)
		return false;
	for (size_t i = 0; i < s->n; i++)
		if (card_is_bootif(&s->links[i].card, s->b->settings.bootif))
			return true;
	return false;
}

static bool is_wanted(const struct search *s, const struct link *l)
{
	if (s->spec.device[0])
		return strcmp(s->spec.device, l->card.name) == 0;
	return !bootif_is_alone(s) || card_is_bootif(&l->card, s->b->settings.bootif);
}

static void fail(struct link *l, const struct err *e)
{
	snprintf(l->why, sizeof l->why, "%.159s", e->text);
}

/* Makes the lease the machine's. True: done. */
static bool take(struct search *s, struct link *l, struct lease *lease)
{
	struct err e;

	snprintf(lease->device, sizeof lease->device, "%s", l->card.name);
	if (card_configure(lease, &e) < 0) {
		fail(l, &e);
		return false;
	}
	s->b->lease = *lease;
	s->b->connected = true;
	return true;
}

/* Goes on with one card as far as it can now. True: the machine has an address. */
static bool advance(struct search *s, struct link *l)
{
	struct lease lease;
	struct err e;

	if (!is_wanted(s, l))
		return false;
	if (!l->tried && card_up(l->card.name, &e) < 0)
		fail(l, &e);
	l->tried = true;
	if (!l->card.carrier)
		return false;
	if (s->spec.method == IP_STATIC) {
		lease_from_spec(&s->spec, l->card.name, &lease);
		return take(s, l, &lease);
	}
	if (l->dhcp.pid == 0 && !l->why[0] && dhcp_start(&l->dhcp, l->card.name, &e) < 0)
		fail(l, &e);
	return false;
}

static bool advance_all(struct search *s)
{
	look(s);
	for (size_t i = 0; i < s->n; i++)
		if (advance(s, &s->links[i]))
			return true;
	return false;
}

/* Reads what a client has brought. True: the machine has an address. */
static bool hear(struct search *s, struct link *l)
{
	struct lease lease;
	struct err e;
	int result = dhcp_read(&l->dhcp, &lease, &e);

	if (result < 0)
		fail(l, &e);
	return result > 0 && take(s, l, &lease);
}

static const char *state_of(const struct search *s, const struct link *l)
{
	if (l->why[0])
		return l->why;
	if (!is_wanted(s, l))
		return "not asked for";
	if (!l->card.carrier)
		return "no carrier (is a cable in?)";
	return "no DHCP server has answered";
}

static void describe(const struct search *s, char *text, size_t size)
{
	size_t used = 0;

	snprintf(text, size, "no network card was found");
	for (size_t i = 0; i < s->n && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s: %s", i ? "; " : "",
		                         s->links[i].card.name, state_of(s, &s->links[i]));
}

static void tell(struct search *s)
{
	char text[300];

	if (clock_now_ms() < s->tell_ms)
		return;
	describe(s, text, sizeof text);
	boot_say(s->b, REPORT_ERROR, "network: still waiting: %s", text);
	s->tell_ms = clock_now_ms() + TELL_MS;
	/* what failed once may have been a bad moment */
	for (size_t i = 0; i < s->n; i++)
		s->links[i].why[0] = '\0';
}

/* When something has to be looked at though nothing happened. */
static uint64_t next_look_ms(const struct search *s)
{
	uint64_t bootif_ms = s->start_ms + BOOTIF_MS + 1;

	return bootif_is_alone(s) && bootif_ms < s->tell_ms ? bootif_ms : s->tell_ms;
}

/* Waits for news. 1: the machine has an address; 0: look again; -1: a key, or the
 * time is up. */
static int wait_for_news(struct search *s, uint64_t deadline_ms, struct countdown *c)
{
	struct pollfd in[CARDS_MAX + 3];
	nfds_t n = 3;
	int key, next_ms = clock_left_ms(next_look_ms(s));

	countdown_step(c, &key);

	int count_ms = countdown_next_ms(c, deadline_ms);

	in[0] = (struct pollfd){ s->b->monitor, POLLIN, 0 };
	in[1] = (struct pollfd){ s->watch, POLLIN, 0 };
	in[2] = (struct pollfd){ key, POLLIN, 0 };
	for (size_t i = 0; i < s->n; i++)
		in[n++] = (struct pollfd){ s->links[i].dhcp.from, POLLIN, 0 };
	if (poll(in, n, count_ms < next_ms ? count_ms : next_ms) < 0)
		return errno == EINTR ? 0 : -1;
	if (in[1].revents)
		cards_drain(s->watch);
	for (size_t i = 0; i + 3 < n; i++)
		if (in[i + 3].revents && hear(s, &s->links[i]))
			return 1;
	if (in[2].revents && countdown_key(c))
		return -1;
	return clock_left_ms(deadline_ms) > 0 ? 0 : -1;
}

static int wait_for_address(struct search *s, uint64_t deadline_ms, struct countdown *c)
{
	for (;;) {
		if (advance_all(s))
			return 1;
		if (devices_turn(s->b, RANK_NETWORK) == DEVICES_NEWS)
			continue;
		tell(s);

		int result = wait_for_news(s, deadline_ms, c);

		if (result != 0)
			return result;
	}
}

static int search_address(struct search *s, uint64_t deadline_ms, struct err *e)
{
	struct countdown c;
	char text[300];

	countdown_start(&c, s->start_ms + QUIET_WAIT_MS, deadline_ms, "network", "gives up");

	int result = wait_for_address(s, deadline_ms, &c);

	countdown_end(&c);
	for (size_t i = 0; i < s->n; i++)
		dhcp_stop(&s->links[i].dhcp);
	if (result > 0)
		return 0;
	describe(s, text, sizeof text);
	return err_say(e, "no address: %s", text);
}

/* Name servers for the programs of this initramfs, and all of it for what follows. */
static int write_down(const struct lease *l, struct err *e)
{
	char text[1024];

	lease_resolv_conf(l, text, sizeof text);
	if (fd_mkdirs(AT_FDCWD, "/etc", 0755, e) < 0 ||
	    fd_write_file(AT_FDCWD, "/etc/resolv.conf", text, strlen(text), e) < 0)
		return -1;
	lease_write(l, text, sizeof text);
	return fd_write_file(AT_FDCWD, PATH_LEASE, text, strlen(text), e);
}

static void say_address(const struct boot *b)
{
	const uint8_t *a = (const uint8_t *)&b->lease.address;

	boot_say(b, REPORT_INFO, "network: %s has %u.%u.%u.%u%s", b->lease.device, a[0], a[1], a[2],
	         a[3], b->lease.dhcp ? " (DHCP)" : "");
}

int network_up(struct boot *b, uint64_t deadline_ms, struct err *e)
{
	static struct search s;
	struct err ignored;

	if (b->connected)
		return 0;
	s = (struct search){ .b = b, .start_ms = clock_now_ms(), .watch = -1 };
	s.tell_ms = s.start_ms + FIRST_TELL_MS;
	if (ipspec_parse(span_of(b->settings.ip), &s.spec, e) < 0)
		return -1;
	if (s.spec.method == IP_NONE)
		return err_say(e, "ip=%s leaves this machine without a network", b->settings.ip);
	/* the sockets of DHCP, where they are not in the kernel */
	modules_load(&b->modules, "af_packet", NULL, &ignored);
	s.watch = cards_watch(e);
	if (s.watch < 0)
		return -1;

	int result = search_address(&s, deadline_ms ? deadline_ms : COUNTDOWN_NEVER, e);

	fd_drop(&s.watch);
	if (result < 0)
		return -1;
	say_address(b);
	return write_down(&b->lease, e);
}

int network_run(struct boot *b, struct err *e)
{
	uint64_t deadline_ms = clock_now_ms() + b->settings.rootwait_s * 1000;

	if (b->connected)
		return 0;
	if (!network_is_asked(&b->settings))
		return STAGE_WAS_SKIPPED;
	return network_up(b, deadline_ms, e);
}

void network_wait_card(struct boot *b, uint64_t wait_ms)
{
	uint64_t deadline_ms = clock_now_ms() + wait_ms;
	struct card cards[CARDS_MAX];

	while (cards_read(cards) == 0 && clock_left_ms(deadline_ms) > 0) {
		struct pollfd in = { b->monitor, POLLIN, 0 };

		if (devices_turn(b, RANK_NETWORK) != DEVICES_NEWS)
			poll(&in, 1, clock_left_ms(deadline_ms));
	}
}

/* Is it missing, empty, or what an earlier boot wrote and a save kept? */
static bool may_write(int sysroot)
{
	char text[sizeof LEASE_RESOLV_MARK];
	FD_AUTO fd = fd_open_in_root(sysroot, "etc/resolv.conf", O_RDONLY | O_NONBLOCK, 0);
	ssize_t len = fd < 0 ? -1 : fd_read_full(fd, text, sizeof text - 1);

	if (fd < 0)
		return errno == ENOENT;
	return len == 0 || (len == (ssize_t)sizeof text - 1 &&
	                    memcmp(text, LEASE_RESOLV_MARK, sizeof text - 1) == 0);
}

int network_hand_over(struct boot *b, int sysroot, struct err *e)
{
	char text[1024];

	lease_resolv_conf(&b->lease, text, sizeof text);
	if (!b->connected || !text[0] || !may_write(sysroot))
		return 0;

	giving_note(b, "etc/resolv.conf");

	FD_AUTO fd = fd_open_in_root(sysroot, "etc/resolv.conf", O_WRONLY | O_CREAT | O_TRUNC, 0644);

	/* a link to where a program of the running system will put it */
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fd_write_full(fd, text, strlen(text)) < 0)
		return err_sys(e, "write /etc/resolv.conf");
	return 0;
}
