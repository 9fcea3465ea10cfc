/* err: what failed and where, in one caller-owned value that never allocates.
 *
 * A function that can fail takes a `struct err *` last and returns 0 or -1.
 * The innermost call names the operation (err_sys, err_say); each caller that
 * knows something its callee does not adds it in front (err_wrap). One line is
 * printed, once, by whoever decides what to do about it:
 *
 *     root: mount /dev/sda2 on /sysroot: No such device
 *
 * Text past the buffer loses its middle, never overruns it.  */
#ifndef BASE_ERR_H
#define BASE_ERR_H

struct err {
	int code;       /* errno value, or 0 where no system call failed */
	char text[400]; /* always terminated; "" until something fails */
};

#define ERR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* All return -1, so a failure is reported and returned in one line. */
int err_sys(struct err *e, const char *fmt, ...) ERR_PRINTF(2, 3);  /* adds strerror(errno) */
int err_say(struct err *e, const char *fmt, ...) ERR_PRINTF(2, 3);  /* bad data, no errno */
int err_wrap(struct err *e, const char *fmt, ...) ERR_PRINTF(2, 3); /* adds context in front */

/* Adds "; SAFE" behind, whole: what went wrong is cut if need be. */
int err_safe(struct err *e, const char *safe);

#endif
