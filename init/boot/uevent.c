#include "uevent.h"

#include <string.h>

static const struct {
	const char *word;
	enum uevent_action action;
} actions[] = {
	{ "add", UEVENT_ADD },
	{ "change", UEVENT_CHANGE },
	{ "remove", UEVENT_REMOVE },
};

bool device_name_is_sane(struct span name)
{
	struct span part;

	if (name.len == 0 || name.at[0] == '/' || name.at[name.len - 1] == '/')
		return false;
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.at[i] <= ' ' || name.at[i] == 0x7f)
			return false;
	while (span_word(&name, "/", &part))
		if (span_is(part, ".") || span_is(part, ".."))
			return false;
	return true;
}

/* Takes the text up to the next NUL off the front. A last string without one
 * is not the kernel's. */
static bool next_string(struct span *rest, struct span *out)
{
	const char *end = rest->len ? memchr(rest->at, '\0', rest->len) : NULL;

	if (!end)
		return false;
	*out = (struct span){ rest->at, (size_t)(end - rest->at) };
	*rest = span_from(*rest, out->len + 1);
	return true;
}

static int decode_pair(struct span name, struct span value, struct uevent *out, struct err *e)
{
	bool fits = true;

	if (span_is(name, "SUBSYSTEM"))
		fits = span_copy(value, out->subsystem, sizeof out->subsystem);
	else if (span_is(name, "MODALIAS"))
		fits = span_copy(value, out->modalias, sizeof out->modalias);
	else if (span_is(name, "DEVTYPE"))
		out->partition = span_is(value, "partition");
	else if (span_is(name, "DEVNAME"))
		fits = device_name_is_sane(value) &&
		       span_copy(value, out->device, sizeof out->device);
	if (!fits)
		return err_say(e, "uevent: %.*s is too long or not allowed", SPAN_ARGS(name));
	return 0;
}

int uevent_decode(struct span message, struct uevent *out, struct err *e)
{
	struct span text, name, value;

	*out = (struct uevent){ .action = UEVENT_OTHER };
	if (!next_string(&message, &text))
		return err_say(e, "uevent: no text");
	span_cut(text, '@', &name, &value);
	if (name.len == 0 || value.len == 0 || value.at[0] != '/')
		return err_say(e, "uevent: does not begin with ACTION@PATH");
	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
		if (span_is(name, actions[i].word))
			out->action = actions[i].action;

	while (message.len) {
		if (!next_string(&message, &text))
			return err_say(e, "uevent: cut short");
		span_cut(text, '=', &name, &value);
		if (!value.at)
			return err_say(e, "uevent: a word without '='");
		if (decode_pair(name, value, out, e) < 0)
			return -1;
	}
	return 0;
}
