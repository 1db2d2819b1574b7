/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A tree of small files that stands in for /sys, /dev and /proc, made anew for every test.
 */
#ifndef TESTS_FAKE_TREE_H
#define TESTS_FAKE_TREE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the above first */
#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char tree[64]; /* its root */

static inline int tree_remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static inline int tree_del(void **state)
{
	(void)state;
	return nftw(tree, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline int tree_new(void **state)
{
	(void)state;
	strcpy(tree, "/tmp/nicety-tree-XXXXXX");
	return mkdtemp(tree) ? 0 : -1;
}

/* The absolute path of a name in the tree; valid until four calls later. */
static inline const char *tree_path(const char *name)
{
	static char paths[4][256];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", tree, name);
	return path;
}

/* Make the directories above @name. */
static inline void tree_parents(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s", tree_path(name));
	for (char *p = path + strlen(tree) + 1; *p; p++)
		if (*p == '/') {
			*p = 0;
			mkdir(path, 0700);
			*p = '/';
		}
}

static inline void tree_file(const char *name, const void *bytes, size_t len)
{
	int fd;

	tree_parents(name);
	fd = open(tree_path(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

static inline void tree_text(const char *name, const char *text)
{
	tree_file(name, text, strlen(text));
}

static inline void tree_link(const char *name, const char *target)
{
	tree_parents(name);
	unlink(tree_path(name));
	assert_int_equal(symlink(target, tree_path(name)), 0);
}

/* What a file holds now, up to 255 bytes, as a string; valid until the next call. */
static inline const char *tree_read(const char *name)
{
	static char text[1024];
	int fd = open(tree_path(name), O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	assert_true(n >= 0);
	close(fd);
	text[n] = 0;
	return text;
}

#endif
