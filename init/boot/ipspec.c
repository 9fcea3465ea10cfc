#include "ipspec.h"

#include <arpa/inet.h>
#include <string.h>

enum ip_field {
	FIELD_CLIENT,
	FIELD_SERVER,
	FIELD_GATEWAY,
	FIELD_NETMASK,
	FIELD_HOSTNAME,
	FIELD_DEVICE,
	FIELD_METHOD,
	FIELD_DNS,
	FIELD_DNS_2,
	FIELD_NTP,
	FIELDS
};

static const char *const field_names[FIELDS] = {
	"client address", "server address", "gateway", "netmask", "host name",
	"device", "method", "name server", "name server", "time server",
};

static const struct {
	const char *word;
	enum ip_method method;
} methods[] = {
	{ "dhcp", IP_DHCP }, { "on", IP_DHCP },   { "any", IP_DHCP },
	{ "both", IP_DHCP }, { "none", IP_NONE }, { "off", IP_NONE },
};

bool ip_parse(struct span text, uint32_t *out)
{
	char copy[INET_ADDRSTRLEN];
	struct in_addr a;

	if (!span_copy(text, copy, sizeof copy) || inet_pton(AF_INET, copy, &a) != 1)
		return false;
	*out = a.s_addr;
	return true;
}

uint32_t ip_mask(unsigned bits)
{
	return bits ? htonl(UINT32_MAX << (32 - bits)) : 0;
}

uint32_t ip_class_mask(uint32_t address)
{
	uint32_t first = ntohl(address) >> 24;

	return ip_mask(first < 128 ? 8 : first < 192 ? 16 : 24);
}

static bool method_of(struct span word, enum ip_method *method)
{
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (span_is(word, methods[i].word)) {
			*method = methods[i].method;
			return true;
		}
	return false;
}

/* As the kernel names devices: no '/', no blanks. */
static bool take_device(struct span word, struct ipspec *s)
{
	for (size_t i = 0; i < word.len; i++)
		if (word.at[i] <= ' ' || word.at[i] == '/' || word.at[i] == 0x7f)
			return false;
	return !span_is(word, ".") && !span_is(word, "..") &&
	       span_copy(word, s->device, sizeof s->device);
}

static bool take_hostname(struct span word, struct ipspec *s)
{
	for (size_t i = 0; i < word.len; i++) {
		char c = word.at[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      c == '-' || c == '.' || c == '_'))
			return false;
	}
	return span_copy(word, s->hostname, sizeof s->hostname);
}

static bool take_field(enum ip_field field, struct span word, struct ipspec *s)
{
	uint32_t ignored;

	switch (field) {
	case FIELD_CLIENT:
		return ip_parse(word, &s->address);
	case FIELD_SERVER:
		return ip_parse(word, &s->server);
	case FIELD_GATEWAY:
		return ip_parse(word, &s->gateway);
	case FIELD_NETMASK:
		return ip_parse(word, &s->netmask);
	case FIELD_HOSTNAME:
		return take_hostname(word, s);
	case FIELD_DEVICE:
		return take_device(word, s);
	case FIELD_METHOD:
		return method_of(word, &s->method);
	case FIELD_DNS:
		return ip_parse(word, &s->dns[0]);
	case FIELD_DNS_2:
		return ip_parse(word, &s->dns[1]);
	case FIELD_NTP:
		return ip_parse(word, &ignored);
	case FIELDS:
		break;
	}
	return false;
}

static int parse_fields(struct span text, struct ipspec *s, struct err *e)
{
	struct span whole = text;

	for (int field = 0; text.at; field++) {
		struct span word, rest;

		span_cut(text, ':', &word, &rest);
		text = rest;
		if (field == FIELDS)
			return err_say(e, "ip=%.*s: more than %d fields", SPAN_ARGS(whole), FIELDS);
		if (word.len && !take_field((enum ip_field)field, word, s))
			return err_say(e, "ip=%.*s: %.*s is not a %s", SPAN_ARGS(whole),
			               SPAN_ARGS(word), field_names[field]);
	}
	return 0;
}

/* What follows from what was given, as the kernel concludes it. */
static int conclude(struct span text, struct ipspec *s, struct err *e)
{
	if (s->method == IP_UNSET || (s->method == IP_NONE && s->address))
		s->method = s->address ? IP_STATIC : IP_DHCP;
	if (s->method != IP_STATIC)
		return 0;
	if (!s->netmask)
		s->netmask = ip_class_mask(s->address);
	if (ntohl(s->netmask) & (~ntohl(s->netmask) >> 1))
		return err_say(e, "ip=%.*s: the netmask has holes", SPAN_ARGS(text));
	return 0;
}

int ipspec_parse(struct span text, struct ipspec *out, struct err *e)
{
	struct span first, second;

	*out = (struct ipspec){ 0 };
	if (text.len == 0 || method_of(text, &out->method))
		return 0;
	/* dracut's short form */
	span_cut(text, ':', &first, &second);
	if (second.at && first.len && method_of(second, &out->method)) {
		if (out->method != IP_NONE && take_device(first, out))
			return 0;
		return err_say(e, "ip=%.*s: %.*s is not a device to use", SPAN_ARGS(text),
		               SPAN_ARGS(first));
	}
	if (!second.at)
		return err_say(e, "ip=%.*s: not one of dhcp, none, CLIENT:SERVER:GATEWAY:NETMASK:…",
		               SPAN_ARGS(text));
	if (parse_fields(text, out, e) < 0)
		return -1;
	return conclude(text, out, e);
}
