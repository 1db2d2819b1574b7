/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What nicety model shows of a served NIC.
 */
#ifndef CLI_MODEL_REPORT_H
#define CLI_MODEL_REPORT_H

#include <nicety/server.h>

#include <stddef.h>

/** model_report_short - a few words for the live line, into @buf of @size bytes. */
void model_report_short(struct nic_server *server, char *buf, size_t size);
/** model_report - on stdout: link, queues, counters that are not 0, broken rules. */
void model_report(struct nic_server *server);
/** model_report_json - the same as one line of JSON. @event: "stats" or "end". */
void model_report_json(struct nic_server *server, const char *event, double seconds);

#endif
