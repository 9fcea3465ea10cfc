/* Which devices the program for the control group lets through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../init/exec/devicefilter.h"

enum { CHARACTER = BPF_DEVCG_DEV_CHAR, BLOCK = BPF_DEVCG_DEV_BLOCK };

static uint64_t value_of(const struct bpf_insn *code, const uint64_t *registers)
{
	return BPF_SRC(code->code) == BPF_X ? registers[code->src_reg] : (uint64_t)(int64_t)code->imm;
}

/* As the kernel would run it; only what the program is made of. */
static int run(const struct devicefilter *f, const struct bpf_cgroup_dev_ctx *ctx)
{
	uint64_t r[11] = { 0 };

	for (unsigned at = 0;; at++) {
		const struct bpf_insn *code = &f->code[at];
		uint32_t word;

		assert_true(at < f->n);
		switch (code->code & ~BPF_X) {
		case BPF_LDX | BPF_MEM | BPF_W:
			memcpy(&word, (const char *)ctx + code->off, sizeof word);
			r[code->dst_reg] = word;
			break;
		case BPF_ALU64 | BPF_MOV:
			r[code->dst_reg] = value_of(code, r);
			break;
		case BPF_ALU64 | BPF_AND:
			r[code->dst_reg] &= value_of(code, r);
			break;
		case BPF_ALU64 | BPF_RSH:
			r[code->dst_reg] >>= value_of(code, r);
			break;
		case BPF_JMP | BPF_JNE:
			if (r[code->dst_reg] != value_of(code, r))
				at += (unsigned)code->off;
			break;
		case BPF_JMP | BPF_EXIT:
			return (int)r[0];
		default:
			fail_msg("piece %u is none that was expected", at);
		}
	}
}

static const struct device_rule rules[] = {
	{ CHARACTER, DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD, 1, 3 },
	{ CHARACTER, DEVICE_READ, 10, 200 },
	{ BLOCK, DEVICE_READ | DEVICE_WRITE, 8, -1 },
	{ CHARACTER, DEVICE_MKNOD, -1, -1 },
};

static const struct {
	unsigned type, access, major, minor;
	int allowed;
} cases[] = {
	{ CHARACTER, DEVICE_READ | DEVICE_WRITE, 1, 3, 1 },
	{ CHARACTER, DEVICE_READ, 1, 5, 0 },
	{ BLOCK, DEVICE_READ, 1, 3, 0 },
	{ CHARACTER, DEVICE_READ, 10, 200, 1 },
	{ CHARACTER, DEVICE_READ | DEVICE_WRITE, 10, 200, 0 },
	{ BLOCK, DEVICE_WRITE, 8, 0, 1 },
	{ BLOCK, DEVICE_WRITE, 8, 17, 1 },
	{ BLOCK, DEVICE_MKNOD, 8, 17, 0 },
	{ BLOCK, DEVICE_READ, 9, 0, 0 },
	{ CHARACTER, DEVICE_MKNOD, 99, 1, 1 },
	{ CHARACTER, DEVICE_MKNOD | DEVICE_READ, 99, 1, 0 },
};

static void each_device_is_allowed_what_a_rule_gives_it(void **state)
{
	struct devicefilter f;

	(void)state;
	devicefilter_begin(&f);
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		devicefilter_allow(&f, rules[i]);
	assert_true(devicefilter_end(&f));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct bpf_cgroup_dev_ctx ctx = {
			cases[i].access << 16 | cases[i].type, cases[i].major, cases[i].minor,
		};

		if (run(&f, &ctx) != cases[i].allowed)
			fail_msg("case %zu", i);
	}
}

static void too_many_rules_are_told(void **state)
{
	static struct devicefilter f;

	(void)state;
	devicefilter_begin(&f);
	for (int i = 0; i < DEVICEFILTER_ROOM; i++)
		devicefilter_allow(&f, rules[0]);
	assert_false(devicefilter_end(&f));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_device_is_allowed_what_a_rule_gives_it),
		cmocka_unit_test(too_many_rules_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
