/* SPDX-License-Identifier: ISC */
/*
 * Literals and POSIX extended regular expressions, compiled to one program, which is run over an output as it comes.
 *
 * The program is that of a nondeterministic automaton. All of its threads move at once, a byte at a time, and of two
 * threads at one instruction only the older one goes on. So the cost is linear in the output, whatever the patterns
 * are, and what is found does not depend on the pieces in which the output comes.
 */
#ifndef CORE_PATTERN_H
#define CORE_PATTERN_H

#include <pidhold.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pattern_operation {
	PATTERN_BYTE,  /* byte */
	PATTERN_SET,   /* a byte of sets[to] */
	PATTERN_JUMP,  /* to */
	PATTERN_SPLIT, /* to the next instruction, and to `to` */
	PATTERN_BEGIN, /* a line begins here */
	PATTERN_END,   /* a line ends here */
	PATTERN_FOUND  /* the pattern number `to` */
};

/* `to` of JUMP and SPLIT counts from the instruction itself, so that code can be moved and copied. */
struct pattern_instruction {
	unsigned char operation, byte;
	int32_t to;
};

struct pattern_set {
	uint64_t bits[4];
};

struct pattern_program {
	struct pattern_instruction *code;
	struct pattern_set *sets;
	size_t length, room, set_count, set_room;
};

/* Why a pattern is refused, and at which byte of it. */
struct pattern_error {
	const char *why;
	size_t at;
};

/* Adds a pattern to the program, as number `number`. 0, -ENOMEM, or -EINVAL with the reason. */
int pattern_add(struct pattern_program *program, const struct hold_pattern *pattern, int number,
		struct pattern_error *ret);
void pattern_free(struct pattern_program *program);

static inline bool pattern_set_has(const struct pattern_set *set, unsigned char byte) {
	return set->bits[byte / 64] >> byte % 64 & 1;
}

struct pattern_thread {
	uint32_t at;
	uint64_t begin; /* the position of the first byte */
};

struct pattern_threads {
	struct pattern_thread *list;
	uint32_t *places; /* of each instruction in the list, if it is there */
	size_t count;
};

/* A run of a program over an output. Positions count from the beginning of the output. */
struct pattern_run {
	const struct pattern_program *program;
	struct pattern_threads now, next;
	uint32_t *waiting; /* instructions to which a thread has come, and that were not looked at yet */
	bool wakes[256];   /* bytes at which a thread that begins there may go on */
	bool begins_line;  /* the byte before was the end of a line, or there is none */
	int found;         /* the number of the pattern; -1: none yet */
	uint64_t from, to; /* of what was found */
};

/* false: no memory. The program has to have a pattern, and has to stay. */
bool pattern_run_begin(struct pattern_run *run, const struct pattern_program *program, bool begins_line);
void pattern_run_end(struct pattern_run *run);

/* Forgets all threads and what was found: the next byte begins anew. */
void pattern_run_again(struct pattern_run *run, bool begins_line);

/*
 * Goes over the bytes, the first of which is at `position`, until something is found that ends there. Returns how many
 * bytes it went over. What is found ends before any other match, and of those that end there it is the longest one;
 * of equal ones that of the lowest number. It has a byte at least.
 */
size_t pattern_run_over(struct pattern_run *run, const char *bytes, size_t size, uint64_t position);

/* The output is at its end, at `position`. */
void pattern_run_finish(struct pattern_run *run, uint64_t position);

#endif
