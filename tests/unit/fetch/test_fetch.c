/* header, blocks, get: which header fields count, and which parts of a file that
 * came damaged are got again. */
#include "../../../overlay/trust/blocks.h"
#include "../../../init/fetch/get.h"
#include "../../../init/fetch/header.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static struct header read_header(const char *text)
{
	struct span rest = span_of(text), line;
	struct header h;

	header_clear(&h);
	while (span_line(&rest, &line))
		header_line(&h, line);
	return h;
}

static void the_fields_of_an_answer_are_read(void **state)
{
	struct header h = read_header("HTTP/1.1 206 Partial Content\r\nETag: \"a-1\"\r\n"
	                              "content-length:  50\r\nContent-Range: bytes 100-149/1000\r\n"
	                              "Last-Modified: Fri, 27 Nov 2026 07:00:00 GMT\r\n\r\n");

	(void)state;
	assert_int_equal(h.status, 206);
	assert_int_equal(h.length, 50);
	assert_int_equal(h.start, 100);
	assert_int_equal(h.whole, 1000);
	assert_string_equal(header_validator(&h), "\"a-1\"");
}

static void a_weak_etag_is_no_proof_and_the_date_is(void **state)
{
	struct header h = read_header("HTTP/1.1 200 OK\nETag: W/\"x\"\nLast-Modified: Fri\n");

	(void)state;
	assert_string_equal(header_validator(&h), "Fri");
	h = read_header("HTTP/1.1 200 OK\nETag: W/\"x\"\n");
	assert_string_equal(h.etag, "W/\"x\"");
	assert_null(header_validator(&h));
}

static void what_is_not_of_the_form_does_not_count(void **state)
{
	struct header h = read_header("HTTP/1.1 200 OK\nETag: bare\nContent-Length: 1x\n"
	                              "Content-Range: bytes */1000\nContent-Range: lines 1-2/3\n"
	                              "Last-Modified: \x01\n");

	(void)state;
	assert_string_equal(h.etag, "");
	assert_true(h.length == HEADER_UNKNOWN && h.start == HEADER_UNKNOWN && h.whole == 1000);
	assert_null(header_validator(&h));
	h = read_header("HTTP/1.1 200 OK\nETag: \"a\"b\"\nContent-Range: bytes 9-3/10\n");
	assert_string_equal(h.etag, "");
	assert_true(h.start == HEADER_UNKNOWN);
}

static void a_redirection_leaves_nothing_behind(void **state)
{
	struct header h = read_header("HTTP/1.1 302 Found\nETag: \"old\"\nContent-Length: 9\n\n"
	                              "HTTP/1.1 200 OK\n");

	(void)state;
	assert_int_equal(h.status, 200);
	assert_string_equal(h.etag, "");
	assert_true(h.length == HEADER_UNKNOWN);
}

static void pauses_grow_to_a_minute(void **state)
{
	(void)state;
	assert_int_equal(fetcher_pause_s(0), 1);
	assert_int_equal(fetcher_pause_s(3), 8);
	assert_int_equal(fetcher_pause_s(6), 60);
	assert_int_equal(fetcher_pause_s(1000), 60);
}

enum { BLOCK = 512, DATA = 40, EACH = BLOCK / VERITY_DIGEST };

/* Forty blocks of data; level 0 has three hash blocks, level 1 the one at the top. */
struct file {
	struct verity v;
	uint8_t bytes[(DATA + 4) * BLOCK];
	int fd;
};

static void make_tree(struct file *f)
{
	uint8_t *top = f->bytes + DATA * BLOCK, *low = top + BLOCK;

	f->v = (struct verity){ .data_size = DATA * BLOCK, .data_block = BLOCK,
		                .hash_block = BLOCK, .hash_offset = DATA * BLOCK,
		                .salt = { 7 }, .salt_len = 1 };
	for (size_t i = 0; i < DATA * BLOCK; i++)
		f->bytes[i] = (uint8_t)(i * 31 + i / 509);
	for (size_t i = 0; i < DATA; i++)
		verity_digest(&f->v, f->bytes + i * BLOCK, low + i * VERITY_DIGEST);
	for (size_t i = 0; i < 3; i++)
		verity_digest(&f->v, low + i * BLOCK, top + i * VERITY_DIGEST);
	verity_digest(&f->v, top, f->v.root);
	f->fd = memfd_create("file", MFD_CLOEXEC);
	assert_int_equal(verity_tree_size(&f->v), 4 * BLOCK);
}

