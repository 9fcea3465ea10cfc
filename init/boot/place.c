#include "place.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../base/fd.h"
#include "medium.h"
#include "search.h"

bool place_is_archive(const char *text)
{
	return text[0] && !strstr(text, "://") &&
	       (text[0] != '/' || strncmp(text, "/dev/", 5) == 0) && strchr(text, ':');
}

/* "sda1" as Alpine has it is /dev/sda1. */
static int take_device(struct span text, struct place *out, struct err *e)
{
	bool bare = !memchr(text.at, '=', text.len) && !span_starts(text, "/");
	int len = snprintf(out->device, sizeof out->device, "%s%.*s", bare ? "/dev/" : "",
	                   SPAN_ARGS(text));
	struct rootspec spec;

	if (len < 0 || (size_t)len >= sizeof out->device)
		return err_say(e, "%.*s: the name is too long", SPAN_ARGS(text));
	if (rootspec_parse(span_of(out->device), &spec, e) < 0)
		return -1;
	return spec.kind == ROOT_NETWORK || spec.kind == ROOT_NFS || spec.kind == ROOT_NBD ? err_say(e, "%s: not a device", out->device) : 0;
}

int place_parse_device(const char *text, struct place *out, struct err *e)
{
	*out = (struct place){ .device = "" };
	return take_device(span_of(text), out, e);
}

int place_parse_archive(const char *text, struct place *out, struct err *e)
{
	struct span device, rest, second, third;

	*out = (struct place){ .device = "" };
	span_cut(span_of(text), ':', &device, &rest);
	if (!rest.at || device.len == 0)
		return err_say(e, "apkovl=%s: not DEVICE:[FSTYPE:]PATH", text);
	span_cut(rest, ':', &second, &third);
	if (third.at && !span_copy(second, out->fstype, sizeof out->fstype))
		return err_say(e, "apkovl=%s: not a file system's type: %.*s", text,
		               SPAN_ARGS(second));

	struct span path = third.at ? third : second;

	while (path.len && path.at[0] == '/')
		path = span_from(path, 1);
	if (path.len == 0 || !span_copy(path, out->path, sizeof out->path))
		return err_say(e, "apkovl=%s: no path, or a too long one", text);
	return take_device(device, out, e) < 0 ? err_wrap(e, "apkovl=%s", text) : 0;
}

/* The search goes by what is wanted; the medium has been found by now. */
static const struct device *find(struct boot *b, const char *option, const struct place *p,
                                 struct err *e)
{
	struct rootspec before = b->wanted;
	const struct device *d;

	if (rootspec_parse(span_of(p->device), &b->wanted, e) < 0)
		return NULL;
	d = search_run(b, option, p->device);
	b->wanted = before;
	if (!d)
		err_say(e, "%s did not appear within %" PRIu64 " s", p->device,
		        b->settings.rootwait_s);
	return d;
}

int place_mount(struct boot *b, const char *option, const struct place *p, const char *target,
                struct err *e)
{
	const struct device *d = find(b, option, p, e);
	struct medium m = { .dir = -1 };
	const char *asked = b->asked;
	int result;

	if (!d)
		return -1;
	memcpy(m.device, d->name, sizeof m.device);
	m.found = d->found;
	if (p->fstype[0])
		snprintf(m.found.fstype, sizeof m.found.fstype, "%s", p->fstype);
	b->asked = p->device;
	result = medium_mount(b, &m, target, "", e);
	b->asked = asked;
	return result < 0 ? -1 : m.dir;
}
