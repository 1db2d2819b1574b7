/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Moving a PCI function from one kernel driver to another, and finding out who uses it.
 */
#ifndef CLI_REBIND_H
#define CLI_REBIND_H

#include <stddef.h>

/**
 * rebind_in_use - why taking the device away would hurt: an address, a route, a bridge, an ssh
 * session. @why: a sentence. Return: 1 it is in use, 0 it is not.
 */
int rebind_in_use(const char *address, char *why, size_t room);

/**
 * rebind - give the device to @driver, or with NULL to whichever of the kernel's wants it. On
 * failure everything is as it was. 0; -1, said on stderr with the fix.
 */
int rebind(const char *address, const char *driver);

/** rebind_persist - the same after every boot and hotplug. 0; -1, said. @how: what was done. */
int rebind_persist(const char *address, const char *driver, char *how, size_t room);
/** rebind_forget - undo that. Return: 1 something was undone, 0 nothing to undo, -1 said. */
int rebind_forget(const char *address);

#endif
