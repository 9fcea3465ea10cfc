/* Any bytes as the first sector of a slot, with and without a checksum that is
 * right, and as a slot's name. What is accepted encodes to the same bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "../../overlay/slot/slot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_sector(const uint8_t *sector, size_t len)
{
	struct slot_record record;
	struct err e = { 0 };
	uint8_t again[SLOT_HEADER];
	int found = slot_decode(sector, len, 1 << 20, &record, &e);

	if (found < 0 && !e.text[0])
		abort();
	if (found != 1)
		return;
	if (record.sequence == 0 || record.payload > (1 << 20) - SLOT_HEADER)
		abort();
	slot_encode(&record, again);
	if (memcmp(sector, again, SLOT_HEADER) != 0)
		abort();
}

static void check_name(const uint8_t *data, size_t size)
{
	char name[64];
	size_t len = size < sizeof name ? size : sizeof name - 1;

	memcpy(name, data, len);
	name[len] = '\0';
	if (slot_number(name) < -1 || slot_number(name) > 9999)
		abort();
}

/* A payload is what its digest says, and no other byte of it or of the header passes. */
static void check_payload(const uint8_t *data, size_t size)
{
	struct slot_record record = { .sequence = 1 + size, .payload = size, .members = data[0] };
	crypto_generichash_state state;
	struct err e = { 0 };
	int fd = memfd_create("slot", 0);

	slot_digest_start(&state);
	crypto_generichash_update(&state, data, size);
	slot_digest_end(&state, &record, record.digest);
	if (fd < 0 || pwrite(fd, data, size, SLOT_HEADER) != (ssize_t)size ||
	    slot_verify(fd, &record, &e) < 0)
		abort();
	record.members++;
	if (slot_verify(fd, &record, &e) == 0)
		abort();
	record.members--;
	record.payload++;
	if (slot_verify(fd, &record, &e) == 0)
		abort();
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t sector[SLOT_HEADER] = { 0 };
	uint32_t sum;

	check_sector(data, size);
	check_name(data, size);
	if (size > 0 && size < 64 && data[0] == 'p')
		check_payload(data, size);
	memcpy(sector, data, size < sizeof sector ? size : sizeof sector);
	sum = (uint32_t)crc32(0, sector, 508);
	for (int i = 0; i < 4; i++)
		sector[508 + i] = (uint8_t)(sum >> (8 * i));
	check_sector(sector, sizeof sector);
	return 0;
}
