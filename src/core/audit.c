/* SPDX-License-Identifier: ISC */
/*
 * The hooks are a list that only grows, at its end, by one atomic exchange of a null pointer: whoever walks it sees
 * each hook whole or not at all and needs no lock, so that hooks may call the library and add hooks themselves.
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
} events[] = {
#define EVENT(identifier, name, numbers) { name, numbers },
#include "events.def"
#undef EVENT
};

int hold_audit_add(hold_audit_hook *call, void *context) {
	struct hook *hook, *none;
	struct hook *_Atomic *end = &first_hook;
	int kept = errno;

	if (!call)
		return -EINVAL;
	hook = calloc(1, sizeof *hook);
	errno = kept;
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

static int tell(const struct hook *hook, struct hold_event *event) {
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
	struct hold_event event = { .size = sizeof event };

	if (!hook)
		return 0;
	event.name = events[which].name;
	event.count = events[which].count;
	event.numbers[0] = event.count > 0 ? first : 0;
	event.numbers[1] = event.count > 1 ? second : 0;
	return tell(hook, &event);
}

int audit_program(enum audit_event which, const char *program, const char *const *argv) {
	const struct hook *hook = atomic_load_explicit(&first_hook, memory_order_acquire);
	struct hold_event event = { .size = sizeof event };

	if (!hook)
		return 0;
	event.name = events[which].name;
	event.program = program;
	event.argv = argv;
	return tell(hook, &event);
}
