#include "array.h"

#include <stdlib.h>
#include <string.h>

int array_grow(void *array, size_t n, size_t *room, size_t size)
{
	size_t more = *room ? 2 * *room : 32;
	void *members;

	if (n < *room)
		return 0;
	/* a void ** may not point to a pointer of another type */
	memcpy(&members, array, sizeof members);
	members = reallocarray(members, more, size);
	if (!members)
		return -1;
	memcpy(array, &members, sizeof members);
	*room = more;
	return 0;
}
