/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The subcommands, one file each.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "options.h"

extern const struct command command_demo, command_echo, command_fwd, command_gen, command_dump,
	command_info, command_regs, command_list, command_model, command_bind, command_unbind,
	command_doctor, command_selftest;

#endif
