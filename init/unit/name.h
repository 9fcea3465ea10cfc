/* name: names of units and of what they stand for: "getty@tty1.service".
 *
 * PREFIX.TYPE, PREFIX@INSTANCE.TYPE, or PREFIX@.TYPE for a template. See
 * systemd.unit(5) and systemd-escape(1).  */
#ifndef UNIT_NAME_H
#define UNIT_NAME_H

#include "unit.h"

struct name_parts {
	struct span prefix;   /* "getty" */
	struct span instance; /* "tty1"; empty for a template; .at NULL for a plain unit */
	struct span suffix;   /* ".service" */
	enum unit_type type;
};

/* False when `name` is no valid name of a unit (characters, length, type). */
bool name_parse(struct span name, struct name_parts *out);

/* The type by suffix, with or without its dot; UNIT_TYPE_NONE for any other. */
enum unit_type name_type(struct span suffix);

bool name_is_template(const struct name_parts *p);
bool name_is_instance(const struct name_parts *p);

/* "getty@.service" of "getty@tty1.service". False when it does not fit. */
bool name_template(const struct name_parts *p, char *buf, size_t size);

/* "getty@tty1.service" of the template "getty@.service" and "tty1"; a name that
 * is no template is copied. False when it does not fit or is none. */
bool name_instance(struct span name, struct span instance, char *buf, size_t size);

/* Undoes the escaping: "dev-sda\x2d1" gives "dev/sda-1". False when it does not fit. */
bool name_unescape(struct span text, char *buf, size_t size);

/* "dev-sda1" of "/dev/sda1", "-" of "/". False when it does not fit. */
bool name_escape_path(struct span path, char *buf, size_t size);

/* As people type it: "ssh" stands for "ssh.service". False when it is no name. */
bool name_typed(const char *text, char *buf, size_t size);

/* For tables of names: FNV-1a. */
uint32_t name_hash(struct span name);

/* The last component of a path. */
struct span name_base(struct span path);

#endif
