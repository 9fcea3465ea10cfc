/* facts: what conditions ask about the machine, each as a question with a value.
 *
 * `root` is the directory of "/" (its /proc, /sys and /etc are read). Each
 * returns 1: it is so; 0: it is not; -1 with *e: that can't be told.  */
#ifndef UNIT_FACTS_H
#define UNIT_FACTS_H

#include "../base/err.h"

int fact_ac_power(int root, const char *value, struct err *e);
int fact_architecture(int root, const char *value, struct err *e);
int fact_capability(int root, const char *value, struct err *e);
int fact_command_line(int root, const char *value, struct err *e);
int fact_controller(int root, const char *value, struct err *e);
int fact_cpu_feature(int root, const char *value, struct err *e);
int fact_cpus(int root, const char *value, struct err *e);
int fact_credential(int root, const char *value, struct err *e);
int fact_environment(int root, const char *value, struct err *e);
int fact_group(int root, const char *value, struct err *e);
int fact_host(int root, const char *value, struct err *e);
int fact_kernel(int root, const char *value, struct err *e);
int fact_memory(int root, const char *value, struct err *e);
int fact_module(int root, const char *value, struct err *e);
int fact_os_release(int root, const char *value, struct err *e);
int fact_security(int root, const char *value, struct err *e);
int fact_user(int root, const char *value, struct err *e);
int fact_virtualization(int root, const char *value, struct err *e);

#endif
