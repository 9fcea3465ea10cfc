#include "value.h"

#include <string.h>

#include "../base/keytab.h"

/* Takes digits with at most one point off the front of *text: the whole part
 * and the fraction in 1/FRACTION. */
enum { FRACTION = 1000000 };

static bool take_decimal(struct span *text, uint64_t *whole, uint64_t *fraction)
{
	uint64_t scale = FRACTION / 10;
	size_t digits = 0, i = 0;

	*whole = *fraction = 0;
	for (; i < text->len && text->at[i] >= '0' && text->at[i] <= '9'; i++, digits++)
		if (__builtin_mul_overflow(*whole, 10u, whole) ||
		    __builtin_add_overflow(*whole, (uint64_t)(text->at[i] - '0'), whole))
			return false;
	if (i < text->len && text->at[i] == '.')
		for (i++; i < text->len && text->at[i] >= '0' && text->at[i] <= '9'; i++, digits++) {
			*fraction += (uint64_t)(text->at[i] - '0') * scale;
			scale /= 10;
		}
	*text = span_from(*text, i);
	return digits > 0;
}

/* (whole + fraction / FRACTION) * unit, added to *sum. */
static bool add_scaled(uint64_t *sum, uint64_t whole, uint64_t fraction, uint64_t unit)
{
	uint64_t product;
	uint64_t part = unit / FRACTION * fraction + unit % FRACTION * fraction / FRACTION;

	return !__builtin_mul_overflow(whole, unit, &product) &&
	       !__builtin_add_overflow(product, part, &product) &&
	       !__builtin_add_overflow(*sum, product, sum);
}

struct time_unit {
	const char *names; /* blank-separated */
	uint64_t per_second; /* how many are in a second; 0: see seconds */
	uint64_t seconds;
};

static const struct time_unit time_units[] = {
	{ "s sec second seconds", 1, 0 },
	{ "min minute minutes m", 0, 60 },
	{ "ms msec", 1000, 0 },
	{ "us usec \xc2\xb5s \xce\xbcs", 1000000, 0 },
	{ "ns nsec", 1000000000, 0 },
	{ "h hr hour hours", 0, 3600 },
	{ "d day days", 0, 86400 },
	{ "w week weeks", 0, 604800 },
	{ "M month months", 0, 2629800 },
	{ "y year years", 0, 31557600 },
};

static bool is_name(struct span word, const char *names)
{
	struct span left = span_of(names), name;

	while (span_word(&left, " ", &name))
		if (name.len == word.len && memcmp(name.at, word.at, word.len) == 0)
			return true;
	return false;
}

static bool add_time(uint64_t *sum, uint64_t whole, uint64_t fraction, struct span word,
                     uint64_t per_second)
{
	const size_t n = sizeof time_units / sizeof *time_units;

	for (const struct time_unit *u = time_units; u < time_units + n; u++) {
		if (!is_name(word, u->names))
			continue;
		if (u->seconds)
			return add_scaled(sum, whole, fraction, per_second * u->seconds);
		if (u->per_second <= per_second)
			return add_scaled(sum, whole, fraction, per_second / u->per_second);
		return !__builtin_add_overflow(*sum, whole / (u->per_second / per_second), sum);
	}
	return false;
}

bool value_time(struct span text, uint64_t per_second, uint64_t unit, uint64_t *out)
{
	uint64_t sum = 0;

	text = span_trim(text);
	if (span_is(text, "infinity")) {
		*out = UNIT_FOREVER;
		return true;
	}
	if (text.len == 0)
		return false;
	while (text.len) {
		uint64_t whole, fraction;
		size_t len = 0;

		if (!take_decimal(&text, &whole, &fraction) || span_starts(text, "."))
			return false;
		text = span_trim(text);
		while (len < text.len && !strchr("0123456789. \t", text.at[len]))
			len++;

		struct span word = { text.at, len };

		if (!(len ? add_time(&sum, whole, fraction, word, per_second)
		          : add_scaled(&sum, whole, fraction, unit)))
			return false;
		text = span_trim(span_from(text, len));
	}
	*out = sum;
	return true;
}

