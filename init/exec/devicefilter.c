#include "devicefilter.h"

#include <stddef.h>

enum { RESULT = BPF_REG_0, CONTEXT, TYPE, ACCESS, MAJOR, MINOR };

static void put(struct devicefilter *f, uint8_t code, uint8_t to, uint8_t from, int16_t offset,
                int32_t value)
{
	struct bpf_insn piece = { .code = code, .off = offset, .imm = value };

	piece.dst_reg = to & 0xfu;
	piece.src_reg = from & 0xfu;
	if (f->n < DEVICEFILTER_ROOM)
		f->code[f->n] = piece;
	f->n++;
}

static void put_load(struct devicefilter *f, uint8_t to, size_t offset)
{
	put(f, BPF_LDX | BPF_MEM | BPF_W, to, CONTEXT, (int16_t)offset, 0);
}

static void put_return(struct devicefilter *f, int32_t value)
{
	put(f, BPF_ALU64 | BPF_MOV | BPF_K, RESULT, 0, 0, value);
	put(f, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

void devicefilter_begin(struct devicefilter *f)
{
	f->n = 0;
	put_load(f, TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type));
	put(f, BPF_ALU64 | BPF_MOV | BPF_X, ACCESS, TYPE, 0, 0);
	put(f, BPF_ALU64 | BPF_RSH | BPF_K, ACCESS, 0, 0, 16);
	put(f, BPF_ALU64 | BPF_AND | BPF_K, TYPE, 0, 0, 0xffff);
	put_load(f, MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major));
	put_load(f, MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor));
}

/* Goes on behind the rule, `left` pieces further, unless they are equal. */
static void put_unless(struct devicefilter *f, uint8_t is, int value, unsigned left)
{
	put(f, BPF_JMP | BPF_JNE | BPF_K, is, 0, (int16_t)left, value);
}

void devicefilter_allow(struct devicefilter *f, struct device_rule r)
{
	/* the pieces behind the first of this rule */
	unsigned left = 5u + (r.major >= 0) + (r.minor >= 0);
	int denied = (DEVICE_MKNOD | DEVICE_READ | DEVICE_WRITE) & ~(int)r.access;

	put_unless(f, TYPE, (int)r.type, left);
	put(f, BPF_ALU64 | BPF_MOV | BPF_X, RESULT, ACCESS, 0, 0);
	put(f, BPF_ALU64 | BPF_AND | BPF_K, RESULT, 0, 0, denied);
	put_unless(f, RESULT, 0, left - 3);
	if (r.major >= 0)
		put_unless(f, MAJOR, r.major, 2u + (r.minor >= 0));
	if (r.minor >= 0)
		put_unless(f, MINOR, r.minor, 2);
	put_return(f, 1);
}

bool devicefilter_end(struct devicefilter *f)
{
	put_return(f, 0);
	return f->n <= DEVICEFILTER_ROOM;
}
