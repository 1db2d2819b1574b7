/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Options of wires: `key=value,flag,key=value`. A comma inside a value is written twice.
 */
#ifndef WIRES_OPTIONS_H
#define WIRES_OPTIONS_H

#include <stdint.h>

struct wire_option {
	const char *key;
	/* 0 or -EINVAL, nothing logged. NULL: a flag, then @to is an int that becomes 1. */
	int (*parse)(const struct wire_option *o, const char *value);
	void *to;
	const char *want;  /* for the message: "a number from 1 to 9" */
	uint64_t min, max; /* of numbers */
};

/**
 * options_parse - read @text into what @known points to.
 * @wire: for messages: "gen". Strings (option_string) are freed by the caller, also on failure.
 * Return: how many options there were, or -EINVAL (logged), -ENOMEM.
 */
int options_parse(const char *wire, const char *text, const struct wire_option *known, unsigned n);

/* Values: @to is a char *, allocated; a uint64_t, `10k`, `5M`, `2G` allowed; a uint8_t[6]. */
int option_string(const struct wire_option *o, const char *value);
int option_number(const struct wire_option *o, const char *value);
int option_mac(const struct wire_option *o, const char *value);

/** parse_number - digits and k, M, G. @end: behind it. 0, -EINVAL (no digits, above 2^63). */
int parse_number(const char *s, const char **end, uint64_t *value);

#endif
