/* qr: what a failed boot says as a QR code on the machine's own screen.
 *
 * Whoever stands there takes it home with a telephone. A serial line gets none: its
 * text can be copied.  */
#ifndef BOOT_QR_H
#define BOOT_QR_H

#include <stddef.h>

/* The code of `text`, light on dark with its margin, as lines of UTF-8 half blocks of
 * at most `rows` and `columns`; of a text that is too long its start. The caller's to
 * free; NULL: no code fits, or memory is short. */
char *qr_draw(const char *text, size_t rows, size_t columns);

/* Shows it on the virtual terminal in front, where there is one; else does nothing. */
void qr_show(const char *text);

#endif
