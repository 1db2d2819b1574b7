/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The closing report of an echo, for `nicety echo` and `nicety demo`.
 */
#ifndef CLI_ECHO_REPORT_H
#define CLI_ECHO_REPORT_H

#include "echo_loop.h"

/** Call them before echo_loop_close. */
void echo_report_text(const struct echo_loop *l);
void echo_report_json(const struct echo_loop *l);

#endif
