#include "card.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "../base/fd.h"

enum { ETHERNET = 1 }; /* ARPHRD_ETHER */

static bool read_fact(const char *card, const char *name, char *out, size_t size)
{
	char path[320], text[64];
	struct err ignored;

	snprintf(path, sizeof path, "/sys/class/net/%s/%s", card, name);

	ssize_t len = fd_read_file(AT_FDCWD, path, text, sizeof text, &ignored);

	return len > 0 && span_copy(span_trim((struct span){ text, (size_t)len }), out, size);
}

static unsigned long read_number(const char *card, const char *name)
{
	char text[24];

	return read_fact(card, name, text, sizeof text) ? strtoul(text, NULL, 10) : 0;
}

static int by_index(const void *a, const void *b)
{
	unsigned long x = read_number(((const struct card *)a)->name, "ifindex");
	unsigned long y = read_number(((const struct card *)b)->name, "ifindex");

	return (x > y) - (x < y);
}

/* What has no device behind it (the loop, bridges, tunnels) is no card. */
static bool read_card(const char *name, struct card *c)
{
	char path[320];

	*c = (struct card){ 0 };
	snprintf(path, sizeof path, "/sys/class/net/%s/device", name);

	FD_AUTO device = open(path, O_PATH | O_CLOEXEC);

	if (device < 0 || read_number(name, "type") != ETHERNET ||
	    !span_copy(span_of(name), c->name, sizeof c->name) ||
	    !read_fact(name, "address", c->mac, sizeof c->mac))
		return false;
	for (char *at = c->mac; *at; at++)
		*at = *at == ':' ? '-' : (char)tolower((unsigned char)*at);
	/* a card that is off has no carrier to read: EINVAL */
	c->carrier = read_number(name, "carrier") == 1;
	return true;
}

size_t cards_read(struct card cards[CARDS_MAX])
{
	DIR *d = opendir("/sys/class/net");
	size_t n = 0;

	if (!d)
		return 0;
	for (struct dirent *entry; n < CARDS_MAX && (entry = readdir(d));)
		if (entry->d_name[0] != '.' && read_card(entry->d_name, &cards[n]))
			n++;
	closedir(d);
	qsort(cards, n, sizeof *cards, by_index);
	return n;
}

bool card_is_bootif(const struct card *c, const char *bootif)
{
	/* 01- is the kind of hardware */
	const char *mac = strlen(bootif) == 20 ? bootif + 3 : bootif;

	for (size_t i = 0; c->mac[i] || mac[i]; i++) {
		char its = mac[i] == ':' ? '-' : (char)tolower((unsigned char)mac[i]);

		if (its != c->mac[i])
			return false;
	}
	return true;
}

static int set_flags(int fd, const char *name, struct err *e)
{
	struct ifreq r = { 0 };

	snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
	if (ioctl(fd, SIOCGIFFLAGS, &r) < 0)
		return err_sys(e, "%s: read its flags", name);
	if (r.ifr_flags & IFF_UP)
		return 0;
	r.ifr_flags |= IFF_UP;
	return ioctl(fd, SIOCSIFFLAGS, &r) < 0 ? err_sys(e, "%s: switch on", name) : 0;
}

int card_up(const char *name, struct err *e)
{
	FD_AUTO fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? err_sys(e, "socket") : set_flags(fd, name, e);
}

static void set_address(struct sockaddr *into, uint32_t address)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = address };

	memcpy(into, &in, sizeof in);
}

static struct ifreq request(const struct lease *l, uint32_t address)
{
	struct ifreq r = { 0 };

	snprintf(r.ifr_name, sizeof r.ifr_name, "%s", l->device);
	set_address(&r.ifr_addr, address);
	return r;
}

static int set_addresses(int fd, const struct lease *l, struct err *e)
{
	struct ifreq address = request(l, l->address), mask = request(l, l->netmask);

	if (ioctl(fd, SIOCSIFADDR, &address) < 0)
		return err_sys(e, "%s: set its address", l->device);
	if (ioctl(fd, SIOCSIFNETMASK, &mask) < 0)
		return err_sys(e, "%s: set its netmask", l->device);
	return 0;
}

/* Some networks lend single addresses, with a router outside of them. */
static int add_route(int fd, const struct lease *l, uint32_t to, uint32_t mask, uint32_t by,
                     struct err *e)
{
	struct rtentry r = { .rt_flags = (unsigned short)(RTF_UP | (by ? RTF_GATEWAY : RTF_HOST)) };
	char device[IPSPEC_DEVICE_MAX];

	snprintf(device, sizeof device, "%s", l->device);
	r.rt_dev = device;
	set_address(&r.rt_dst, to);
	set_address(&r.rt_genmask, mask);
	set_address(&r.rt_gateway, by);
	if (ioctl(fd, SIOCADDRT, &r) < 0 && errno != EEXIST)
		return err_sys(e, "%s: add a route", l->device);
	return 0;
}

int card_configure(const struct lease *l, struct err *e)
{
	FD_AUTO fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return err_sys(e, "socket");
	if (set_flags(fd, l->device, e) < 0 || set_addresses(fd, l, e) < 0)
		return -1;
	if (!l->gateway)
		return 0;
	if (((l->gateway ^ l->address) & l->netmask) &&
	    add_route(fd, l, l->gateway, UINT32_MAX, 0, e) < 0)
		return -1;
	return add_route(fd, l, 0, 0, l->gateway, e);
}

int cards_watch(struct err *e)
{
	FD_AUTO fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };

	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) < 0)
		return err_sys(e, "watch the network cards");
	return fd_take(&fd);
}

void cards_drain(int watch)
{
	char ignored[4096];

	/* what was lost for want of room is seen in /sys all the same */
	while (recv(watch, ignored, sizeof ignored, 0) > 0 || errno == ENOBUFS || errno == EINTR)
		;
}
