/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The number of 2 MiB pages, through sysfs.
 */
#include "bench/pages.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define PAGE   ((size_t)2 << 20)
#define FOLDER "/sys/kernel/mm/hugepages/hugepages-2048kB/"

static size_t before;
static int changed;

static size_t read_number(const char *path)
{
	FILE *f = fopen(path, "r");
	size_t n = 0;

	if (f && fscanf(f, "%zu", &n) != 1)
		n = 0;
	if (f)
		fclose(f);
	return n;
}

/* Also from a signal handler. */
static int write_number(const char *path, size_t n)
{
	char text[20], *p = text + sizeof(text);
	int fd = open(path, O_WRONLY | O_CLOEXEC), ok;

	do
		*--p = (char)('0' + n % 10);
	while (n /= 10);
	ok = fd >= 0 && write(fd, p, (size_t)(text + sizeof(text) - p)) > 0;
	if (fd >= 0)
		close(fd);
	return ok;
}

static void on_end(int signal)
{
	pages_restore();
	raise(signal); /* the handler is gone: SA_RESETHAND */
}

size_t pages_free(void)
{
	return read_number(FOLDER "free_hugepages") * PAGE;
}

void pages_reserve(size_t bytes)
{
	const struct sigaction end = { .sa_handler = on_end, .sa_flags = (int)SA_RESETHAND };
	size_t missing = pages_free() < bytes ? (bytes - pages_free() + PAGE - 1) / PAGE : 0;

	before = read_number(FOLDER "nr_hugepages");
	sigaction(SIGINT, &end, NULL);
	sigaction(SIGTERM, &end, NULL);
	changed = missing && write_number(FOLDER "nr_hugepages", before + missing);
	if (pages_free() < bytes)
		fprintf(stderr,
			"bench: %zu MiB of hugepages are free, not %zu: drivers get pages of "
			"different sizes, and times depend on it. As root: echo %zu > " FOLDER
			"nr_hugepages\n",
			pages_free() >> 20, bytes >> 20, before + missing);
}

void pages_restore(void)
{
	if (changed)
		write_number(FOLDER "nr_hugepages", before);
}
