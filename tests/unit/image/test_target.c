/* target: which disks people plug in. */
#include "../../../image/target.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define PCI "/sys/devices/pci0000:00/0000:00:14.0"

static const struct {
	const char *folder;
	bool removable, pluggable;
} disks[] = {
	{ PCI "/usb2/2-1/2-1:1.0/host4/target4:0:0/4:0:0:0/block/sdb", true, true },
	{ PCI "/usb2/2-1/2-1:1.0/host4/target4:0:0/4:0:0:0/block/sdb", false, true },
	{ PCI "/mmc_host/mmc0/mmc0:0001/block/mmcblk0", false, true },
	{ "/sys/devices/virtual/block/loop3", false, true },
	{ PCI "/ata1/host0/target0:0:0/0:0:0:0/block/sda", false, false },
	{ PCI "/ata2/host1/target1:0:0/1:0:0:0/block/sr0", true, true },
	{ PCI "/nvme/nvme0/nvme0n1", false, false },
	{ PCI "/virtio2/block/vda", false, false },
	{ "/sys/devices/virtual/block/dm-0", false, false },
};

static void a_disk_inside_the_machine_is_not_pluggable(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof disks / sizeof *disks; i++)
		if (target_is_pluggable(disks[i].folder, disks[i].removable) != disks[i].pluggable)
			fail_msg("%s", disks[i].folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_disk_inside_the_machine_is_not_pluggable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
