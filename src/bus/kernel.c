/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Linux as the backends for real devices see it: system calls and small files.
 */
#define _GNU_SOURCE
#include "bus/kernel.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/errno.h"

static int real_open(const char *path, int flags)
{
	return open(path, flags | O_CLOEXEC);
}

static int real_ioctl(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg);
}

static const char *place(const char *variable, const char *usual)
{
	const char *value = secure_getenv(variable);

	return value && *value ? value : usual;
}

struct kernel kernel_linux(void)
{
	return (struct kernel) {
		.sys = place("NICETY_SYSFS", "/sys"),
		.dev = place("NICETY_DEV", "/dev"),
		.proc = place("NICETY_PROC", "/proc"),
		.open = real_open,
		.close = close,
		.ioctl = real_ioctl,
		.pread = pread,
		.pwrite = pwrite,
		.mmap = mmap,
		.munmap = munmap,
	};
}

/* 0, or -ENAMETOOLONG. */
static int make_path(char *path, const char *format, va_list args)
{
	int n = vsnprintf(path, KERNEL_PATH, format, args);

	return n < 0 || n >= KERNEL_PATH ? -ENAMETOOLONG : 0;
}

int kernel_open(const struct kernel *k, int flags, const char *format, ...)
{
	char path[KERNEL_PATH];
	va_list args;
	int err, fd;

	va_start(args, format);
	err = make_path(path, format, args);
	va_end(args);
	if (err)
		return err;
	fd = k->open(path, flags);
	return fd < 0 ? -errno : fd;
}

int kernel_word(const struct kernel *k, char *buf, size_t room, const char *format, ...)
{
	char path[KERNEL_PATH];
	va_list args;
	ssize_t n;
	int err, fd;

	va_start(args, format);
	err = make_path(path, format, args);
	va_end(args);
	if (err)
		return err;
	fd = k->open(path, O_RDONLY);
	if (fd < 0)
		return -errno;
	n = k->pread(fd, buf, room - 1, 0);
	err = n < 0 ? -errno : 0;
	k->close(fd);
	if (err)
		return err;
	buf[n] = 0;
	buf[strcspn(buf, "\n")] = 0;
	return 0;
}

int kernel_link(char *buf, size_t room, const char *format, ...)
{
	char path[KERNEL_PATH], target[KERNEL_PATH];
	const char *last;
	va_list args;
	ssize_t n;
	int err;

	va_start(args, format);
	err = make_path(path, format, args);
	va_end(args);
	if (err)
		return err;
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = 0;
	last = strrchr(target, '/');
	last = last ? last + 1 : target;
	if (strlen(last) >= room)
		return -ENAMETOOLONG;
	memcpy(buf, last, strlen(last) + 1);
	return 0;
}

int kernel_entry(char *buf, size_t room, unsigned n, const char *format, ...)
{
	char path[KERNEL_PATH];
	struct dirent *e;
	va_list args;
	int err;
	DIR *d;

	va_start(args, format);
	err = make_path(path, format, args);
	va_end(args);
	if (err)
		return err;
	d = opendir(path);
	if (!d)
		return -errno;
	err = -ENOENT;
	while ((e = readdir(d)))
		if (e->d_name[0] != '.' && n-- == 0 && strlen(e->d_name) < room) {
			memcpy(buf, e->d_name, strlen(e->d_name) + 1);
			err = 0;
			break;
		}
	closedir(d);
	return err;
}
