#include "qr.h"

#include <fcntl.h>
#include <qrencode.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../base/fd.h"

enum {
	MARGIN = 2,      /* modules around it; four by the book, two do on a dark screen's edge */
	TEXT_MAX = 520,  /* bytes: a code of version 15, which a telephone still reads with ease */
	LINES_BELOW = 5, /* for what is said after it */
	HALF_BLOCK = 3,  /* bytes of one in UTF-8 */
};

/* Outside of the code all is light. */
static bool is_light(const QRcode *code, int x, int y)
{
	if (x < 0 || y < 0 || x >= code->width || y >= code->width)
		return true;
	return (code->data[y * code->width + x] & 1) == 0;
}

static const char *half_block(bool upper, bool lower)
{
	return upper ? lower ? "█" : "▀" : lower ? "▄" : " ";
}

/* Two rows of modules are a line. */
static char *lines_of(const QRcode *code)
{
	const int from = -MARGIN, to = code->width + MARGIN;
	const size_t side = (size_t)(to - from);
	char *out = malloc((side * HALF_BLOCK + 1) * (side / 2 + 1) + 1), *at = out;

	if (!out)
		return NULL;
	for (int y = from; y < to; y += 2) {
		for (int x = from; x < to; x++)
			at = stpcpy(at, half_block(is_light(code, x, y),
			                           y + 1 < to && is_light(code, x, y + 1)));
		*at++ = '\n';
	}
	*at = '\0';
	return out;
}

/* ISO/IEC 18004, table 7: bytes that versions 1 to 15 hold at error correction level L. */
static const size_t capacity[] = { 17,  32,  53,  78,  106, 134, 154, 192,
	                           230, 271, 321, 367, 425, 458, 520 };

/* Bytes that a code of at most `side` modules holds; 0: there is none so small. */
static size_t room(size_t side)
{
	const size_t versions = sizeof capacity / sizeof *capacity;
	size_t version = side < 21 ? 0 : (side - 17) / 4;

	return version ? capacity[(version < versions ? version : versions) - 1] : 0;
}

/* The length of `text` cut to at most `most` bytes, between two characters. */
static size_t cut(const char *text, size_t most)
{
	size_t len = strnlen(text, most + 1);

	if (len <= most)
		return len;
	for (len = most; len > 0 && ((uint8_t)text[len] & 0xC0) == 0x80; len--)
		;
	return len;
}

char *qr_draw(const char *text, size_t rows, size_t columns)
{
	const size_t side = rows * 2 < columns ? rows * 2 : columns;
	size_t len = side > 2 * MARGIN ? cut(text, room(side - 2 * MARGIN)) : 0;
	char part[TEXT_MAX + 1], *out;

	if (len == 0)
		return NULL;
	memcpy(part, text, len);
	part[len] = '\0';

	QRcode *code = QRcode_encodeString8bit(part, 0, QR_ECLEVEL_L);

	out = code ? lines_of(code) : NULL;
	QRcode_free(code);
	return out;
}

void qr_show(const char *text)
{
	FD_AUTO screen = open("/dev/tty0", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	struct winsize size;

	if (screen < 0 || ioctl(screen, TIOCGWINSZ, &size) < 0 || size.ws_row <= LINES_BELOW)
		return;

	char *code = qr_draw(text, size.ws_row - (size_t)LINES_BELOW, size.ws_col);

	if (code)
		fd_write_full(screen, code, strlen(code));
	free(code);
}
