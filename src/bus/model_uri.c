/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Parsing of `model:` URIs.
 */
#include "bus/model_uri.h"

#include <stdlib.h>
#include <string.h>

#include "base/errno.h"
#include "base/log.h"

static int hex(char c)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *p = c ? strchr(digits, c) : NULL;
	int v = p ? (int)(p - digits) : -1;

	return v > 15 ? v - 6 : v;
}

static void percent_decode(char *s)
{
	char *to = s;

	for (; *s; s++)
		if (*s == '%' && hex(s[1]) >= 0 && hex(s[2]) >= 0) {
			*to++ = (char)(hex(s[1]) << 4 | hex(s[2]));
			s += 2;
		} else {
			*to++ = *s;
		}
	*to = 0;
}

static int parse_mac(uint8_t mac[6], const char *s)
{
	for (int i = 0; i < 6; i++, s += 3) {
		if (hex(s[0]) < 0 || hex(s[1]) < 0 || s[2] != (i < 5 ? ':' : 0))
			return -EINVAL;
		mac[i] = (uint8_t)(hex(s[0]) << 4 | hex(s[1]));
	}
	return mac[0] & 1 ? -EINVAL : 0;
}

static int parse_option(struct model_uri *uri, const char *key, char *value)
{
	char *end;

	if (!strcmp(key, "wire")) {
		uri->wire = value;
	} else if (!strcmp(key, "lenient")) {
		uri->options.lenient = value;
	} else if (!strcmp(key, "host")) {
		uri->threaded = !strcmp(value, "thread");
		if (!uri->threaded && strcmp(value, "sync")) {
			log_error("host=%s: want host=sync or host=thread", value);
			return -EINVAL;
		}
	} else if (!strcmp(key, "mac")) {
		if (parse_mac(uri->options.mac, value)) {
			log_error("mac=%s: want a unicast address like 02:00:00:00:00:01", value);
			return -EINVAL;
		}
	} else if (!strcmp(key, "id")) {
		unsigned long id = strtoul(value, &end, 16);

		if (!*value || *end || id > 0xffff) {
			log_error("id=%s: want a PCI device id like 10fb", value);
			return -EINVAL;
		}
		uri->options.device = (uint16_t)id;
	} else if (!strcmp(key, "vectors")) {
		unsigned long n = strtoul(value, &end, 10);

		if (!*value || *end || !n || n > 2048) {
			log_error("vectors=%s: want a number of MSI-X vectors from 1 on", value);
			return -EINVAL;
		}
		uri->options.vectors = (uint16_t)n;
	} else if (!strcmp(key, "fault")) {
		if (uri->n_fault == MAX_FAULTS) {
			log_error("model:%s: fault= more than %u times", uri->chip, MAX_FAULTS);
			return -EINVAL;
		}
		uri->fault[uri->n_fault++] = value;
	} else {
		log_error("unknown option '%s' of model:%s; known: wire, host, mac, id, vectors, "
			  "lenient, fault",
			  key, uri->chip);
		return -EINVAL;
	}
	return 0;
}

static const struct model_class *const models[] = {
	&model_82540em,
	&model_82574l,
	&model_82576,
	&model_82599,
};

static const struct model_class *find_class(const char *chip)
{
	for (size_t i = 0; i < ARRAY_SIZE(models); i++)
		if (!strcmp(models[i]->name, chip))
			return models[i];
	return NULL;
}

/* The layer of faults around the chip. A chip that does not exist is found out later. */
static int add_faults(struct model_uri *uri)
{
	int err = 0;

	uri->faults.inner = find_class(uri->chip);
	for (unsigned i = 0; i < uri->n_fault && uri->faults.inner && !err; i++)
		err = model_fault_parse(&uri->faults, uri->fault[i]);
	if (err || !uri->faults.inner)
		return err;
	faults_class(&uri->faulty, &uri->faults);
	uri->options.faults = &uri->faults;
	return 0;
}

int model_uri_parse(struct model_uri *uri, const char *rest)
{
	char *p, *next, *value;
	int err = 0;

	memset(uri, 0, sizeof(*uri));
	p = uri->text = strdup(rest);
	if (!p)
		return -ENOMEM;
	uri->chip = p;
	p = strchr(p, '?');
	for (next = p; next && !err; p = next) {
		*p++ = 0;
		next = strchr(p, '&');
		if (next)
			*next = 0;
		value = strchr(p, '=');
		if (value) {
			*value++ = 0;
			percent_decode(value);
			err = parse_option(uri, p, value);
		} else {
			log_error("'%s' in model:%s: want OPTION=VALUE", p, uri->chip);
			err = -EINVAL;
		}
	}
	if (!err && uri->n_fault)
		err = add_faults(uri);
	if (err)
		model_uri_free(uri);
	return err;
}

const struct model_class *model_uri_class(const struct model_uri *uri)
{
	const struct model_class *class = find_class(uri->chip);
	char names[128] = "";

	if (class)
		return uri->options.faults ? &uri->faulty : class;
	for (size_t i = 0; i < ARRAY_SIZE(models); i++) {
		if (i)
			strncat(names, ", ", sizeof(names) - strlen(names) - 1);
		strncat(names, models[i]->name, sizeof(names) - strlen(names) - 1);
	}
	log_error("there is no model '%s'; there are: %s", uri->chip, names);
	return NULL;
}

const struct model_id *model_uri_id(struct model_uri *uri, const struct model_class *class)
{
	const struct model_id *id = class->ids;

	while (uri->options.device && id->vendor && id->device != uri->options.device)
		id++;
	if (!id->vendor) {
		log_error("model:%s has no PCI id %04x", uri->chip, uri->options.device);
		return NULL;
	}
	uri->options.device = id->device;
	return id;
}

void model_uri_free(struct model_uri *uri)
{
	free(uri->text);
	uri->text = NULL;
}
