/* SPDX-License-Identifier: ISC */
/*
 * The lines of --events: one JSON object for each thing that happens to a run, in their order. Everything that hold
 * notices is told by the functions below; which of it is told by hold run itself is in run-events.c.
 */
#ifndef CLI_RUN_EVENTS_H
#define CLI_RUN_EVENTS_H

#include "stopping.h"
#include "../common/json.h"

#include <pidhold.h>

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct events;

/* The descriptor that the value of --events names, which the command does not get; -1: it names a file. */
int events_fd_of(const char *to);

/* Whether the value of --events can be used; what is wrong with a descriptor is said on standard error. */
bool events_check(const char *to);

/* Opens it. false: it cannot be written, which was said. *ret is NULL if `to` is NULL: nothing is told then. */
bool events_open(struct events **ret, const char *to, int64_t deadline);

/* From here on there is a time of the start, and signals are told. `events` may be NULL here and below. */
void events_begin(struct events *events, const struct stopping *stopping, const struct timespec *started_at);

/*
 * Tells what happens now, with one number, or with none if key is NULL. Signals that were sent before come first. The
 * line is written at once, or as soon as its reader takes it.
 */
void events_tell(struct events *events, const char *event, const char *key, int64_t number);

/* The same with any fields, which are added to what this returns, and written then. NULL: nothing is told. */
struct json *events_start_line(struct events *events, const char *event);
void events_write_line(struct events *events);

/* Tells signals that were sent, and writes what the reader did not take before. */
void events_step(struct events *events);

/* When to do so again: a deadline. */
int64_t events_next(const struct events *events);

/* Writes the rest and frees it. false: not all could be written, which was said. */
bool events_end(struct events *events);

#endif