/* As it arrives: in pieces that end nowhere in particular. */
static void arrive(struct file *f, struct blocks *b)
{
	struct err e;

	assert_int_equal(pwrite(f->fd, f->bytes, sizeof f->bytes, 0), sizeof f->bytes);
	assert_int_equal(blocks_open(b, &f->v, &e), 0);
	for (size_t at = 0; at < sizeof f->bytes; at += 333)
		blocks_add(b, f->bytes + at, at + 333 < sizeof f->bytes ? 333 : sizeof f->bytes - at);
}

static void what_arrived_damaged_is_found(void **state)
{
	static struct file f;
	static struct range ranges[BLOCKS_RANGES_MAX];
	struct blocks b;
	struct err e;

	(void)state;
	make_tree(&f);
	arrive(&f, &b);
	assert_int_equal(blocks_find_bad(&b, f.fd, ranges, &e), 0);
	blocks_close(&b);

	/* two blocks side by side, and the last one */
	f.bytes[5 * BLOCK] ^= 1;
	f.bytes[7 * BLOCK - 1] ^= 1;
	f.bytes[DATA * BLOCK - 1] ^= 0x80;
	arrive(&f, &b);
	assert_int_equal(blocks_find_bad(&b, f.fd, ranges, &e), 2);
	assert_true(ranges[0].at == 5 * BLOCK && ranges[0].size == 2 * BLOCK);
	assert_true(ranges[1].at == (DATA - 1) * BLOCK && ranges[1].size == BLOCK);

	/* got again */
	f.bytes[5 * BLOCK] ^= 1;
	f.bytes[7 * BLOCK - 1] ^= 1;
	f.bytes[DATA * BLOCK - 1] ^= 0x80;
	assert_int_equal(pwrite(f.fd, f.bytes, sizeof f.bytes, 0), sizeof f.bytes);
	assert_int_equal(blocks_reread(&b, f.fd, &ranges[0], &e), 0);
	assert_int_equal(blocks_find_bad(&b, f.fd, ranges, &e), 1);
	assert_int_equal(blocks_reread(&b, f.fd, &ranges[0], &e), 0);
	assert_int_equal(blocks_find_bad(&b, f.fd, ranges, &e), 0);
	blocks_close(&b);
	close(f.fd);
}

static void of_a_damaged_tree_the_tree_comes_first(void **state)
{
	static struct file f;
	static struct range ranges[BLOCKS_RANGES_MAX];
	struct blocks b;
	struct err e;

	(void)state;
	make_tree(&f);
	f.bytes[0] ^= 1;
	f.bytes[(DATA + 2) * BLOCK] ^= 1; /* of level 0 */
	arrive(&f, &b);
	assert_int_equal(blocks_find_bad(&b, f.fd, ranges, &e), 1);
	assert_true(ranges[0].at == (DATA + 2) * BLOCK && ranges[0].size == BLOCK);
	blocks_close(&b);
	f.bytes[DATA * BLOCK] ^= 1; /* the top */
	arrive(&f, &b);
	assert_int_equal(blocks_find_bad(&b, f.fd, ranges, &e), 1);
	assert_true(ranges[0].at == DATA * BLOCK);
	blocks_close(&b);
	close(f.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_fields_of_an_answer_are_read),
		cmocka_unit_test(a_weak_etag_is_no_proof_and_the_date_is),
		cmocka_unit_test(what_is_not_of_the_form_does_not_count),
		cmocka_unit_test(a_redirection_leaves_nothing_behind),
		cmocka_unit_test(pauses_grow_to_a_minute),
		cmocka_unit_test(what_arrived_damaged_is_found),
		cmocka_unit_test(of_a_damaged_tree_the_tree_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
