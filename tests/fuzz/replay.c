/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A fuzz target as a plain program: all files of a corpus, then mutations of them. The same in
 * every run; the seed is printed, NICETY_SEED gives another.
 *
 *   fuzz_X CORPUS_FOLDER MUTATIONS
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

#define MAX_FILES  512u
#define MOST_BYTES 8192u

static struct file {
	uint8_t data[MOST_BYTES];
	size_t len;
} * files[MAX_FILES];
static unsigned n_files;
static uint64_t state;

static uint32_t rnd(void) /* xorshift64* */
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * 0x2545f4914f6cdd1dull) >> 32);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int load(const char *folder)
{
	struct dirent **names;
	int n = scandir(folder, &names, NULL, by_name);

	for (int i = 0; i < n; i++) {
		char path[1024];
		FILE *f;

		snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
		free(names[i]);
		if (path[strlen(path) - 1] == '.' || n_files == MAX_FILES)
			continue;
		f = fopen(path, "rb");
		files[n_files] = calloc(1, sizeof(struct file));
		if (!f || !files[n_files]) {
			perror(path);
			return -1;
		}
		files[n_files]->len = fread(files[n_files]->data, 1, MOST_BYTES, f);
		n_files++;
		fclose(f);
	}
	if (n >= 0)
		free(names);
	return n_files ? 0 : -1;
}

/* One change: a byte, a bit, a run inserted, removed, or copied from another file. */
static size_t mutate(uint8_t *p, size_t len)
{
	static const uint8_t some[] = { 0, 1, 2, 4, 7, 8, 16, 32, 0x7f, 0x80, 0xfe, 0xff };
	const struct file *other = files[rnd() % n_files];
	size_t at = len ? rnd() % len : 0, n = 1 + rnd() % 16;

	switch (rnd() % 6) {
	case 0:
		p[at] = (uint8_t)rnd();
		break;
	case 1:
		p[at] ^= (uint8_t)(1u << rnd() % 8);
		break;
	case 2:
		p[at] = some[rnd() % sizeof(some)];
		break;
	case 3:
		if (len + n > MOST_BYTES)
			break;
		memmove(p + at + n, p + at, len - at);
		for (size_t i = 0; i < n; i++)
			p[at + i] = (uint8_t)(rnd() % 4 ? 0 : rnd());
		return len + n;
	case 4:
		n = n > len - at ? len - at : n;
		memmove(p + at, p + at + n, len - at - n);
		return len - n;
	default:
		n = other->len > MOST_BYTES - at ? MOST_BYTES - at : other->len;
		memcpy(p + at, other->data, n);
		return at + n > len ? at + n : len;
	}
	return len;
}

/* From the heap and of the exact size, so that a sanitizer sees what is read behind it. */
static int run(const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	if (!copy)
		return -1;
	memcpy(copy, data, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
	return 0;
}

int main(int argc, char **argv)
{
	const char *seed = getenv("NICETY_SEED");
	unsigned long mutations;
	static uint8_t buf[MOST_BYTES];

	if (argc != 3 || load(argv[1])) {
		fprintf(stderr, "usage: %s CORPUS_FOLDER MUTATIONS; the folder must have files\n",
			argv[0]);
		return 2;
	}
	mutations = strtoul(argv[2], NULL, 10);
	state = seed ? strtoull(seed, NULL, 0) : 82599;
	printf("%u files, %lu mutations, seed %llu\n", n_files, mutations,
	       (unsigned long long)state);
	fflush(stdout);
	for (unsigned i = 0; i < n_files; i++)
		if (run(files[i]->data, files[i]->len))
			return 1;
	for (unsigned long i = 0; i < mutations; i++) {
		const struct file *f = files[rnd() % n_files];
		size_t len = f->len;

		memcpy(buf, f->data, len);
		for (uint32_t k = 1 + rnd() % 8; k; k--)
			len = mutate(buf, len);
		if (run(buf, len))
			return 1;
	}
	for (unsigned i = 0; i < n_files; i++)
		free(files[i]);
	printf("%lu passed, 0 failed\n", 2ul); /* the corpus, the mutations */
	return 0;
}
