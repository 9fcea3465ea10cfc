#include "spool.h"

#include <stdlib.h>
#include <string.h>

int spool_open(struct spool *s, struct err *e)
{
	*s = (struct spool){ .bytes = malloc(SPOOL_MAX) };
	return s->bytes ? 0 : err_sys(e, "buffer");
}

int spool_write(void *spool, const void *bytes, size_t len, struct err *e)
{
	struct spool *s = spool;

	(void)e;
	if (s->len + len <= SPOOL_MAX)
		memcpy(s->bytes + s->len, bytes, len);
	s->len += len;
	return 0;
}

void spool_drop(struct spool *s)
{
	free(s->bytes);
	s->bytes = NULL;
}
