/* parse: the functions that the rows of the directive table name.
 *
 * Each decodes setting.value into setting.member: 0, or -1 with *e saying what
 * is wrong with the value. What `arg` and `max` of the row mean is said with
 * each. An empty value does not get here unless the row `takes_empty`.  */
#ifndef UNIT_PARSE_H
#define UNIT_PARSE_H

#include "load.h"

/* Working steps that parsers share. */
int parse_expand(const struct setting *s, struct span text, struct span *out, struct err *e);
void parse_add(struct arena *a, struct text_list *list, const char *text);
/* An array of `n` pieces as one that may be written to, with room for one more. */
void *parse_room(struct arena *a, const void *list, unsigned n, size_t size);
void parse_cut(struct text_list *list, unsigned n); /* takes back all but the first n */
/* parse_words whose words each have to fit; else none is added, and `why` is told. */
int parse_words_like(const struct setting *s, bool (*fits)(struct span), const char *why, struct err *e);

/* parse_basic.c */
int parse_text(const struct setting *s, struct err *e);   /* const char * */
int parse_path(const struct setting *s, struct err *e);   /* const char *: absolute */
int parse_bool(const struct setting *s, struct err *e);   /* bool */
int parse_uint32(const struct setting *s, struct err *e); /* uint32_t from arg to max */
int parse_int(const struct setting *s, struct err *e);    /* int from arg to max */
int parse_mode(const struct setting *s, struct err *e);   /* uint32_t */
int parse_time(const struct setting *s, struct err *e);   /* uint64_t µs; arg 1: 0 is for ever */
int parse_nsec(const struct setting *s, struct err *e);   /* timer_slack_ns */
int parse_signal(const struct setting *s, struct err *e); /* int */
int parse_choice(const struct setting *s, struct err *e); /* an enum, int sized */
int parse_words(const struct setting *s, struct err *e);  /* text_list: quoted words, added */

/* parse_unit.c */
int parse_deps(const struct setting *s, struct err *e); /* arg: enum unit_dep */
int parse_trigger(const struct setting *s, struct err *e); /* Unit=, Service=: the unit set off */
int parse_sockets(const struct setting *s, struct err *e);
int parse_names(const struct setting *s, struct err *e); /* text_list of unit names, for [Install] */
int parse_mounts_for(const struct setting *s, struct err *e);
int parse_condition(const struct setting *s, struct err *e); /* arg: enum condition_kind; max 1: assertion */
int parse_documentation(const struct setting *s, struct err *e);

/* parse_command.c */
int parse_command(const struct setting *s, struct err *e); /* exec_list */

/* parse_exec.c */
int parse_environment(const struct setting *s, struct err *e);
int parse_env_file(const struct setting *s, struct err *e);
int parse_env_names(const struct setting *s, struct err *e);
int parse_input(const struct setting *s, struct err *e);
int parse_output(const struct setting *s, struct err *e);
int parse_working_directory(const struct setting *s, struct err *e);
int parse_dirs(const struct setting *s, struct err *e); /* text_list */
int parse_user(const struct setting *s, struct err *e); /* const char * */
int parse_users(const struct setting *s, struct err *e); /* text_list */
int parse_limit(const struct setting *s, struct err *e); /* arg: RLIMIT_…; max: enum limit_unit */
int parse_nice(const struct setting *s, struct err *e);
int parse_oom_score(const struct setting *s, struct err *e);
int parse_io_class(const struct setting *s, struct err *e);
int parse_cpus(const struct setting *s, struct err *e);
int parse_input_text(const struct setting *s, struct err *e);
int parse_label(const struct setting *s, struct err *e); /* struct exec_label */
enum limit_unit { LIMIT_NUMBER, LIMIT_BYTES, LIMIT_SECONDS, LIMIT_MICROSECONDS, LIMIT_NICE };

/* parse_protect.c: of struct sandbox */
int parse_capabilities(const struct setting *s, struct err *e); /* uint64_t; arg: when not set */
int parse_secure_bits(const struct setting *s, struct err *e);
int parse_namespaces(const struct setting *s, struct err *e);
int parse_families(const struct setting *s, struct err *e);
int parse_calls(const struct setting *s, struct err *e);
int parse_call_error(const struct setting *s, struct err *e);
int parse_call_machines(const struct setting *s, struct err *e);

/* parse_service.c */
int parse_service_type(const struct setting *s, struct err *e);
int parse_start_timeout(const struct setting *s, struct err *e); /* arg 1: TimeoutSec=, both */
int parse_abort_timeout(const struct setting *s, struct err *e);
int parse_exit_set(const struct setting *s, struct err *e); /* exit_set, added */
int parse_pid_file(const struct setting *s, struct err *e);
int parse_bus_name(const struct setting *s, struct err *e);
int parse_amount(const struct setting *s, struct err *e); /* struct amount */
int parse_quota(const struct setting *s, struct err *e);
int parse_weight(const struct setting *s, struct err *e); /* uint64_t */
int parse_slice(const struct setting *s, struct err *e);
int parse_delegate(const struct setting *s, struct err *e); /* bool */

/* parse_mounts.c: of struct sandbox, too */
int parse_paths(const struct setting *s, struct err *e); /* text_list */
int parse_binds(const struct setting *s, struct err *e); /* arg 1: read-only */
int parse_tmpfs(const struct setting *s, struct err *e);
int parse_mount_flags(const struct setting *s, struct err *e);
int parse_choice_or_bool(const struct setting *s, struct err *e);

/* parse_devices.c: of struct sandbox, too */
int parse_device(const struct setting *s, struct err *e);
int parse_no_addresses(const struct setting *s, struct err *e);

#endif
