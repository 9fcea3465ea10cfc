/* json: writes JSON text into a caller's stream, with commas and escapes right.
 *
 * json_object(j, "name") opens {, json_end closes whatever is open; `name` is
 * NULL inside an array and at the top. Bytes that are not UTF-8 or are control
 * characters are escaped, so that the output is always valid.  */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define JSON_DEPTH_MAX 16

struct json {
	FILE *out;                 /* borrowed */
	int depth;
	bool filled[JSON_DEPTH_MAX]; /* something stands at this depth already */
	char close[JSON_DEPTH_MAX];
};

void json_open(struct json *j, FILE *out);
void json_object(struct json *j, const char *name);
void json_array(struct json *j, const char *name);
void json_end(struct json *j); /* of the innermost object or array */
void json_text(struct json *j, const char *name, const char *value); /* NULL value: null */
void json_number(struct json *j, const char *name, int64_t value);
void json_bool(struct json *j, const char *name, bool value);

#endif
