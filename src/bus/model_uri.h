/* SPDX-License-Identifier: BSD-2-Clause
 *
 * `82599?wire=tap:tap0&host=thread&mac=02:00:00:00:00:01&vectors=4&lenient=RULE,RULE&fault=NAME`:
 * what follows "model:" in a URI. %XX stands for a byte, for the sake of & in file names.
 */
#ifndef BUS_MODEL_URI_H
#define BUS_MODEL_URI_H

#include "bus/model_fault.h"

struct model_uri {
	char *text; /* owns all strings below */
	const char *chip, *wire;
	struct model_options options;
	int threaded;
	char *fault[MAX_FAULTS];
	unsigned n_fault;
	/* With faults: the chip with the layer around it. Do not copy the struct then. */
	struct model_faults faults;
	struct model_class faulty;
};

/** model_uri_parse - 0, -EINVAL (logged with what is allowed), -ENOMEM. Free with model_uri_free.
 */
int model_uri_parse(struct model_uri *uri, const char *rest);
/** model_uri_class - the model that the URI names; NULL, logged: there is none. */
const struct model_class *model_uri_class(const struct model_uri *uri);
/** model_uri_id - the PCI id that it asks for, noted in its options; NULL, logged: none such. */
const struct model_id *model_uri_id(struct model_uri *uri, const struct model_class *class);
void model_uri_free(struct model_uri *uri);

#endif
