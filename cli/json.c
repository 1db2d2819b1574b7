/* SPDX-License-Identifier: BSD-2-Clause
 *
 * JSON output (RFC 8259). Bytes that are not UTF-8 would make the text invalid, so everything
 * above 0x7f is written as the code point of the same number: lossless for names and paths.
 */
#include "json.h"

#include <inttypes.h>
#include <math.h>

static void put_text(struct json *j, const char *text)
{
	putc('"', j->to);
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (*p == '"' || *p == '\\')
			fprintf(j->to, "\\%c", *p);
		else if (*p < 0x20 || *p >= 0x7f)
			fprintf(j->to, "\\u%04x", *p);
		else
			putc(*p, j->to);
	}
	putc('"', j->to);
}

static void begin(struct json *j, const char *name)
{
	if (j->comma)
		putc(',', j->to);
	j->comma = 1;
	if (name) {
		put_text(j, name);
		putc(':', j->to);
	}
}

void json_open(struct json *j, const char *name, char bracket)
{
	begin(j, name);
	putc(bracket, j->to);
	j->comma = 0;
}

void json_close(struct json *j, char bracket)
{
	putc(bracket, j->to);
	j->comma = 1;
}

void json_text(struct json *j, const char *name, const char *text)
{
	begin(j, name);
	if (text)
		put_text(j, text);
	else
		fputs("null", j->to);
}

void json_count(struct json *j, const char *name, uint64_t value)
{
	begin(j, name);
	fprintf(j->to, "%" PRIu64, value);
}

void json_number(struct json *j, const char *name, double value, int digits)
{
	begin(j, name);
	if (isfinite(value))
		fprintf(j->to, "%.*f", digits, value);
	else
		fputs("null", j->to);
}

void json_bool(struct json *j, const char *name, int value)
{
	begin(j, name);
	fputs(value ? "true" : "false", j->to);
}
