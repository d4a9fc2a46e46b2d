/* SPDX-License-Identifier: ISC */
#include "keeper-plan.h"
#include "os/calls.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

/*
 * Counts first, without room; then writes. Another thread may change the environment meanwhile, as it may during
 * execve(2): then the size exceeds the room, and nothing is written beyond the room.
 */
struct writer {
	char *bytes;
	size_t room, size;
};

static void write_at(struct writer *writer, size_t at, const void *from, size_t size) {
	if (size && writer->bytes && at + size <= writer->room)
		memcpy(writer->bytes + at, from, size);
}

/* Adds `size` bytes, of any alignment. Returns their offset. */
static size_t put(struct writer *writer, const void *from, size_t size) {
	const size_t at = writer->size;

	write_at(writer, at, from, size);
	writer->size += (size + 7) & ~(size_t)7;
	return at;
}

static uint64_t put_text(struct writer *writer, const char *text) {
	return text ? put(writer, text, strlen(text) + 1) : 0;
}

static size_t length_of(const char *const *list) {
	size_t length = 0;

	while (list && list[length]) /* clearenv(3) makes the environment NULL */
		length++;
	return length;
}

/* The list of offsets comes first, then the texts. */
static uint64_t put_list(struct writer *writer, const char *const *list) {
	const size_t length = length_of(list), at = writer->size;
	uint64_t text;

	writer->size += (length + 1) * sizeof text;
	for (size_t i = 0; i < length; i++) {
		text = put_text(writer, list[i]);
		write_at(writer, at + i * sizeof text, &text, sizeof text);
	}
	return at;
}

static uint64_t put_operations(struct writer *writer, const struct os_plan *plan) {
	const size_t at = writer->size;

	writer->size += plan->count * sizeof(struct keeper_operation);
	for (size_t i = 0; i < plan->count; i++) {
		const struct os_operation *from = &plan->operations[i];
		const struct keeper_operation to = {
			.action = (int32_t)from->action,
			.number = from->number,
			.last = from->last,
			.source = from->source,
			.path = put_text(writer, from->path),
			.data = from->data ? put(writer, from->data, keeper_data_size(from->action, from->number)) : 0,
		};

		write_at(writer, at + i * sizeof to, &to, sizeof to);
	}
	return at;
}

/* A keeper must not ignore SIGCHLD, to learn of the ends of its children; the program may have to ignore it. */
static uint64_t ignored_here(const struct os_plan *plan) {
	const uint64_t bit = UINT64_C(1) << (SIGCHLD - 1);
	union os_sigaction old = OS_SIGACTION_DEFAULT;

	if (!(plan->keep_ignored & bit) || call_sigaction(SIGCHLD, NULL, &old) < 0)
		return 0;
	return old.in.handler == OS_IGNORED ? bit : 0;
}

static void write_plan(struct writer *writer, const struct os_plan *plan, uint64_t callers_mask) {
	struct keeper_plan header = {
		.mask = (plan->keep_mask ? callers_mask : 0) | plan->blocked,
		.keep_ignored = plan->keep_ignored,
		.ignored = ignored_here(plan),
		.first_free = plan->first_free,
		.changes_ids = plan->changes_ids,
		.operation_count = plan->count,
		.source_count = plan->source_count,
	};

	put(writer, &header, sizeof header);
	header.program = put_text(writer, plan->program);
	header.operations = put_operations(writer, plan);
	header.sources = put(writer, plan->sources, plan->source_count * sizeof *plan->sources);
	header.argv = put_list(writer, plan->argv);
	header.env = put_list(writer, plan->env);
	header.shell_argv = plan->shell_argv ? put_list(writer, plan->shell_argv) : 0;
	write_at(writer, 0, &header, sizeof header);
}

void *keeper_plan_write(const struct os_plan *plan, uint64_t callers_mask, size_t *ret_size) {
	struct writer counted = { .bytes = NULL }, writer;

	_Static_assert(sizeof *plan->sources == sizeof(int32_t), "descriptors are written as they are");
	write_plan(&counted, plan, callers_mask);
	for (size_t room = counted.size;; room = writer.size) {
		writer = (struct writer){ .bytes = calloc(1, room), .room = room };
		if (!writer.bytes)
			return NULL;
		write_plan(&writer, plan, callers_mask);
		*ret_size = writer.size;
		if (writer.size <= room)
			return writer.bytes;
		free(writer.bytes); /* the environment grew meanwhile */
	}
}
