/* memory: the least with which a machine comes as far as slate-boot.
 *
 * With less the kernel dies before a line of slate runs, so the boot loader's menu and
 * the script for iPXE have to say it.  */
#ifndef IMAGE_MEMORY_H
#define IMAGE_MEMORY_H

#include <stdint.h>

/* In MiB, a multiple of 4. kernel: bytes that it takes for itself (kernel_memory); 0, not
 * known, gives 0. packed, unpacked: bytes of the initramfs, which are there at the same
 * time. */
unsigned memory_floor_mib(uint64_t kernel, uint64_t packed, uint64_t unpacked);

/* The same of a machine that has images of `bytes` in memory besides. */
unsigned memory_with_images(unsigned floor_mib, uint64_t bytes);

#endif
