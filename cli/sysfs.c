/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reading and writing the kernel's small files.
 */
#include "sysfs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

const char *sys_root(char tree)
{
	static const struct {
		char tree;
		const char *variable, *usual;
	} trees[] = { { 's', "NICETY_SYSFS", "/sys" },
		      { 'p', "NICETY_PROC", "/proc" },
		      { 'd', "NICETY_DEV", "/dev" },
		      { 'e', "NICETY_ETC", "/etc" } };

	for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++)
		if (trees[i].tree == tree) {
			const char *value = getenv(trees[i].variable);

			return value && *value ? value : trees[i].usual;
		}
	return "";
}

static int make_path(char *path, const char *format, va_list args)
{
	int n = snprintf(path, SYS_PATH, "%s/", sys_root(format[0]));
	int m = vsnprintf(path + n, SYS_PATH - (size_t)n, format + 2, args);

	return m < 0 || n + m >= SYS_PATH ? -1 : 0;
}

/* The path that a function's @format and what follows make, or "" if it is too long. */
#define PATH_OF(path, format)                      \
	do {                                       \
		va_list args;                      \
		va_start(args, format);            \
		if (make_path(path, format, args)) \
			(path)[0] = 0;             \
		va_end(args);                      \
	} while (0)

int sys_path(char *path, const char *format, ...)
{
	PATH_OF(path, format);
	return *path ? 0 : -1;
}

static int read_word(const char *path, char *buf, size_t room)
{
	FILE *f = fopen(path, "re");
	int err = 0;

	*buf = 0;
	if (!f)
		return -errno;
	if (!fgets(buf, (int)room, f)) {
		err = ferror(f) ? -EIO : 0;
		*buf = 0;
	}
	fclose(f);
	buf[strcspn(buf, "\n")] = 0;
	return err;
}

int sys_word(char *buf, size_t room, const char *format, ...)
{
	char path[SYS_PATH];

	PATH_OF(path, format);
	return read_word(path, buf, room);
}

unsigned long sys_number(const char *format, ...)
{
	char path[SYS_PATH], word[64];

	PATH_OF(path, format);
	return read_word(path, word, sizeof(word)) ? 0 : strtoul(word, NULL, 0);
}

int sys_link(char *buf, size_t room, const char *format, ...)
{
	char path[SYS_PATH], target[SYS_PATH];
	const char *last;
	ssize_t n;

	*buf = 0;
	PATH_OF(path, format);
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

int sys_exists(const char *format, ...)
{
	char path[SYS_PATH];
	struct stat st;

	PATH_OF(path, format);
	return lstat(path, &st) == 0;
}

int sys_entry(char *buf, size_t room, unsigned n, const char *format, ...)
{
	char path[SYS_PATH];
	struct dirent *e;
	int err = -ENOENT;
	DIR *d;

	PATH_OF(path, format);
	d = opendir(path);
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.' && strlen(e->d_name) < room && n-- == 0) {
			memcpy(buf, e->d_name, strlen(e->d_name) + 1);
			err = 0;
			break;
		}
	if (d)
		closedir(d);
	return err;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

int (*sys_write_file)(const char *path, const char *text) = write_file;

int sys_write(const char *text, const char *format, ...)
{
	char path[SYS_PATH];

	PATH_OF(path, format);
	return sys_write_file(path, text);
}

static int digits(const char *text, int n, int base)
{
	for (int i = 0; i < n; i++)
		if (base == 16 ? !isxdigit((unsigned char)text[i]) : text[i] < '0' || text[i] > '7')
			return 0;
	return 1;
}

int sys_made_up(const char *group)
{
	char name[32];

	return !sys_word(name, sizeof(name), "s:kernel/iommu_groups/%s/name", group) &&
	       !strcmp(name, "vfio-noiommu");
}

int sys_address(char full[16], const char *text)
{
	const char *p = text;
	char buf[32];

	if (!strncmp(p, "pci:", 4))
		p += 4;
	snprintf(buf, sizeof(buf), "%s%.12s", strlen(p) == 7 ? "0000:" : "", p);
	if ((strlen(p) != 7 && strlen(p) != 12) || !digits(buf, 4, 16) || buf[4] != ':' ||
	    !digits(buf + 5, 2, 16) || buf[7] != ':' || !digits(buf + 8, 2, 16) || buf[10] != '.' ||
	    !digits(buf + 11, 1, 8))
		return -1;
	for (size_t i = 0; i < 16; i++)
		full[i] = (char)tolower((unsigned char)buf[i]);
	return 0;
}

int sys_run(const char *const *argv)
{
	char *copy[8] = { NULL };
	int status;
	pid_t pid;

	for (int i = 0; argv[i] && i < 7; i++)
		copy[i] = (char *)(uintptr_t)argv[i];
	if (posix_spawnp(&pid, copy[0], NULL, NULL, copy, environ))
		return 127;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 127;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}
