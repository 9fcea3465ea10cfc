#include "goneback.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In front of the text; the last is an answer's end. */
enum { BACK = '+', FAILED = '-', END = '.' };

static bool write_texts(FILE *f, const struct names *changed, const char *title, const char *why)
{
	bool good = fprintf(f, "%c%s", title ? BACK : FAILED, title ? title : why) > 0 &&
	            putc('\0', f) != EOF;

	for (size_t i = 0; i < changed->n && good; i++)
		good = fputs(changed->at[i], f) != EOF && putc('\0', f) != EOF;
	return good && putc(END, f) != EOF;
}

int goneback_write(const char *path, const struct names *changed, const char *title,
                   const char *why, struct err *e)
{
	FILE *f = fopen(path, "we");
	bool good = f && write_texts(f, changed, title, why);

	if (f && fclose(f) == EOF)
		good = false;
	return good ? 0 : err_sys(e, "write %s", path);
}

static int read_texts(FILE *f, struct names *changed, struct err *e)
{
	char *text = NULL;
	size_t size = 0;
	ssize_t len;
	int result = 0, ended = 0;

	while (result == 0 && (len = getdelim(&text, &size, '\0', f)) > 0) {
		ended = len == 1 && text[0] == END;
		if (!ended && text[len - 1] == '\0')
			result = names_add_span(changed, (struct span){ text, (size_t)len - 1 }, e);
	}
	free(text);
	if (result == 0 && !ended)
		return err_say(e, "it was ended before it was done");
	return result;
}

int goneback_read(const char *path, struct names *changed, char *title, size_t size,
                  struct err *e)
{
	FILE *f = fopen(path, "re");
	char *first = NULL;
	size_t room = 0;
	ssize_t len = f ? getdelim(&first, &room, '\0', f) : -1;
	int result = -1;

	if (!f)
		err_sys(e, "open %s", path);
	else if (len < 3 || (first[0] != BACK && first[0] != FAILED) || first[len - 1] != '\0')
		err_say(e, "it was ended before it was done");
	else
		result = read_texts(f, changed, e);
	if (result == 0 && first[0] == FAILED)
		err_say(e, "%s", first + 1);
	else if (result == 0)
		result = snprintf(title, size, "%s", first + 1) >= 0;
	free(first);
	if (f)
		fclose(f);
	return result;
}
