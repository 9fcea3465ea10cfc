/* seccomp: a program for seccomp(2), written a piece at a time into the caller's room.
 *
 * It begins with the machine: calls of another one (i386 on x86-64) end the process, those
 * of x32 are not there, so that no number of theirs means what is said about ours. A test
 * skips pieces, a return ends the program. `action` is SECCOMP_RET_…: see the kernel's
 * userspace-api/seccomp_filter.rst. Pure but for seccomp_install.  */
#ifndef BASE_SECCOMP_H
#define BASE_SECCOMP_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>

struct seccomp {
	struct sock_filter *code;
	unsigned room, n; /* n > room: the rest was not written */
};

/* False: no filter for this machine. What follows looks at the number of the call. */
bool seccomp_begin(struct seccomp *p);

/* What follows looks at the lower half of argument `i`, counted from 0. */
void seccomp_argument(struct seccomp *p, unsigned i);
void seccomp_mask(struct seccomp *p, uint32_t bits);

/* Skips `yes` or `no` pieces. `test`: BPF_JEQ, BPF_JGE or BPF_JSET. */
void seccomp_test(struct seccomp *p, uint16_t test, uint32_t value, uint8_t yes, uint8_t no);

/* Skips all up to where seccomp_land is called with what this returns: a test skips
 * 255 pieces at most. */
unsigned seccomp_jump(struct seccomp *p);
void seccomp_land(struct seccomp *p, unsigned jump);

void seccomp_return(struct seccomp *p, uint32_t action);
void seccomp_return_if(struct seccomp *p, uint32_t value, uint32_t action); /* equal to it */

/* For this process and its children, for good; it needs CAP_SYS_ADMIN or no_new_privs.
 * 0, or -1 with errno: E2BIG when there was no room. */
int seccomp_install(const struct seccomp *p);

#endif
