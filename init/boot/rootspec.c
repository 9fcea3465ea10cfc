#include "rootspec.h"

#include <string.h>
#include <strings.h>

#include "uevent.h"

static const struct {
	const char *prefix;
	enum root_kind kind;
} forms[] = {
	{ "LABEL=", ROOT_LABEL },
	{ "UUID=", ROOT_UUID },
	{ "PARTLABEL=", ROOT_PARTLABEL },
	{ "PARTUUID=", ROOT_PARTUUID },
	{ "/dev/disk/by-label/", ROOT_LABEL },
	{ "/dev/disk/by-uuid/", ROOT_UUID },
	{ "/dev/disk/by-partlabel/", ROOT_PARTLABEL },
	{ "/dev/disk/by-partuuid/", ROOT_PARTUUID },
	{ "nfs:", ROOT_NFS },
	{ "nbd:", ROOT_NBD },
	{ "/dev/", ROOT_DEVICE },
};

static bool is_network(struct span text)
{
	return span_starts(text, "http://") || span_starts(text, "https://");
}

/* root=LABEL="MY STICK": the quotes are the user's, not the label's. */
static struct span unquoted(struct span s)
{
	if (s.len >= 2 && (s.at[0] == '"' || s.at[0] == '\'') && s.at[s.len - 1] == s.at[0])
		return (struct span){ s.at + 1, s.len - 2 };
	return s;
}

int rootspec_parse(struct span text, struct rootspec *out, struct err *e)
{
	*out = (struct rootspec){ .kind = ROOT_KIND_NONE };
	if (is_network(text)) {
		out->kind = ROOT_NETWORK;
		return span_copy(text, out->value, sizeof out->value)
		               ? 0
		               : err_say(e, "root=: longer than %zu characters",
		                         sizeof out->value - 1);
	}
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		if (!span_starts(text, forms[i].prefix))
			continue;

		struct span value = unquoted(span_from(text, strlen(forms[i].prefix)));

		if (value.len == 0 || !span_copy(value, out->value, sizeof out->value))
			return err_say(e, "root=%.*s: no name behind %s, or a too long one",
			               SPAN_ARGS(text), forms[i].prefix);
		if (forms[i].kind == ROOT_DEVICE && !device_name_is_sane(value))
			return err_say(e, "root=%.*s: not a device", SPAN_ARGS(text));
		out->kind = forms[i].kind;
		return 0;
	}
	return err_say(e, "root=%.*s: not one of LABEL=, UUID=, PARTLABEL=, PARTUUID=, /dev/NAME, nfs:, "
	                  "nbd:, a URL",
	               SPAN_ARGS(text));
}

bool rootspec_needs_partition(const struct rootspec *spec)
{
	return spec->kind == ROOT_PARTLABEL || spec->kind == ROOT_PARTUUID;
}

bool rootspec_concerns(const struct rootspec *spec, const char *name, bool partition)
{
	/* devices that hold nothing until somebody fills them, and floppies, which
	 * take seconds to say that they are empty */
	static const char *const never[] = { "ram", "loop", "zram", "fd", "mtdblock" };

	if (spec->kind == ROOT_DEVICE)
		return strcmp(spec->value, name) == 0;
	if (spec->kind == ROOT_NBD)
		return strcmp(name, ROOT_NBD_DEVICE) == 0;
	if (rootspec_needs_partition(spec))
		return partition;
	for (size_t i = 0; i < sizeof never / sizeof *never; i++)
		if (span_starts(span_of(name), never[i]))
			return false;
	return true;
}

bool rootspec_matches(const struct rootspec *spec, const char *name, const struct probed *p)
{
	switch (spec->kind) {
	case ROOT_LABEL:
		return strcmp(spec->value, p->label) == 0;
	case ROOT_UUID:
		return strcasecmp(spec->value, p->uuid) == 0;
	case ROOT_PARTLABEL:
		return strcmp(spec->value, p->partlabel) == 0;
	case ROOT_PARTUUID:
		return strcasecmp(spec->value, p->partuuid) == 0;
	case ROOT_DEVICE:
		return strcmp(spec->value, name) == 0;
	case ROOT_NBD:
		return strcmp(name, ROOT_NBD_DEVICE) == 0;
	case ROOT_KIND_NONE:
	case ROOT_NETWORK:
	case ROOT_NFS:
	case ROOT_FILE: /* the search looks for it */
		break;
	}
	return false;
}
