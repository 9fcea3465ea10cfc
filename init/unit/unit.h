/* unit: the units of a machine as read from their files: plain data, read-only.
 *
 * A `struct unit_set` is everything that was loaded, in one arena: it is built
 * whole, swapped in whole and freed whole. Units refer to each other by their
 * index in the set, which never changes while the set lives. What a unit is
 * doing at the moment is the supervisor's, in arrays of its own with the same
 * indices. Strings are terminated and owned by the set; NULL where said. Times
 * are microseconds, UNIT_FOREVER for "infinity". See systemd.unit(5).  */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

#include "arena.h"
#include "exec.h"
#include "service.h"

enum {
	UNIT_SET_MAX = 2048,      /* units in a set */
	UNIT_NAME_SIZE = 256,     /* a name with its NUL */
	UNIT_FILE_MAX = 1 << 20,  /* bytes of a unit file */
	UNIT_NONE = 0xffff,       /* no index */
};

enum unit_type {
	UNIT_TYPE_NONE,
	UNIT_SERVICE,
	UNIT_SOCKET,
	UNIT_TARGET,
	UNIT_TIMER,
	UNIT_PATH,
	UNIT_MOUNT,
	UNIT_AUTOMOUNT,
	UNIT_SWAP,
	UNIT_SLICE,
	UNIT_SCOPE,
	UNIT_DEVICE, /* no file: the kernel's events bring them */
	UNIT_TYPES
};

enum unit_load {
	LOAD_NONE,
	LOAD_LOADED,
	LOAD_NOT_FOUND, /* no file in the search path */
	LOAD_MASKED,    /* a link to /dev/null or an empty file */
	LOAD_BAD,       /* unreadable, a bad setting, or protection that can't be given: see reason */
};

/* `from` KIND `to`. Each kind stands beside its inverse, and both directions
 * are stored, so that either end finds the other. */
enum unit_dep {
	DEP_REQUIRES, DEP_REQUIRED_BY,
	DEP_REQUISITE, DEP_REQUISITE_OF,
	DEP_WANTS, DEP_WANTED_BY,
	DEP_BINDS_TO, DEP_BOUND_BY,
	DEP_PART_OF, DEP_CONSISTS_OF,
	DEP_UPHOLDS, DEP_UPHELD_BY,
	DEP_CONFLICTS, DEP_CONFLICTED_BY,
	DEP_BEFORE, DEP_AFTER,
	DEP_ON_FAILURE, DEP_ON_FAILURE_OF,
	DEP_ON_SUCCESS, DEP_ON_SUCCESS_OF,
	DEP_TRIGGERS, DEP_TRIGGERED_BY, /* a socket, timer or path and its service */
	DEP_PROPAGATES_RELOAD, DEP_RELOAD_FROM,
	DEP_PROPAGATES_STOP, DEP_STOP_FROM,
	DEP_JOINS_NAMESPACE, DEP_JOINED_BY,
	UNIT_DEPS
};

#define UNIT_DEP_INVERSE(kind) ((enum unit_dep)((unsigned)(kind) ^ 1u))

struct unit_deps {
	const uint16_t *at; /* indices, each once */
	unsigned n;
};

enum unit_action { /* StartLimitAction=, FailureAction=, SuccessAction= */
	ACTION_NONE,
	ACTION_REBOOT, ACTION_REBOOT_FORCE, ACTION_REBOOT_IMMEDIATE,
	ACTION_POWEROFF, ACTION_POWEROFF_FORCE, ACTION_POWEROFF_IMMEDIATE,
	ACTION_EXIT, ACTION_EXIT_FORCE,
	ACTION_HALT, ACTION_HALT_FORCE, ACTION_HALT_IMMEDIATE,
	ACTION_KEXEC, ACTION_KEXEC_FORCE, ACTION_SOFT_REBOOT, ACTION_SOFT_REBOOT_FORCE,
};

struct unit_condition {
	int kind;        /* enum condition_kind of condition.h */
	bool assertion;  /* Assert…=: the start fails instead of being skipped */
	bool trigger;    /* "|": one of these is enough */
	bool negate;     /* "!" */
	const char *value; /* specifiers filled in; "" only for what takes none */
	const char *name;  /* "ConditionPathExists", for messages */
};

/* [Install], for enable and disable. */
struct unit_install {
	struct text_list wanted_by, required_by, upheld_by, alias, also;
	const char *default_instance; /* NULL: none */
};

struct unit {
	const char *name;     /* "getty@tty1.service"; never an alias */
	const char *instance; /* "tty1"; NULL unless made from a template */
	enum unit_type type;
	enum unit_load load;
	const char *reason;      /* of LOAD_NOT_FOUND, MASKED, BAD: one sentence; else "" */
	const char *description; /* the name when the file has none */
	const char *fragment;    /* path of the file as found; NULL: none (implicit units) */
	struct text_list dropins;
	struct text_list documentation;
	struct text_list aliases; /* other names of it that are in use */
	struct text_list requires_mounts; /* RequiresMountsFor=, WantsMountsFor=: absolute paths */

	const struct unit_condition *conditions; /* assertions among them, as they stood */
	unsigned conditions_n;

	bool default_dependencies; /* true */
	bool refuse_manual_start, refuse_manual_stop;
	bool allow_isolate, ignore_on_isolate;

	uint64_t start_limit_interval_us; /* 10 s; 0: no limit */
	uint32_t start_limit_burst;       /* 5; 0: no limit */
	enum unit_action start_limit_action, failure_action, success_action;

	struct unit_install install;
	const struct service_config *service; /* of a loaded .service; else NULL */
};

enum unit_severity {
	UNIT_NOTE = 1, /* an override in force, a broken ordering loop that is harmless */
	UNIT_WARNING,  /* a directive that is unknown or not supported; the unit runs */
	UNIT_ERROR,    /* the unit is bad and won't be started */
};

/* What was found while loading, in the order in which it was found. Only of units
 * that the goals pull in: the others are there for their place in the order. */
struct unit_message {
	enum unit_severity severity;
	unsigned unit;    /* UNIT_NONE: of none in particular */
	const char *text; /* one line: "/etc/systemd/system/x.service:12: …" */
};

struct unit_links; /* private to graph.c */
struct unit_alias;

struct unit_set {
	struct arena arena; /* holds this struct, too */
	const struct unit *const *units; /* units[0..n-1], none of them NULL */
	unsigned n;
	const struct unit_message *messages; /* of the last load or add */
	unsigned messages_n, messages_lost;  /* lost: there was no room */

	const struct unit_links *links; /* one a unit */
	const struct unit_alias *names; /* sorted; aliases included */
	unsigned names_n;
};

/* The index of the unit called `name` (aliases count), or UNIT_NONE. */
unsigned unit_find(const struct unit_set *set, const char *name);

/* What unit `index` is tied to by `kind`. */
struct unit_deps unit_deps(const struct unit_set *set, unsigned index, enum unit_dep kind);

/* "requires", "wanted by" …, for listings. */
const char *unit_dep_name(enum unit_dep kind);
const char *unit_type_name(enum unit_type type); /* "service" */
const char *unit_load_name(enum unit_load load); /* "loaded", "not-found", "masked", "bad" */

#endif
