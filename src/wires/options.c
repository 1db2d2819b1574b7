/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Parser of wires' options (wires/options.h).
 */
#include "wires/options.h"

#include "base/errno.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int parse_number(const char *s, const char **end, uint64_t *value)
{
	static const char suffixes[] = "kMG";
	uint64_t v = 0;
	const char *p, *suffix;

	for (p = s; *p >= '0' && *p <= '9'; p++) {
		if (v > (UINT64_MAX / 2 - 9) / 10)
			return -EINVAL;
		v = v * 10 + (uint64_t)(*p - '0');
	}
	if (p == s)
		return -EINVAL;
	suffix = *p ? strchr(suffixes, *p) : NULL;
	for (long i = suffix ? suffix - suffixes : -1; i >= 0; i--) {
		if (v > UINT64_MAX / 2 / 1000)
			return -EINVAL;
		v *= 1000;
	}
	*end = p + (suffix ? 1 : 0);
	*value = v;
	return 0;
}

int option_number(const struct wire_option *o, const char *value)
{
	const char *end;
	uint64_t v;

	if (parse_number(value, &end, &v) || *end || v < o->min || v > o->max)
		return -EINVAL;
	*(uint64_t *)o->to = v;
	return 0;
}

int option_string(const struct wire_option *o, const char *value)
{
	char **to = o->to;

	free(*to); /* given twice: the last counts */
	*to = *value ? strdup(value) : NULL;
	return *to ? 0 : -EINVAL;
}

int option_mac(const struct wire_option *o, const char *value)
{
	uint8_t mac[6];
	int n = 0;

	if (sscanf(value, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &mac[0], &mac[1], &mac[2],
		   &mac[3], &mac[4], &mac[5], &n) != 6 ||
	    value[n])
		return -EINVAL;
	memcpy(o->to, mac, 6);
	return 0;
}

/* Cut the first option off: comma-terminated, two commas are one in the value. */
static char *cut(char **text)
{
	char *option = *text, *from = option, *to = option;

	while (*from && (*from != ',' || from[1] == ',')) {
		if (*from == ',')
			from++;
		*to++ = *from++;
	}
	*text = *from ? from + 1 : from;
	*to = 0;
	return option;
}

static void log_unknown(const char *wire, const char *key, const struct wire_option *known,
			unsigned n)
{
	char list[256] = "";
	size_t used = 0;

	for (unsigned i = 0; i < n && used < sizeof(list); i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", i ? ", " : "",
					 known[i].key);
	log_error("wire %s: unknown option '%s'; known: %s", wire, key, list);
}

static int parse_one(const char *wire, char *option, const struct wire_option *known, unsigned n)
{
	char *value = strchr(option, '=');

	if (value)
		*value++ = 0;
	for (unsigned i = 0; i < n; i++) {
		const struct wire_option *o = &known[i];

		if (strcmp(o->key, option))
			continue;
		if (o->parse ? value && !o->parse(o, value) : !value) {
			if (!o->parse)
				*(int *)o->to = 1;
			return 0;
		}
		if (o->parse)
			log_error("wire %s: %s=%s: want %s=%s", wire, option, value ? value : "",
				  option, o->want);
		else
			log_error("wire %s: %s=%s: %s takes no value", wire, option, value, option);
		return -EINVAL;
	}
	log_unknown(wire, option, known, n);
	return -EINVAL;
}

int options_parse(const char *wire, const char *text, const struct wire_option *known, unsigned n)
{
	char *copy = strdup(text), *rest = copy;
	int count = 0;

	if (!copy)
		return -ENOMEM;
	while (*rest && count >= 0) {
		int err = parse_one(wire, cut(&rest), known, n);

		count = err ? err : count + 1;
	}
	free(copy);
	return count;
}
