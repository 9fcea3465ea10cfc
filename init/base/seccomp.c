#include "seccomp.h"

#include <errno.h>
#include <linux/audit.h>
#include <stddef.h>
#include <sys/prctl.h>

#define X32_BIT 0x40000000u

#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define MACHINE AUDIT_ARCH_AARCH64
#else
#define MACHINE 0
#endif

static void put(struct seccomp *p, unsigned code, uint32_t value, uint8_t yes, uint8_t no)
{
	if (p->n < p->room)
		p->code[p->n] = (struct sock_filter)BPF_JUMP((uint16_t)code, value, yes, no);
	p->n++;
}

static void load(struct seccomp *p, size_t offset)
{
	put(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

bool seccomp_begin(struct seccomp *p)
{
	p->n = 0;
	if (!MACHINE)
		return false;
	load(p, offsetof(struct seccomp_data, arch));
	seccomp_test(p, BPF_JEQ, MACHINE, 1, 0);
	seccomp_return(p, SECCOMP_RET_KILL_PROCESS);
	load(p, offsetof(struct seccomp_data, nr));
	if (MACHINE == AUDIT_ARCH_X86_64) {
		seccomp_test(p, BPF_JGE, X32_BIT, 0, 1);
		seccomp_return(p, SECCOMP_RET_ERRNO | ENOSYS);
	}
	return true;
}

void seccomp_argument(struct seccomp *p, unsigned i)
{
	/* both machines have the lower half first */
	load(p, offsetof(struct seccomp_data, args) + i * sizeof(uint64_t));
}

void seccomp_mask(struct seccomp *p, uint32_t bits)
{
	put(p, BPF_ALU | BPF_AND | BPF_K, bits, 0, 0);
}

void seccomp_test(struct seccomp *p, uint16_t test, uint32_t value, uint8_t yes, uint8_t no)
{
	put(p, BPF_JMP | BPF_K | test, value, yes, no);
}

unsigned seccomp_jump(struct seccomp *p)
{
	put(p, BPF_JMP | BPF_JA, 0, 0, 0);
	return p->n - 1;
}

void seccomp_land(struct seccomp *p, unsigned jump)
{
	if (jump < p->room)
		p->code[jump].k = p->n - jump - 1;
}

void seccomp_return(struct seccomp *p, uint32_t action)
{
	put(p, BPF_RET | BPF_K, action, 0, 0);
}

void seccomp_return_if(struct seccomp *p, uint32_t value, uint32_t action)
{
	seccomp_test(p, BPF_JEQ, value, 0, 1);
	seccomp_return(p, action);
}

int seccomp_install(const struct seccomp *p)
{
	struct sock_fprog program = { (unsigned short)p->n, p->code };

	if (p->n > p->room) {
		errno = E2BIG;
		return -1;
	}
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}
