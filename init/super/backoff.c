#include "backoff.h"

uint64_t backoff_next(struct backoff *b, uint64_t started, uint64_t died)
{
	if (died - started >= BACKOFF_STEADY_US || b->wait_us == 0)
		b->wait_us = BACKOFF_FIRST_US;
	else if (b->wait_us < BACKOFF_LAST_US)
		b->wait_us = b->wait_us * 2 < BACKOFF_LAST_US ? b->wait_us * 2 : BACKOFF_LAST_US;
	return died + b->wait_us;
}
