/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Writes JSON, one object or array at a time, on one line.
 */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *to;
	int comma; /* the next value needs one before it */
};

/* @name: the member's name; NULL inside an array or at the top. */
void json_open(struct json *j, const char *name, char bracket);     /* '{' or '[' */
void json_close(struct json *j, char bracket);                      /* '}' or ']' */
void json_text(struct json *j, const char *name, const char *text); /* NULL: null */
void json_count(struct json *j, const char *name, uint64_t value);
/** json_number - @digits after the point; what is not finite becomes null. */
void json_number(struct json *j, const char *name, double value, int digits);
void json_bool(struct json *j, const char *name, int value);

#endif
