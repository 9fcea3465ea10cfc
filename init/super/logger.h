/* logger: the second process: takes what the units write and keeps it in files.
 *
 * It has the read end of every unit's pipe, handed over by PID 1 through a
 * socket, and nothing else: no capability, no other descriptor. When it dies,
 * PID 1 starts another and hands the same pipes over again; what had been read
 * and not yet written is lost, no more. A message of the socket is a struct
 * log_message cut after its text.  */
#ifndef SUPER_LOGGER_H
#define SUPER_LOGGER_H

#include <stdint.h>

#include "../unit/unit.h"

enum log_kind {
	LOG_NONE,
	LOG_ATTACH, /* with a descriptor: the pipe of `name`, in place of an earlier one */
	LOG_LINE,   /* one record of PID 1's own about `name` */
};

#define LOG_LINE_MAX 320

struct log_message {
	uint32_t kind;
	uint32_t len;     /* bytes of text */
	int64_t time_us;  /* since 1970; LOG_LINE only */
	char name[UNIT_NAME_SIZE];
	char text[LOG_LINE_MAX];
};

/* Bytes of the message that are sent. */
#define LOG_MESSAGE_SIZE(len) (offsetof(struct log_message, text) + (len))

/* Works until the other end of `socket` is closed and every pipe is empty, then
 * returns the exit status. `dir` is the directory of the logs. Both borrowed. */
int logger_run(int socket, int dir);

#endif
