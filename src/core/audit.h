/* SPDX-License-Identifier: ISC */
/* Hooks that are called before an act and may forbid it. Async-signal-safe, except for adding a hook. */
#ifndef CORE_AUDIT_H
#define CORE_AUDIT_H

#include <stdint.h>

enum audit_event {
#define EVENT(identifier, name, count, first, second) AUDIT_##identifier,
#include "events.def"
#undef EVENT
};

/* 0, or the negative errno with which a hook forbids the act. Numbers that the event does not have are ignored. */
int audit(enum audit_event event, int64_t first, int64_t second);
int audit_program(enum audit_event event, const char *program, const char *const *argv);

#endif
