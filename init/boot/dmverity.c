#include "dmverity.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/dm-ioctl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../base/fd.h"

#define CONTROL    "/dev/mapper/control"
#define TABLE_MAX  1024
#define SECTOR     512
#define HEX_OF(n)  (2 * (n) + 1)

/* One request of the control device: the head, then what the command takes. */
struct request {
	struct dm_ioctl head;
	struct dm_target_spec target;
	char text[TABLE_MAX];
};

static void hex(const uint8_t *bytes, size_t n, char *text)
{
	text[0] = '\0';
	for (size_t i = 0; i < n; i++)
		snprintf(text + 2 * i, 3, "%02x", (unsigned)bytes[i]);
}

int dmverity_table(const struct verity *v, unsigned major, unsigned minor,
                   enum dmverity_policy policy, char *text, size_t size, struct err *e)
{
	char salt[HEX_OF(VERITY_SALT_MAX)], root[HEX_OF(VERITY_DIGEST)];

	hex(v->salt, v->salt_len, salt);
	hex(v->root, VERITY_DIGEST, root);

	int len = snprintf(text, size,
	                   "1 %u:%u %u:%u %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
	                   " sha256 %s %s%s",
	                   major, minor, major, minor, v->data_block, v->hash_block,
	                   v->data_size / v->data_block, v->hash_offset / v->hash_block, root,
	                   v->salt_len ? salt : "-",
	                   policy == DMVERITY_RESTART ? " 1 restart_on_corruption" : "");

	if (len < 0 || (size_t)len >= size)
		return err_say(e, "dm-verity: its parameters do not fit");
	return 0;
}

static void begin(struct request *r, const char *name, uint32_t flags)
{
	*r = (struct request){
		.head = { .version = { DM_VERSION_MAJOR, 0, 0 },
		          .data_size = sizeof *r,
		          .data_start = offsetof(struct request, target),
		          .flags = flags },
	};
	snprintf(r->head.name, sizeof r->head.name, "%s", name);
}

/* musl's ioctl takes an int, which these numbers do not fit. */
static int command(int control, unsigned long number, struct request *r)
{
	return (int)syscall(SYS_ioctl, control, number, r);
}

static int open_control(struct err *e)
{
	int fd = open(CONTROL, O_RDWR | O_CLOEXEC);

	return fd < 0 ? err_sys(e, "open " CONTROL " (is dm_mod in the kernel?)") : fd;
}

/* What a device that stands in for another reads with. The hash has several
 * drivers and some are for other processors: whether one is there, the table says. */
static int load_drivers(struct modules *m, struct err *e)
{
	struct err ignored;

	modules_load_alias(m, "crypto-sha256", &ignored);
	if (modules_load(m, "dm_mod", NULL, e) < 0)
		return -1;
	return modules_load(m, "dm_verity", NULL, e) < 0 ? -1 : 0;
}

static int load_table(int control, const struct dmverity *d, const struct verity *v,
                      enum dmverity_policy policy, struct err *e)
{
	struct request r;

	begin(&r, d->name, DM_READONLY_FLAG);
	r.head.target_count = 1;
	r.target.length = v->data_size / SECTOR;
	r.target.next = (uint32_t)(sizeof r - offsetof(struct request, target));
	memcpy(r.target.target_type, "verity", sizeof "verity");
	if (dmverity_table(v, d->major, d->minor, policy, r.text, sizeof r.text, e) < 0)
		return -1;
	if (command(control, DM_TABLE_LOAD, &r) < 0)
		return err_sys(e, "dm-verity: load the table");
	begin(&r, d->name, DM_SKIP_LOCKFS_FLAG | DM_NOFLUSH_FLAG);
	if (command(control, DM_DEV_SUSPEND, &r) < 0)
		return err_sys(e, "dm-verity: start");
	return 0;
}

int dmverity_open(struct modules *m, int loop, const char *label, const struct verity *v,
                  struct dmverity *out, struct err *e)
{
	struct request r;
	struct stat st;

	if (load_drivers(m, e) < 0)
		return -1;
	if (fstat(loop, &st) < 0)
		return err_sys(e, "dm-verity: stat the loop device");

	FD_AUTO control = open_control(e);

	if (control < 0)
		return -1;
	*out = (struct dmverity){ .major = major(st.st_rdev), .minor = minor(st.st_rdev) };
	snprintf(out->name, sizeof out->name, "slate-%.40s", label);
	begin(&r, out->name, DM_READONLY_FLAG);
	if (command(control, DM_DEV_CREATE, &r) < 0)
		return err_sys(e, "dm-verity: create %s", out->name);
	snprintf(out->device, sizeof out->device, "dm-%u", minor(r.head.dev));
	if (load_table(control, out, v, DMVERITY_FAIL, e) < 0) {
		dmverity_release(out);
		return -1;
	}
	return 0;
}

int dmverity_set_policy(const struct dmverity *d, const struct verity *v,
                        enum dmverity_policy policy, struct err *e)
{
	FD_AUTO control = open_control(e);

	return control < 0 ? -1 : load_table(control, d, v, policy, e);
}

void dmverity_release(const struct dmverity *d)
{
	struct err ignored;
	FD_AUTO control = open_control(&ignored);
	struct request r;

	begin(&r, d->name, DM_DEFERRED_REMOVE);
	if (control >= 0)
		command(control, DM_DEV_REMOVE, &r);
}
