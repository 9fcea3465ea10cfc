/* What a unit's control group is kept from: devices and addresses. */
#include "parse.h"

static unsigned access_of(struct span text)
{
	unsigned access = 0;

	for (size_t i = 0; i < text.len; i++)
		switch (text.at[i]) {
		case 'r':
			access |= DEVICE_READ;
			break;
		case 'w':
			access |= DEVICE_WRITE;
			break;
		case 'm':
			access |= DEVICE_MKNOD;
			break;
		default:
			return 0;
		}
	return access;
}

int parse_device(const struct setting *s, struct err *e)
{
	struct sandbox *box = &s->draft->sandbox;
	struct sandbox_device *list, new;
	struct span left, name = { "", 0 }, access = { "rwm", 3 }, more;

	if (s->value.len == 0) {
		box->devices_n = 0;
		return 0;
	}
	if (parse_expand(s, s->value, &left, e) < 0)
		return -1;
	span_word(&left, " \t", &name);
	span_word(&left, " \t", &access);
	new.access = access_of(access);
	if (!new.access || span_word(&left, " \t", &more))
		return err_say(e, "not a device and some of rwm: %.*s", SPAN_ARGS(s->value));
	if (!span_starts(name, "/dev/") && !span_starts(name, "char-") &&
	    !span_starts(name, "block-"))
		return err_say(e, "not a device: %.*s", SPAN_ARGS(name));
	new.name = arena_copy(s->loader->arena, name);
	list = parse_room(s->loader->arena, box->device, box->devices_n, sizeof *list);
	box->device = list;
	if (!s->loader->arena->full)
		list[box->devices_n++] = new;
	return 0;
}

/* All addresses or none: lists of them are not supported. */
int parse_no_addresses(const struct setting *s, struct err *e)
{
	if (!span_is(s->value, "any"))
		return err_say(e, "only any is supported, not %.*s", SPAN_ARGS(s->value));
	s->draft->sandbox.no_addresses = true;
	return 0;
}
