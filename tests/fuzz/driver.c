/* SPDX-License-Identifier: ISC */
/*
 * driver NAME DIRECTORY [FORMS]: gives a target each file of the directory, and 150 changed forms of it, or FORMS,
 * always the same ones. It takes the place of libFuzzer, which only clang has. With VERBOSE in the environment it
 * names each file before, and what the target says is seen.
 */
#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

enum { LARGEST = 65536, CHANGES = 8, ROUNDS = 150 };

struct input {
	uint8_t bytes[LARGEST];
	size_t size;
};

static uint64_t state = 88172645463325252;

static size_t below(size_t limit) {
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return limit ? (size_t)(state % limit) : 0;
}

/* What parsers look at, and what bounds them. */
static const char *const words[] = { "0",
				     "9",
				     "-",
				     "+",
				     ".",
				     ",",
				     ":",
				     "=",
				     "\n",
				     " ",
				     "\\",
				     "/",
				     "99999999999",
				     "18446744073709551616",
				     "9223372036854775807",
				     "4294967296",
				     "2147483648",
				     "\xc3\xa9",
				     "\xe2\x80\xae",
				     "\xc2\x9b",
				     "\xff",
				     "TERM",
				     "RTMIN+",
				     "min",
				     "d",
				     "unlimited" };

static void replace(struct input *input, size_t at, size_t length, const void *bytes, size_t size) {
	if (input->size - length + size > LARGEST)
		return;
	memmove(input->bytes + at + size, input->bytes + at + length, input->size - at - length);
	memcpy(input->bytes + at, bytes, size);
	input->size += size - length;
}

static void change(struct input *input) {
	const size_t at = below(input->size + 1), rest = input->size - at;
	const char *word = words[below(sizeof words / sizeof *words)];
	uint8_t piece[64];
	size_t length;

	switch (below(4)) {
	case 0: /* a bit */
		if (rest)
			input->bytes[at] = (uint8_t)(input->bytes[at] ^ 1u << below(8));
		break;
	case 1:
		replace(input, at, below(rest < 8 ? rest + 1 : 8), "", 0);
		break;
	case 2:
		replace(input, at, 0, word, strlen(word));
		break;
	default: /* a piece again, elsewhere */
		length = below(rest < sizeof piece ? rest + 1 : sizeof piece);
		memcpy(piece, input->bytes + at, length);
		replace(input, below(input->size + 1), 0, piece, length);
	}
}

/* In memory of its very size, so that a sanitizer sees what reads on. */
static void give(const struct input *input) {
	uint8_t *copy = malloc(input->size ? input->size : 1);

	MUST(copy);
	memcpy(copy, input->bytes, input->size);
	LLVMFuzzerTestOneInput(copy, input->size);
	free(copy);
}

static bool read_input(int directory, const char *name, struct input *input) {
	const int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
	const ssize_t size = fd < 0 ? -1 : read(fd, input->bytes, LARGEST);

	if (fd >= 0)
		close(fd);
	input->size = size < 0 ? 0 : (size_t)size;
	return size >= 0;
}

static size_t give_all(const char *path, int rounds, bool verbose) {
	static struct input input, changed;
	DIR *directory = opendir(path);
	struct dirent *entry;
	size_t count = 0;

	while (directory && (entry = readdir(directory))) {
		if (entry->d_name[0] == '.' || !read_input(dirfd(directory), entry->d_name, &input))
			continue;
		if (verbose)
			fprintf(stderr, "%s\n", entry->d_name);
		give(&input);
		for (int i = 0; i < rounds; i++) {
			changed = input;
			for (size_t j = below(CHANGES) + 1; j > 0; j--)
				change(&changed);
			give(&changed);
		}
		count++;
	}
	if (directory)
		closedir(directory);
	return count;
}

int main(int argc, char **argv) {
	const bool verbose = getenv("VERBOSE") != NULL;
	const int rounds = argc == 4 ? atoi(argv[3]) : ROUNDS;
	const int out = dup(STDOUT_FILENO), null = open("/dev/null", O_WRONLY);
	size_t count;

	if (argc != 3 && argc != 4)
		return 2;
	if (!verbose)
		dup2(null, STDERR_FILENO);
	dup2(null, STDOUT_FILENO); /* a target may print help */
	count = give_all(argv[2], rounds, verbose);
	dprintf(out, "# %zu files, each in %d forms\n%s 1 - %s takes every input\n1..1\n", count, rounds + 1,
		count ? "ok" : "not ok", argv[1]);
	return count == 0;
}