bool value_size(struct span text, uint64_t base, uint64_t *out)
{
	static const char suffixes[] = "BKMGTPE";
	uint64_t whole, fraction, unit = 1, sum = 0;

	text = span_trim(text);
	if (span_is(text, "infinity")) {
		*out = UNIT_FOREVER;
		return true;
	}
	if (!take_decimal(&text, &whole, &fraction))
		return false;
	text = span_trim(text);
	if (text.len == 1) {
		const char *s = text.at[0] ? strchr(suffixes, text.at[0]) : NULL;

		if (!s)
			return false;
		for (const char *p = suffixes; p < s; p++)
			unit *= base;
	} else if (text.len) {
		return false;
	}
	if (!add_scaled(&sum, whole, fraction, unit))
		return false;
	*out = sum;
	return true;
}

bool value_percent(struct span text, uint64_t max, uint64_t *out)
{
	uint64_t whole, fraction;

	text = span_trim(text);
	if (!take_decimal(&text, &whole, &fraction) || !span_is(text, "%"))
		return false;
	if (whole > max / 100 || fraction % (FRACTION / 100))
		return false;
	whole = whole * 100 + fraction / (FRACTION / 100);
	if (whole > max)
		return false;
	*out = whole;
	return true;
}

bool value_amount(struct span text, struct amount *out)
{
	struct amount amount = { AMOUNT_SHARE, 0 };

	if (!value_percent(text, 10000, &amount.value)) {
		amount.kind = AMOUNT_NUMBER;
		if (!value_size(text, 1024, &amount.value))
			return false;
	}
	*out = amount;
	return true;
}

/* systemd takes any case and the single letters t and f, too. */
bool value_bool(struct span text, bool *out)
{
	char lower[8];

	if (!span_copy(text, lower, sizeof lower))
		return false;
	for (char *p = lower; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	if (strcmp(lower, "t") == 0 || strcmp(lower, "f") == 0) {
		*out = lower[0] == 't';
		return true;
	}
	return keytab_bool(span_of(lower), out);
}

bool value_int(struct span text, int64_t min, int64_t max, int64_t *out)
{
	bool negative = text.len && text.at[0] == '-';
	uint64_t n;

	if (text.len && (text.at[0] == '-' || text.at[0] == '+'))
		text = span_from(text, 1);
	if (!span_uint(text, INT64_MAX, &n))
		return false;

	int64_t value = negative ? -(int64_t)n : (int64_t)n;

	if (value < min || value > max)
		return false;
	*out = value;
	return true;
}

bool value_mode(struct span text, uint32_t *out)
{
	uint32_t mode = 0;

	if (text.len == 0 || text.len > 8)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '7')
			return false;
		mode = mode * 8 + (uint32_t)(text.at[i] - '0');
	}
	if (mode > 07777)
		return false;
	*out = mode;
	return true;
}

static void set_cpu(struct exec_cpus *set, uint64_t cpu)
{
	set->bits[cpu / 64] |= UINT64_C(1) << (cpu % 64);
}

bool value_cpus(struct span text, struct exec_cpus *out)
{
	struct exec_cpus set = { 0 };
	struct span word, first, last;

	while (span_word(&text, " \t,", &word)) {
		uint64_t from, to;

		span_cut(word, '-', &first, &last);
		if (!span_uint(first, EXEC_CPUS_MAX - 1, &from))
			return false;
		to = from;
		if (last.at && (!span_uint(last, EXEC_CPUS_MAX - 1, &to) || to < from))
			return false;
		for (uint64_t cpu = from; cpu <= to; cpu++)
			set_cpu(&set, cpu);
	}
	*out = set;
	return true;
}
