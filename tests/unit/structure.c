/* SPDX-License-Identifier: ISC */
/* The rule of structures that carry their size, as the public header states it. */
#include "../check.h"

#include "core/structure.h"

struct known {
	size_t size;
	int first, second;
};

struct longer {
	size_t size;
	int first, second;
	unsigned char more[8];
};

static const struct known filled = { .size = sizeof filled, .first = -1, .second = -2 };

TEST("a structure of the known size is taken whole") {
	const struct known given = { sizeof given, 5, 6 };
	struct known known = filled;

	CHECK_EQ(structure_take(&known, sizeof known, &given), 0);
	CHECK_EQ(known.first, 5);
	CHECK_EQ(known.second, 6);
}

TEST("a shorter structure is taken as if zeros followed, at every length") {
	for (size_t size = sizeof(size_t); size <= sizeof(struct known); size++) {
		struct known given = { size, 0x01010101, 0x01010101 }, known = filled, wanted = { 0, 0, 0 };

		memcpy(&wanted, &given, size);
		CHECK_EQ(structure_take(&known, sizeof known, &given), 0);
		CHECK(memcmp(&known, &wanted, sizeof known) == 0);
	}
}

TEST("of a shorter structure nothing behind its end is read") {
	size_t *alone = malloc(sizeof *alone); /* the sanitizer would tell */
	struct known known = filled;

	*alone = sizeof *alone;
	CHECK_EQ(structure_take(&known, sizeof known, alone), 0);
	CHECK_EQ(known.first, 0);
	structure_give(alone, &filled, sizeof filled);
	CHECK_EQ(*alone, sizeof *alone);
	free(alone);
}

TEST("a longer structure is taken if zeros follow, and any other byte there is E2BIG") {
	struct longer given = { .size = sizeof given, .first = 5, .second = 6 };
	struct known known = filled;

	CHECK_EQ(structure_take(&known, sizeof known, &given), 0);
	CHECK_EQ(known.second, 6);
	for (size_t i = 0; i < sizeof given.more; i++) {
		known = filled;
		memset(given.more, 0, sizeof given.more);
		given.more[i] = 0x80;
		CHECK_EQ(structure_take(&known, sizeof known, &given), -E2BIG);
		CHECK_EQ(known.first, filled.first);
		CHECK_EQ(structure_check(&given, sizeof known), -E2BIG);
	}
}

TEST("a byte behind the end of a longer structure does not count") {
	struct longer given = { .size = sizeof given - sizeof given.more, .more = { 1 } };
	struct known known = filled;

	CHECK_EQ(structure_take(&known, sizeof known, &given), 0);
}

TEST("a size that does not cover the size itself is EINVAL") {
	struct known known = filled;

	for (size_t size = 0; size < sizeof(size_t); size++) {
		const struct known given = { size, 0, 0 };

		CHECK_EQ(structure_take(&known, sizeof known, &given), -EINVAL);
		CHECK_EQ(structure_check(&given, sizeof known), -EINVAL);
	}
	CHECK_EQ(known.first, filled.first);
}

TEST("no structure is EINVAL to be taken, and allowed to be filled in") {
	struct known known = filled;

	CHECK_EQ(structure_take(&known, sizeof known, NULL), -EINVAL);
	CHECK_EQ(structure_check(NULL, sizeof known), 0);
	structure_give(NULL, &filled, sizeof filled);
}

TEST("no more than its size is written into a structure, and its size is left alone") {
	for (size_t size = sizeof(size_t); size <= sizeof(struct known); size++) {
		struct known given = { size, 0, 0 }, wanted = given;

		memcpy((char *)&wanted + sizeof size, (const char *)&filled + sizeof size, size - sizeof size);
		structure_give(&given, &filled, sizeof filled);
		CHECK(memcmp(&given, &wanted, sizeof given) == 0);
	}
}

TEST("a longer structure is filled as far as it is known") {
	struct longer given = { .size = sizeof given };

	structure_give(&given, &filled, sizeof filled);
	CHECK_EQ(given.size, sizeof given);
	CHECK_EQ(given.second, filled.second);
	for (size_t i = 0; i < sizeof given.more; i++)
		CHECK_EQ(given.more[i], 0);
}

CHECK_MAIN
