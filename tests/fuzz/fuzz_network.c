/* Any bytes as ip=, as what a DHCP server said, and as the header of an HTTP answer.
 * What is accepted ends, is an address, and brings no line of its own anywhere. */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../init/boot/lease.h"
#include "../../init/fetch/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t size)
{
	if (!memchr(text, '\0', size))
		abort();
	for (; *text; text++)
		if ((unsigned char)*text < ' ')
			abort();
}

static void check_lease(struct span text)
{
	struct lease l;
	struct err e = { 0 };
	char out[1024];

	if (lease_decode(text, &l, &e) < 0) {
		if (!e.text[0])
			abort();
		return;
	}
	if (!l.address || !l.netmask || (ntohl(l.netmask) & (~ntohl(l.netmask) >> 1)))
		abort();
	check_text(l.domain, sizeof l.domain);
	check_text(l.hostname, sizeof l.hostname);
	lease_resolv_conf(&l, out, sizeof out);
	lease_write(&l, out, sizeof out);
}

static void check_header(struct span text)
{
	struct header h;
	struct span line;

	header_clear(&h);
	while (span_line(&text, &line))
		header_line(&h, line);
	check_text(h.etag, sizeof h.etag);
	check_text(h.modified, sizeof h.modified);
	if (h.etag[0] && !strchr(h.etag, '"'))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };
	struct ipspec spec;
	struct err e = { 0 };

	if (ipspec_parse(text, &spec, &e) < 0 ? !e.text[0] : spec.method == IP_STATIC && !spec.address)
		abort();
	check_text(spec.device, sizeof spec.device);
	check_lease(text);
	check_header(text);
	return 0;
}
