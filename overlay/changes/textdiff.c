#include "textdiff.h"

#include <stdlib.h>
#include <string.h>

enum { CONTEXT = 3, EDITS_MAX = 1000 };

struct lines {
	struct span *at; /* owned; each with its newline, if it has one */
	size_t n;
};

struct diff {
	struct lines old, new;
	bool *gone, *come; /* owned: of each line of old and of new */
	FILE *out;
	bool clean;
};

bool textdiff_is_binary(struct span text)
{
	return text.len && memchr(text.at, '\0', text.len);
}

static int split(struct span text, struct lines *l, struct err *e)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += text.at[i] == '\n' || i + 1 == text.len;
	l->at = calloc(n + 1, sizeof *l->at);
	if (!l->at)
		return err_sys(e, "lines of a text");
	while (text.len) {
		const char *end = memchr(text.at, '\n', text.len);
		size_t len = end ? (size_t)(end - text.at) + 1 : text.len;

		l->at[l->n++] = (struct span){ text.at, len };
		text = span_from(text, len);
	}
	return 0;
}

static bool same(struct span a, struct span b)
{
	return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

/* --- Which lines --- */

/* What is left between the lines that both texts begin and end with. */
struct middle {
	size_t from, old_n, new_n;
};

static struct middle find_middle(const struct diff *d)
{
	size_t least = d->old.n < d->new.n ? d->old.n : d->new.n, from = 0, end = 0;

	while (from < least && same(d->old.at[from], d->new.at[from]))
		from++;
	while (end < least - from &&
	       same(d->old.at[d->old.n - 1 - end], d->new.at[d->new.n - 1 - end]))
		end++;
	return (struct middle){ from, d->old.n - from - end, d->new.n - from - end };
}

/* The furthest line of the old text on each diagonal k (old line - new line), after d
 * edits; row d holds k = -d, -d + 2 … d. */
struct reach {
	long *row[EDITS_MAX + 1]; /* owned */
	long rows;
};

static long reach_of(const struct reach *r, long d, long k)
{
	return k < -d || k > d ? -1 : r->row[d][(k + d) / 2];
}

/* Whether edit d on diagonal k is a line that comes (a step down from k + 1). */
static bool is_down(const struct reach *r, long d, long k)
{
	return k == -d || (k != d && reach_of(r, d - 1, k - 1) < reach_of(r, d - 1, k + 1));
}

static long slide(const struct diff *d, const struct middle *m, long x, long k)
{
	while (x < (long)m->old_n && x - k < (long)m->new_n &&
	       same(d->old.at[m->from + (size_t)x], d->new.at[m->from + (size_t)(x - k)]))
		x++;
	return x;
}

/* 1: the end is reached after r->rows - 1 edits; 0: it takes too many; -1: no memory. */
static int search(const struct diff *d, const struct middle *m, struct reach *r)
{
	for (long edits = 0; edits <= EDITS_MAX; edits++) {
		r->row[edits] = malloc((size_t)(edits + 1) * sizeof(long));
		if (!r->row[edits])
			return -1;
		r->rows = edits + 1;
		for (long k = -edits; k <= edits; k += 2) {
			long x = edits == 0 ? 0
			         : is_down(r, edits, k) ? reach_of(r, edits - 1, k + 1)
			                                : reach_of(r, edits - 1, k - 1) + 1;

			x = slide(d, m, x, k);
			r->row[edits][(k + edits) / 2] = x;
			if (x >= (long)m->old_n && x - k >= (long)m->new_n)
				return 1;
		}
	}
	return 0;
}

/* Back from the end, an edit at a time. */
static void mark(struct diff *d, const struct middle *m, const struct reach *r)
{
	long k = (long)m->old_n - (long)m->new_n;

	for (long edits = r->rows - 1; edits > 0; edits--) {
		if (is_down(r, edits, k)) {
			k++;
			d->come[m->from + (size_t)(reach_of(r, edits - 1, k) - k)] = true;
		} else {
			k--;
			d->gone[m->from + (size_t)reach_of(r, edits - 1, k)] = true;
		}
	}
}

static void mark_all(struct diff *d, const struct middle *m)
{
	memset(d->gone + m->from, true, m->old_n);
	memset(d->come + m->from, true, m->new_n);
}

static int find_edits(struct diff *d, struct err *e)
{
	const struct middle m = find_middle(d);
	struct reach *r = calloc(1, sizeof *r);
	int found = r ? search(d, &m, r) : -1;

	if (found > 0)
		mark(d, &m, r);
	else if (found == 0)
		mark_all(d, &m);
	for (long i = 0; r && i < r->rows; i++)
		free(r->row[i]);
	free(r);
	return found < 0 ? err_sys(e, "compare texts") : 0;
}

/* --- Printing --- */

static void print_line(const struct diff *d, char kind, struct span line)
{
	bool ended = span_ends(line, "\n");

	putc(kind, d->out);
	for (size_t i = 0; i < line.len - ended; i++) {
		unsigned char c = (unsigned char)line.at[i];

		putc(d->clean && ((c < ' ' && c != '\t') || c == 0x7f) ? '?' : c, d->out);
	}
	fputs(ended ? "\n" : "\n\\ No newline at end of file\n", d->out);
}

/* Where both texts are at the same time. */
struct at {
	size_t old, new;
};

static bool is_edit(const struct diff *d, struct at at)
{
	return (at.old < d->old.n && d->gone[at.old]) || (at.new < d->new.n && d->come[at.new]);
}

static bool is_end(const struct diff *d, struct at at)
{
	return at.old == d->old.n && at.new == d->new.n;
}

static struct at next(const struct diff *d, struct at at)
{
	if (at.old < d->old.n && d->gone[at.old])
		at.old++;
	else if (at.new < d->new.n && d->come[at.new])
		at.new++;
	else
		at = (struct at){ at.old + 1, at.new + 1 };
	return at;
}

/* The end of a hunk that begins at `at`: as far as no more than twice the context lies
 * between two edits. */
static struct at hunk_end(const struct diff *d, struct at at)
{
	struct at end = at;
	size_t equal = 0;

	for (; !is_end(d, at) && equal <= 2 * CONTEXT; at = next(d, at)) {
		equal = is_edit(d, at) ? 0 : equal + 1;
		if (equal <= CONTEXT)
			end = next(d, at);
	}
	return end;
}

static void print_range(const struct diff *d, char sign, size_t from, size_t n)
{
	fprintf(d->out, "%c%zu", sign, n ? from + 1 : from);
	if (n != 1)
		fprintf(d->out, ",%zu", n);
}

static void print_hunk(const struct diff *d, struct at at, struct at end)
{
	fputs("@@ ", d->out);
	print_range(d, '-', at.old, end.old - at.old);
	putc(' ', d->out);
	print_range(d, '+', at.new, end.new - at.new);
	fputs(" @@\n", d->out);
	while (at.old < end.old || at.new < end.new) {
		if (at.old < d->old.n && d->gone[at.old])
			print_line(d, '-', d->old.at[at.old]);
		else if (at.new < d->new.n && d->come[at.new])
			print_line(d, '+', d->new.at[at.new]);
		else
			print_line(d, ' ', d->old.at[at.old]);
		at = next(d, at);
	}
}

static void print_hunks(const struct diff *d)
{
	struct at at = { 0, 0 };
	size_t equal = 0; /* lines of context that may come before a hunk */

	while (!is_end(d, at)) {
		if (!is_edit(d, at)) {
			equal += equal < CONTEXT;
			at = next(d, at);
			continue;
		}

		struct at end = hunk_end(d, at);

		print_hunk(d, (struct at){ at.old - equal, at.new - equal }, end);
		at = end;
		equal = 0;
	}
}

int textdiff(struct span old, struct span new, FILE *out, bool clean, struct err *e)
{
	struct diff d = { .out = out, .clean = clean };
	int result = -1;

	if (split(old, &d.old, e) == 0 && split(new, &d.new, e) == 0) {
		d.gone = calloc(d.old.n + 1, 1);
		d.come = calloc(d.new.n + 1, 1);
		result = d.gone && d.come ? find_edits(&d, e) : err_sys(e, "compare texts");
	}
	if (result == 0)
		print_hunks(&d);
	free(d.old.at);
	free(d.new.at);
	free(d.gone);
	free(d.come);
	return result;
}
