#include "logline.h"

#include <stdio.h>
#include <time.h>

static struct span without_level(struct span text)
{
	if (text.len >= 3 && text.at[0] == '<' && text.at[1] >= '0' && text.at[1] <= '7' &&
	    text.at[2] == '>')
		return span_from(text, 3);
	return text;
}

static size_t put_time(char *out, int64_t time_us)
{
	time_t seconds = (time_t)(time_us / 1000000);
	struct tm tm;

	if (!gmtime_r(&seconds, &tm))
		return 0;
	return (size_t)snprintf(out, 32, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ ",
	                        tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
	                        tm.tm_min, tm.tm_sec, (int)(time_us / 1000 % 1000));
}

size_t logline_format(char *out, int64_t time_us, struct span text)
{
	static const char digits[] = "0123456789abcdef";
	size_t len = put_time(out, time_us);

	text = without_level(text);
	if (text.len && text.at[text.len - 1] == '\r')
		text.len--;
	if (text.len > LOGLINE_TEXT_MAX)
		text.len = LOGLINE_TEXT_MAX;
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		/* bytes from 0x80 on belong to UTF-8; a lone C1 control steers no
		 * terminal that expects UTF-8 */
		if ((c >= 0x20 && c != 0x7f) || c == '\t') {
			out[len++] = (char)c;
			continue;
		}
		out[len++] = '\\';
		out[len++] = 'x';
		out[len++] = digits[c >> 4];
		out[len++] = digits[c & 15];
	}
	out[len++] = '\n';
	return len;
}
