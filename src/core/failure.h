/* SPDX-License-Identifier: ISC */
/* Fills in struct hold_error where a start fails. */
#ifndef CORE_FAILURE_H
#define CORE_FAILURE_H

#include <pidhold.h>

/* Which step and object of the caller's options a part of a start belongs to. */
struct origin {
	int step;             /* HOLD_AT_... */
	const char *text;     /* the object; NULL: none, unless there is a format */
	const char *format;   /* makes the object from the numbers; NULL: the object is `text` */
	long long numbers[2]; /* for %lld */
};

/* Stores the failure, and returns the code. */
int failure_of(struct hold_error *ret, int code, const struct origin *origin);
int failure(struct hold_error *ret, int code, int step, const char *object);
int failure_number(struct hold_error *ret, int code, int step, const char *format, long long number);

/* `need` if the code shows a lack of the system, and not of room, time or processes. */
const char *failure_need(int code, const char *need);

#endif
