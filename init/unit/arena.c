#include "arena.h"

#include <stdalign.h>
#include <string.h>
#include <sys/mman.h>

/* The last ARENA_PIECE_MAX bytes are never given out but when the arena is full. */
int arena_open(struct arena *a, size_t size, bool shared, struct err *e)
{
	int flags = MAP_ANONYMOUS | MAP_NORESERVE | (shared ? MAP_SHARED : MAP_PRIVATE);
	size_t whole = size + ARENA_PIECE_MAX;
	void *at = mmap(NULL, whole, PROT_READ | PROT_WRITE, flags, -1, 0);

	if (at == MAP_FAILED)
		return err_sys(e, "reserve %zu bytes", whole);
	*a = (struct arena){ .at = at, .size = size };
	return 0;
}

void arena_close(struct arena *a)
{
	if (a->at)
		munmap(a->at, a->size + ARENA_PIECE_MAX);
	*a = (struct arena){ 0 };
}

static void *spare(struct arena *a)
{
	a->full = true;
	memset(a->at + a->size, 0, ARENA_PIECE_MAX);
	return a->at + a->size;
}

static void *take(struct arena *a, size_t bytes, size_t align)
{
	size_t from = (a->used + align - 1) / align * align;

	if (bytes > ARENA_PIECE_MAX || from > a->size || bytes > a->size - from)
		return spare(a);
	a->used = from + bytes;
	return a->at + from;
}

void *arena_take(struct arena *a, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return spare(a);
	return take(a, bytes, alignof(max_align_t) > 8 ? 8 : alignof(max_align_t));
}

char *arena_copy(struct arena *a, struct span text)
{
	size_t len = text.len < ARENA_PIECE_MAX ? text.len : ARENA_PIECE_MAX - 1;
	char *copy = take(a, len + 1, 1);

	if (len)
		memcpy(copy, text.at, len);
	copy[len] = '\0';
	return copy;
}

char *arena_text(struct arena *a, const char *text)
{
	return arena_copy(a, span_of(text));
}

void *arena_grow(struct arena *a, const void *from, size_t old, size_t n, size_t size)
{
	void *new = arena_take(a, n, size);

	if (old && !a->full)
		memcpy(new, from, old * size);
	return new;
}

void arena_rewind(struct arena *a, size_t mark)
{
	if (mark >= a->used)
		return;
	memset(a->at + mark, 0, a->used - mark);
	a->used = mark;
	a->full = false;
}
