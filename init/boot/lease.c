#include "lease.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Name servers, routers: blank-separated; those that are no address are dropped. */
static void take_addresses(struct span list, uint32_t *out, size_t max)
{
	struct span word;
	size_t n = 0;

	while (n < max && span_word(&list, " \t", &word))
		if (ip_parse(word, &out[n]) && out[n] != 0)
			n++;
}

/* A name of the DNS, or several with blanks between. */
static void take_name(struct span text, bool blanks, char *out, size_t size)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '.' && c != '_' &&
		    !(blanks && c == ' '))
			return;
	}
	if (!span_copy(text, out, size))
		out[0] = '\0';
}

static void take_line(struct span key, struct span value, struct lease *l)
{
	if (span_is(key, "ip"))
		take_addresses(value, &l->address, 1);
	else if (span_is(key, "subnet"))
		take_addresses(value, &l->netmask, 1);
	else if (span_is(key, "router"))
		take_addresses(value, &l->gateway, 1);
	else if (span_is(key, "siaddr"))
		take_addresses(value, &l->server, 1);
	else if (span_is(key, "dns"))
		take_addresses(value, l->dns, IPSPEC_DNS_MAX);
	else if (span_is(key, "domain"))
		take_name(value, true, l->domain, sizeof l->domain);
	else if (span_is(key, "hostname"))
		take_name(value, false, l->hostname, sizeof l->hostname);
	else if (span_is(key, "lease") && !span_uint(value, UINT32_MAX, &l->seconds))
		l->seconds = 0;
}

/* Multicast, the loop, "this network": nothing that a card can have. */
static bool is_usable(uint32_t address)
{
	uint32_t host = ntohl(address);

	return host >> 24 != 0 && host >> 24 != 127 && host >> 24 < 224;
}

int lease_decode(struct span text, struct lease *out, struct err *e)
{
	struct span line, key, value;

	*out = (struct lease){ .dhcp = true };
	if (text.len > LEASE_TEXT_MAX)
		return err_say(e, "the DHCP server's answer is longer than %d bytes",
		               LEASE_TEXT_MAX);
	while (span_line(&text, &line)) {
		span_cut(line, '=', &key, &value);
		if (value.at)
			take_line(key, value, out);
	}
	if (!is_usable(out->address))
		return err_say(e, "the DHCP server's answer has no usable address");
	if (!out->netmask)
		out->netmask = ip_class_mask(out->address);
	if (ntohl(out->netmask) & (~ntohl(out->netmask) >> 1))
		return err_say(e, "the DHCP server's netmask has holes");
	return 0;
}

void lease_from_spec(const struct ipspec *spec, const char *device, struct lease *out)
{
	*out = (struct lease){
		.address = spec->address,
		.netmask = spec->netmask,
		.gateway = spec->gateway,
		.server = spec->server,
	};
	memcpy(out->dns, spec->dns, sizeof out->dns);
	snprintf(out->hostname, sizeof out->hostname, "%s", spec->hostname);
	snprintf(out->device, sizeof out->device, "%s", device);
}

static const char *dotted(uint32_t address, char text[INET_ADDRSTRLEN])
{
	struct in_addr a = { address };

	text[0] = '\0';
	if (address)
		inet_ntop(AF_INET, &a, text, INET_ADDRSTRLEN);
	return text;
}

static void append(char *text, size_t size, const char *fmt, const char *a, const char *b)
{
	size_t used = strlen(text);

	snprintf(text + used, size - used, fmt, a, b);
}

void lease_resolv_conf(const struct lease *l, char *text, size_t size)
{
	char name[INET_ADDRSTRLEN];

	text[0] = '\0';
	if (!l->dns[0])
		return;
	append(text, size, "%s%s", LEASE_RESOLV_MARK, "");
	if (l->domain[0])
		append(text, size, "%s %s\n", "search", l->domain);
	for (size_t i = 0; i < IPSPEC_DNS_MAX && l->dns[i]; i++)
		append(text, size, "%s %s\n", "nameserver", dotted(l->dns[i], name));
}

void lease_write(const struct lease *l, char *text, size_t size)
{
	const struct {
		const char *key;
		uint32_t address;
	} rows[] = {
		{ "ADDRESS", l->address }, { "NETMASK", l->netmask },
		{ "GATEWAY", l->gateway }, { "SERVER", l->server },
		{ "DNS", l->dns[0] },
	};
	char name[INET_ADDRSTRLEN], seconds[24];

	text[0] = '\0';
	append(text, size, "%s=%s\n", "DEVICE", l->device);
	append(text, size, "%s=%s\n", "METHOD", l->dhcp ? "dhcp" : "static");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		append(text, size, "%s=%s\n", rows[i].key, dotted(rows[i].address, name));
	append(text, size, "%s=\"%s\"\n", "DOMAIN", l->domain);
	append(text, size, "%s=%s\n", "HOSTNAME", l->hostname);
	snprintf(seconds, sizeof seconds, "%" PRIu64, l->seconds);
	append(text, size, "%s=%s\n", "SECONDS", seconds);
}
