/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Small files of the kernel: sysfs, procfs, and the links between them. The environment variables
 * NICETY_SYSFS, NICETY_PROC, NICETY_DEV and NICETY_ETC name other places for the four trees.
 */
#ifndef CLI_SYSFS_H
#define CLI_SYSFS_H

#include <stddef.h>

#define SYS_PATH 512

/** sys_root - "/sys" for 's', "/proc" for 'p', "/dev" for 'd', "/etc" for 'e', or what stands in.
 */
const char *sys_root(char tree);

/*
 * In all of the following printf makes a path of @format, whose first two characters name the tree:
 * "s:bus/pci/devices/%s/driver" is below /sys.
 */

/** sys_path - the path itself. 0, or -1: it is too long. */
int sys_path(char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** sys_word - the first line of a file, without its end. 0 or -errno; @buf is "" then. */
int sys_word(char *buf, size_t room, const char *format, ...) __attribute__((format(printf, 3, 4)));
/** sys_number - the number at a file's start, also 0x...; 0 if there is none. */
unsigned long sys_number(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** sys_link - the last part of where a link points. 0 or -errno; @buf is "" then. */
int sys_link(char *buf, size_t room, const char *format, ...) __attribute__((format(printf, 3, 4)));
/** sys_exists - is there such a file? */
int sys_exists(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** sys_entry - the @n-th name of a directory, in any order. 0, or -ENOENT: no more. */
int sys_entry(char *buf, size_t room, unsigned n, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/** sys_write - write a word to a file that is there. 0 or -errno. */
int sys_write(const char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** sys_made_up - did VFIO's unsafe mode make up this IOMMU group, with no IOMMU behind it? */
int sys_made_up(const char *group);

/** sys_address - "03:00.0" or "0000:03:00.0" as the kernel writes it. 0, or -1: it is neither. */
int sys_address(char full[16], const char *text);

/* What sys_write calls; tests put a kernel of their own there. */
extern int (*sys_write_file)(const char *path, const char *text);

/** sys_run - run a program of PATH and wait. @argv ends with NULL. Its exit code; 127: none. */
int sys_run(const char *const *argv);

#endif
