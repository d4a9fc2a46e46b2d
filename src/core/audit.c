/* SPDX-License-Identifier: ISC */
/*
 * The hooks are a list that only grows, at its end, by one atomic exchange of a null pointer. A walk along it sees
 * each hook whole or not at all and needs no lock, so hooks may call the library and add hooks themselves.
 */
#include "audit.h"

#include <pidhold.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

struct hook {
	hold_audit_hook *call;
	void *context;
	struct hook *_Atomic next;
};

static struct hook *_Atomic first_hook;

static const struct {
	const char *name;
	size_t count;
	const char *labels[HOLD_EVENT_NUMBERS];
} events[] = {
#define EVENT(identifier, name, count, first, second) { name, count, { first, second } },
#include "events.def"
#undef EVENT
};

int hold_audit_add(hold_audit_hook *call, void *context) {
	struct hook *hook, *none;
	struct hook *_Atomic *end = &first_hook;
	int saved_errno = errno;

	if (!call)
		return -EINVAL;
	hook = calloc(1, sizeof *hook);
	errno = saved_errno;
	if (!hook)
		return -ENOMEM;
	hook->call = call;
	hook->context = context;
	for (;;) {
		none = NULL;
		if (atomic_compare_exchange_weak(end, &none, hook))
			return 0;
		if (none)
			end = &none->next;
	}
}

static int call_hooks(const struct hook *hook, struct hold_event *event) {
	int answer;

	for (; hook; hook = atomic_load_explicit(&hook->next, memory_order_acquire)) {
		answer = hook->call(hook->context, event);
		if (answer < 0)
			return answer;
	}
	return 0;
}

int audit(enum audit_event which, int64_t first, int64_t second) {
	const struct hook *hook = atomic_load_explicit(&first_hook, memory_order_acquire);
	const int64_t numbers[HOLD_EVENT_NUMBERS] = { first, second };
	struct hold_event event = { .size = sizeof event };

	if (!hook)
		return 0;
	event.name = events[which].name;
	event.count = events[which].count;
	for (size_t i = 0; i < HOLD_EVENT_NUMBERS && i < event.count; i++) {
		event.numbers[i] = numbers[i];
		event.labels[i] = events[which].labels[i];
	}
	return call_hooks(hook, &event);
}

int audit_program(enum audit_event which, const char *program, const char *const *argv) {
	const struct hook *hook = atomic_load_explicit(&first_hook, memory_order_acquire);
	struct hold_event event = { .size = sizeof event, .program = program, .argv = argv };

	if (!hook)
		return 0;
	event.name = events[which].name;
	return call_hooks(hook, &event);
}
