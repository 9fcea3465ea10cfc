/* clock: CLOCK_MONOTONIC in milliseconds, and deadlines in it.
 *
 * Every wait has one absolute deadline, made once; what is left of it is asked
 * for at each step, so that a wait of many steps still ends on time.  */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

uint64_t clock_now_ms(void);
uint64_t clock_now_us(void);

/* Milliseconds until `deadline_ms`, for poll(2) and epoll_wait(2): 0 when it
 * has passed, at most INT_MAX. */
int clock_left_ms(uint64_t deadline_ms);

#endif
