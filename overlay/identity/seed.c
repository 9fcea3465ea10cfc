#include "seed.h"

#include <fcntl.h>
#include <linux/random.h>
#include <signal.h>
#include <sodium.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "../../init/base/clock.h"
#include "../../init/base/fd.h"

static const char prefix[] = "slate random seed 1";

int seed_mix(const struct statefile *old, struct err *e)
{
	FD_AUTO fd = -1;

	if (!old->has_seed)
		return 0;
	fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || fd_write_full(fd, old->seed, sizeof old->seed) < 0)
		return err_sys(e, "write /dev/urandom");
	return 0;
}

void seed_next(struct statefile *s, const uint8_t fresh[STATEFILE_SEED], bool ready, int64_t time,
               uint64_t boot_ms)
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, STATEFILE_SEED);
	crypto_generichash_update(&state, (const unsigned char *)prefix, sizeof prefix);
	crypto_generichash_update(&state, (const unsigned char *)&time, sizeof time);
	crypto_generichash_update(&state, (const unsigned char *)&boot_ms, sizeof boot_ms);
	if (s->has_seed)
		crypto_generichash_update(&state, s->seed, sizeof s->seed);
	crypto_generichash_update(&state, fresh, STATEFILE_SEED);
	/* as good as the better of the two that it is made of */
	s->seed_good = ready || (s->has_seed && s->seed_good);
	s->has_seed = true;
	crypto_generichash_final(&state, s->seed, sizeof s->seed);
	sodium_memzero(&state, sizeof state);
}

void seed_renew(struct statefile *s)
{
	uint8_t fresh[STATEFILE_SEED] = { 0 };
	bool ready = getrandom(fresh, sizeof fresh, GRND_NONBLOCK) == (ssize_t)sizeof fresh;

	/* not ready yet: what it can give is better than nothing */
	if (!ready && getrandom(fresh, sizeof fresh, GRND_INSECURE) < 0)
		fresh[0] = 0;
	seed_next(s, fresh, ready, (int64_t)time(NULL), clock_now_ms());
	sodium_memzero(fresh, sizeof fresh);
}

int seed_credit(struct statefile *old, struct err *e)
{
	/* struct rand_pool_info with its bytes behind */
	struct {
		int bits, size;
		uint8_t seed[STATEFILE_SEED];
	} pool = { 8 * STATEFILE_SEED, STATEFILE_SEED, { 0 } };
	int result = 0;

	if (old->has_seed && old->seed_good) {
		FD_AUTO fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);

		memcpy(pool.seed, old->seed, sizeof pool.seed);
		if (fd < 0 || ioctl(fd, RNDADDENTROPY, &pool) < 0)
			result = err_sys(e, "credit the random seed");
	}
	sodium_memzero(&pool, sizeof pool);
	sodium_memzero(old->seed, sizeof old->seed);
	old->has_seed = false;
	return result;
}

static void nothing(int signal)
{
	(void)signal;
}

/* Only a caller that waits makes an idle kernel gather what it needs, so poll(2) of
 * /dev/random might wait for ever: the wait itself is cut by a signal. */
bool seed_wait_ready(unsigned limit_s)
{
	const struct sigaction cut = { .sa_handler = nothing };
	struct sigaction before;
	char byte;
	bool ready = getrandom(&byte, sizeof byte, GRND_NONBLOCK) == 1;

	if (ready)
		return true;
	sigaction(SIGALRM, &cut, &before);
	alarm(limit_s);
	ready = getrandom(&byte, sizeof byte, 0) == 1;
	alarm(0);
	sigaction(SIGALRM, &before, NULL);
	return ready;
}
