#include "memory.h"

/* What the demo came up with in QEMU, in MiB, by trying:
 *
 *                            kernel  packed  unpacked  QEMU's loader  GRUB, BIOS
 *   6.1 for virtual machines   51.5     5.8       8.3             74          88
 *   6.1                        63.6    10.9      13.6        93 to 96  up to 108
 *   6.12                       55.9    12.6      15.4        93 to 96  up to 104
 *
 * A boot loader lays kernel and initramfs side by side above the 16 MiB at which Debian's
 * kernels start, and GRUB wants some 15 for itself; the kernel then unpacks the initramfs,
 * and takes 8 to 12 more before slate-boot runs. */
enum { MIB = 1 << 20, BELOW = 16 * MIB, MORE = 16 * MIB, STEP = 4 * MIB };

static unsigned in_steps(uint64_t bytes)
{
	return (unsigned)((bytes + STEP - 1) / STEP * (STEP / MIB));
}

unsigned memory_floor_mib(uint64_t kernel, uint64_t packed, uint64_t unpacked)
{
	if (kernel == 0)
		return 0;

	uint64_t least = kernel + packed + (unpacked > BELOW ? unpacked : BELOW) + MORE;

	return in_steps(least);
}

unsigned memory_with_images(unsigned floor_mib, uint64_t bytes)
{
	return floor_mib ? floor_mib + in_steps(bytes) : 0;
}
