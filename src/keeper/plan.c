/* SPDX-License-Identifier: ISC */
/*
 * Reads the plan from its bytes. An owner built from other sources, or with damaged memory, may send anything: a plan
 * with an offset or a size outside its bytes is refused, and nothing of it is done.
 */
#include "state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* NULL also for an offset beyond the bytes, which is refused before it is used. */
static void *at(const struct keeper_plan *from, uint64_t offset) {
	return offset && offset <= keeper.task.plan_size ? (char *)(uintptr_t)from + offset : NULL;
}

/* Whether an array of `count` items at that offset lies within the plan's bytes, aligned, behind the header. */
static bool is_array(uint64_t offset, uint64_t count, size_t size) {
	const uint64_t whole = keeper.task.plan_size;

	return offset % 8 == 0 && offset >= sizeof(struct keeper_plan) && offset <= whole &&
	       count <= (whole - offset) / size;
}

/* A NUL follows the bytes, so a text ends in any case. */
static bool is_text(uint64_t offset) {
	return offset < keeper.task.plan_size;
}

/* ---- operations ---- */

static bool has_source(int action) {
	return action == OS_CONTROLLING_TERMINAL || action == OS_FOREGROUND || action == OS_OPEN || action == OS_LIFT ||
	       action == OS_PLACE;
}

static bool is_operation(const struct keeper_operation *written, uint64_t source_count) {
	const uint64_t whole = keeper.task.plan_size;

	if (written->action < OS_NEW_SESSION || written->action > OS_FOREGROUND || !is_text(written->path))
		return false;
	if (has_source(written->action) && (written->source < 0 || (uint64_t)written->source >= source_count))
		return false;
	return written->data <= whole &&
	       keeper_data_size((enum os_action)written->action, written->number) <= whole - written->data;
}

static int read_operations(const struct keeper_plan *from, struct os_plan *ret) {
	const struct keeper_operation *written = at(from, from->operations);
	struct os_operation *operations;

	if (!is_array(from->operations, from->operation_count, sizeof *written))
		return -EPROTO;
	ret->operations = operations = calloc((size_t)from->operation_count + 1, sizeof *operations);
	if (!operations)
		return -ENOMEM;
	for (size_t i = 0; i < from->operation_count; i++) {
		if (!is_operation(&written[i], from->source_count))
			return -EPROTO;
		operations[i] = (struct os_operation){
			.action = (enum os_action)written[i].action,
			.number = written[i].number,
			.last = written[i].last,
			.source = written[i].source,
			.path = at(from, written[i].path),
			.data = at(from, written[i].data),
		};
	}
	ret->count = (size_t)from->operation_count;
	return 0;
}

/* ---- sources and lists, which are changed in place ---- */

/* Sources that were open in the caller came as descriptors, in the same order. */
static int read_sources(const struct received *all, struct os_plan *ret) {
	const struct keeper_plan *from = all->plan;
	int *sources = at(from, from->sources), next = KEEPER_FDS;

	if (!is_array(from->sources, from->source_count, sizeof *sources))
		return -EPROTO;
	for (size_t i = 0; i < from->source_count; i++) {
		if (sources[i] >= 0 && next == all->count)
			return -EPROTO;
		if (sources[i] >= 0)
			sources[i] = all->descriptors[next++];
	}
	ret->sources = sources;
	ret->source_count = (size_t)from->source_count;
	return next == all->count ? 0 : -EPROTO;
}

/*
 * Offsets become pointers, in place: a pointer is not wider than an offset. *ret_end is the offset after the list.
 * NULL: the list does not end within the bytes, or has an offset beyond them.
 */
static const char *const *read_list(const struct keeper_plan *from, uint64_t offset, uint64_t *ret_end) {
	char *list = at(from, offset);
	const char *text;
	uint64_t written;
	size_t i = 0;

	_Static_assert(sizeof text <= sizeof written, "a pointer lies where offsets were that have been read");
	do {
		if (!is_array(offset, i + 1, sizeof written))
			return NULL;
		memcpy(&written, list + i * sizeof written, sizeof written);
		if (!is_text(written))
			return NULL;
		text = at(from, written);
		memcpy(list + i * sizeof text, &text, sizeof text);
		i++;
	} while (text);
	*ret_end = offset + i * sizeof written;
	return (const char *const *)(void *)list;
}

/* The lists must lie one after the other, so that pointers written for one do not overwrite another. */
static int read_lists(const struct keeper_plan *from, struct os_plan *ret) {
	uint64_t end = from->sources + from->source_count * sizeof *ret->sources;

	if (from->argv < end)
		return -EPROTO;
	ret->argv = read_list(from, from->argv, &end);
	if (!ret->argv || from->env < end)
		return -EPROTO;
	ret->env = read_list(from, from->env, &end);
	if (!ret->env || (from->shell_argv && from->shell_argv < end))
		return -EPROTO;
	ret->shell_argv = from->shell_argv ? read_list(from, from->shell_argv, &end) : NULL;
	return from->shell_argv && !ret->shell_argv ? -EPROTO : 0;
}

int plan_read(const struct received *all, struct os_plan *ret) {
	const struct keeper_plan *from = all->plan;
	int error;

	if (keeper.task.plan_size < sizeof *from || !is_text(from->program))
		return -EPROTO;
	ret->program = at(from, from->program);
	ret->first_free = from->first_free;
	ret->keep_ignored = from->keep_ignored;
	ret->ignored = from->ignored;
	error = read_operations(from, ret);
	if (error == 0)
		error = read_sources(all, ret);
	return error < 0 ? error : read_lists(from, ret);
}
