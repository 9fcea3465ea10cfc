#include "sealedfile.h"

#include <stdlib.h>
#include <unistd.h>

#include "../../init/base/fd.h"

struct output {
	int fd;
	uint64_t payload; /* bytes */
	crypto_generichash_state state;
	struct cryptout crypt;
};

static int to_file(void *output, const void *bytes, size_t len, struct err *e)
{
	struct output *o = output;

	if (fd_write_full(o->fd, bytes, len) < 0)
		return err_sys(e, "write the archive");
	crypto_generichash_update(&o->state, bytes, len);
	o->payload += len;
	return 0;
}

static int fill(struct output *o, const struct pack_source *source, const struct sealing *sealing,
                uint64_t sequence, struct pack_result *packed, struct err *e)
{
	if (!sealing->crypt.kind)
		return pack(source, false, to_file, o, packed, e);
	if (cryptout_start(&o->crypt, sealing->key, sequence, to_file, o, e) < 0 ||
	    pack(source, false, cryptout_write, &o->crypt, packed, e) < 0)
		return -1;
	return cryptout_finish(&o->crypt, e);
}

static int write_header(int fd, const struct slot_record *record, struct err *e)
{
	uint8_t sector[SLOT_HEADER];

	slot_encode(record, sector);
	return pwrite(fd, sector, sizeof sector, 0) != SLOT_HEADER ? err_sys(e, "write the archive")
	                                                           : 0;
}

static int write_all(struct output *o, const struct pack_source *source,
                     const struct sealing *sealing, struct slot_record *record,
                     struct pack_result *packed, struct err *e)
{
	record->crypt = sealing->crypt;
	slot_digest_start(&o->state);
	if (lseek(o->fd, SLOT_HEADER, SEEK_SET) < 0)
		return err_sys(e, "write the archive");
	if (fill(o, source, sealing, record->sequence, packed, e) < 0)
		return -1;
	record->payload = o->payload;
	record->size = packed->size;
	record->members = packed->members;
	slot_digest_end(&o->state, record, record->digest);
	if (sealing->signs)
		signer_sign(&sealing->signer, record);
	return write_header(o->fd, record, e);
}

int sealedfile_write(int fd, const struct pack_source *source, const struct sealing *sealing,
                     struct slot_record *record, struct pack_result *packed, struct err *e)
{
	struct output *o = calloc(1, sizeof *o);
	int result;

	if (!o)
		return err_sys(e, "archive");
	o->fd = fd;
	result = write_all(o, source, sealing, record, packed, e);
	cryptout_wipe(&o->crypt);
	free(o);
	return result;
}
