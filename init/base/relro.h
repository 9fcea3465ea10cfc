/* relro: makes the relocated data of this program read-only.
 *
 * musl does not apply PT_GNU_RELRO to a static-pie program: its pages would stay
 * writable for the whole run. Called first in every main; does nothing where
 * the C library has done it already.  */
#ifndef BASE_RELRO_H
#define BASE_RELRO_H

/* A failure is ignored: the program works all the same. */
void relro_apply(void);

#endif
