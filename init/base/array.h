/* array: one that grows by a member at a time, twice as large when it is full.  */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stddef.h>

/* Makes room behind the first `n` members, of `size` bytes each. `array` is the address of
 * the pointer to them, *room how many there can be; both are changed. 0, or -1 with errno
 * and both as they were. */
int array_grow(void *array, size_t n, size_t *room, size_t size);

#endif
