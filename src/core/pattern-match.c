/* SPDX-License-Identifier: ISC */
#include "pattern.h"

#include <stdlib.h>

static bool threads_begin(struct pattern_threads *threads, size_t length) {
	threads->count = 0;
	threads->list = calloc(length, sizeof *threads->list);
	threads->places = calloc(length, sizeof *threads->places);
	return threads->list && threads->places;
}

static bool has_thread(const struct pattern_threads *threads, uint32_t at) {
	const uint32_t place = threads->places[at];

	return place < threads->count && threads->list[place].at == at;
}

static void note_found(struct pattern_run *run, int number, uint64_t from, uint64_t to) {
	if (to == from || (run->found >= 0 && (run->from < from || (run->from == from && run->found <= number))))
		return;
	run->found = number;
	run->from = from;
	run->to = to;
}

struct pattern_place {
	uint64_t position;
	bool begins_line, ends_line;
};

/* Adds a thread, and those at all instructions that it reaches without a byte. Older threads are added before. */
static void add_thread(struct pattern_run *run, struct pattern_threads *threads, struct pattern_thread thread,
		       struct pattern_place place) {
	size_t waiting = 0;

	run->waiting[waiting++] = thread.at;
	while (waiting > 0) {
		const uint32_t at = run->waiting[--waiting];
		const struct pattern_instruction *instruction = &run->program->code[at];

		if (has_thread(threads, at))
			continue;
		threads->places[at] = (uint32_t)threads->count;
		threads->list[threads->count++] = (struct pattern_thread){ at, thread.begin };
		if (instruction->operation == PATTERN_FOUND)
			note_found(run, instruction->to, thread.begin, place.position);
		if (instruction->operation == PATTERN_JUMP || instruction->operation == PATTERN_SPLIT)
			run->waiting[waiting++] = (uint32_t)((int64_t)at + instruction->to);
		if (instruction->operation == PATTERN_SPLIT ||
		    (instruction->operation == PATTERN_BEGIN && place.begins_line) ||
		    (instruction->operation == PATTERN_END && place.ends_line))
			run->waiting[waiting++] = at + 1;
	}
}

static bool goes_on(const struct pattern_program *program, const struct pattern_thread *thread, unsigned char byte) {
	const struct pattern_instruction *instruction = &program->code[thread->at];

	return (instruction->operation == PATTERN_BYTE && instruction->byte == byte) ||
	       (instruction->operation == PATTERN_SET && pattern_set_has(&program->sets[instruction->to], byte));
}

static void take_next(struct pattern_run *run) {
	const struct pattern_threads threads = run->now;

	run->now = run->next;
	run->next = threads;
	run->next.count = 0;
}

/* Threads that wait for the end of a line go on, if this is one. */
static void pass_line_end(struct pattern_run *run, uint64_t position) {
	const struct pattern_place place = { position, run->begins_line, true };

	for (size_t i = 0; i < run->now.count; i++)
		add_thread(run, &run->next, run->now.list[i], place);
	take_next(run);
}

static void begin_threads(struct pattern_run *run, uint64_t position) {
	add_thread(run, &run->now, (struct pattern_thread){ 0, position },
		   (struct pattern_place){ position, run->begins_line, false });
}

static bool is_line_end(unsigned char byte) {
	return byte == '\n' || byte == '\r';
}

/* false: something that ends before the byte was found. */
static bool step(struct pattern_run *run, unsigned char byte, uint64_t position) {
	const struct pattern_place place = { position + 1, byte == '\n', false };

	begin_threads(run, position);
	if (is_line_end(byte))
		pass_line_end(run, position);
	if (run->found >= 0)
		return false;
	for (size_t i = 0; i < run->now.count; i++) {
		struct pattern_thread thread = run->now.list[i];

		if (!goes_on(run->program, &thread, byte))
			continue;
		thread.at++;
		add_thread(run, &run->next, thread, place);
	}
	take_next(run);
	run->begins_line = byte == '\n';
	return true;
}

/* A thread that begins somewhere may go on at these bytes, whether a line begins or ends there or not. */
static void find_wakes(struct pattern_run *run) {
	add_thread(run, &run->now, (struct pattern_thread){ 0, 0 }, (struct pattern_place){ 0, true, true });
	for (int byte = 0; byte < 256; byte++) {
		for (size_t i = 0; i < run->now.count && !run->wakes[byte]; i++)
			run->wakes[byte] = goes_on(run->program, &run->now.list[i], (unsigned char)byte);
	}
	run->now.count = 0;
}

bool pattern_run_begin(struct pattern_run *run, const struct pattern_program *program, bool begins_line) {
	const size_t length = program->length;

	*run = (struct pattern_run){ .program = program, .begins_line = begins_line, .found = -1 };
	run->waiting = calloc(2 * length + 2, sizeof *run->waiting);
	if (!threads_begin(&run->now, length) || !threads_begin(&run->next, length) || !run->waiting) {
		pattern_run_end(run);
		return false;
	}
	find_wakes(run);
	return true;
}

void pattern_run_end(struct pattern_run *run) {
	free(run->now.list);
	free(run->now.places);
	free(run->next.list);
	free(run->next.places);
	free(run->waiting);
	*run = (struct pattern_run){ .found = -1 };
}

void pattern_run_again(struct pattern_run *run, bool begins_line) {
	run->now.count = run->next.count = 0;
	run->begins_line = begins_line;
	run->found = -1;
}

size_t pattern_run_over(struct pattern_run *run, const char *bytes, size_t size, uint64_t position) {
	size_t i = 0;

	while (i < size && run->found < 0) {
		if (run->now.count == 0) {
			const size_t first = i;

			while (i < size && !run->wakes[(unsigned char)bytes[i]])
				i++;
			if (i > first)
				run->begins_line = bytes[i - 1] == '\n';
			if (i == size)
				break;
		}
		i += step(run, (unsigned char)bytes[i], position + i);
	}
	return i;
}

void pattern_run_finish(struct pattern_run *run, uint64_t position) {
	if (run->found < 0)
		pass_line_end(run, position);
}
