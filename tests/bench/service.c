/* service NUMBER COUNT: one of COUNT services whose start is timed.
 *
 * Each counts itself in /run/bench, a word shared by all. The last one puts the
 * time of that moment into the kernel's log, lets a moment pass, and writes one
 * line to the second serial port: when the kernel handed over to /init, when
 * the last service was up (both in microseconds of the kernel's log), what PID 1
 * holds of memory for itself, what of the machine's memory is not available any
 * more, and what tmpfs has of that (all in kB). Then all of them wait for their end.
 * Without arguments it is a service alone, or the init of a root.  */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MARK "bench: all services are up"

static int count_in(void)
{
	int fd = open("/run/bench", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, 4096) < 0)
		return -1;

	_Atomic int *count = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	close(fd);
	return count == MAP_FAILED ? -1 : atomic_fetch_add(count, 1) + 1;
}

static void mark_now(void)
{
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		(void)!write(fd, MARK "\n", sizeof MARK); /* without a line end it is not yet a record */
		close(fd);
	}
}

/* The time of the first line of the kernel's log that holds `text`; 0: none. */
static unsigned long long time_of(const char *text)
{
	char record[8192];
	unsigned long long time = 0;
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	while (fd >= 0 && time == 0) {
		ssize_t len = read(fd, record, sizeof record - 1);

		if (len < 0 && (errno == EPIPE || errno == EINTR))
			continue; /* older records were overwritten */
		if (len <= 0)
			break;
		record[len] = '\0';
		if (strstr(record, text))
			sscanf(record, "%*u,%*u,%llu", &time);
	}
	if (fd >= 0)
		close(fd);
	return time;
}

static void memory_of_init(unsigned *clean_kb, unsigned *dirty_kb)
{
	char line[256];
	FILE *f = fopen("/proc/1/smaps_rollup", "re");

	while (f && fgets(line, sizeof line, f)) {
		sscanf(line, "Private_Clean: %u", clean_kb);
		sscanf(line, "Private_Dirty: %u", dirty_kb);
	}
	if (f)
		fclose(f);
}

static void memory_of_machine(unsigned *used_kb, unsigned *shmem_kb)
{
	char line[256];
	unsigned total_kb = 0, available_kb = 0;
	FILE *f = fopen("/proc/meminfo", "re");

	while (f && fgets(line, sizeof line, f)) {
		sscanf(line, "MemTotal: %u", &total_kb);
		sscanf(line, "MemAvailable: %u", &available_kb);
		sscanf(line, "Shmem: %u", shmem_kb);
	}
	if (f)
		fclose(f);
	*used_kb = total_kb - available_kb;
}

static void tell(void)
{
	unsigned clean_kb = 0, dirty_kb = 0, used_kb = 0, shmem_kb = 0;
	int fd = open("/dev/ttyS1", O_WRONLY | O_NOCTTY | O_CLOEXEC);

	memory_of_init(&clean_kb, &dirty_kb);
	memory_of_machine(&used_kb, &shmem_kb);
	dprintf(fd, "bench start=%llu up=%llu clean=%u dirty=%u used=%u shmem=%u\n",
	        time_of("as init process"), time_of(MARK), clean_kb, dirty_kb, used_kb, shmem_kb);
	close(fd);
}

int main(int argc, char **argv)
{
	int wanted = argc > 2 ? atoi(argv[2]) : 1;

	if (count_in() == wanted) {
		mark_now();
		usleep(100000); /* of the supervisor, to come to rest */
		tell();
	}
	for (;;)
		pause();
}
