/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the backends for real devices ask of Linux: a few system calls, and where sysfs, /dev and
 * /proc are. Tests put scripted calls and trees of files in its place.
 */
#ifndef BUS_KERNEL_H
#define BUS_KERNEL_H

#include <sys/types.h>

struct kernel {
	const char *sys, *dev, *proc; /* "/sys", "/dev", "/proc" */
	/* As the system calls of these names: -1 and errno on failure. */
	int (*open)(const char *path, int flags);
	int (*close)(int fd);
	int (*ioctl)(int fd, unsigned long request, void *arg);
	ssize_t (*pread)(int fd, void *buf, size_t n, off_t at);
	ssize_t (*pwrite)(int fd, const void *buf, size_t n, off_t at);
	void *(*mmap)(void *at, size_t len, int prot, int flags, int fd, off_t off);
	int (*munmap)(void *at, size_t len);
};

#define KERNEL_PATH 512 /* bytes that any path here fits */

/**
 * kernel_linux - the real one. The environment variables NICETY_SYSFS, NICETY_DEV and NICETY_PROC
 * name other places for the three trees, but not for a program with more rights than its caller.
 */
struct kernel kernel_linux(void);

/** kernel_open - open the file whose path printf makes of @format. The descriptor or -errno. */
int kernel_open(const struct kernel *k, int flags, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** kernel_word - the first line of a small file, without its end. 0 or -errno. */
int kernel_word(const struct kernel *k, char *buf, size_t room, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/** kernel_link - the last part of where a symbolic link leads. 0 or -errno. */
int kernel_link(char *buf, size_t room, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** kernel_entry - the @n-th name in a directory, . and .. apart. 0 or -errno (-ENOENT: no more). */
int kernel_entry(char *buf, size_t room, unsigned n, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif
