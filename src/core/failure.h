/* SPDX-License-Identifier: ISC */
/* Where a start fails: what struct hold_error says of it. */
#ifndef CORE_FAILURE_H
#define CORE_FAILURE_H

#include <pidhold.h>

/* What a part of a start is there for, as its caller knows it. */
struct origin {
	int step;             /* HOLD_AT_... */
	const char *text;     /* the object; NULL: there is none, unless `format` */
	const char *format;   /* of the object, which is made of the numbers; NULL: it is `text` */
	long long numbers[2]; /* for %lld */
};

/* Stores the failure, and returns the code. */
int failure_of(struct hold_error *ret, int code, const struct origin *origin);
int failure(struct hold_error *ret, int code, int step, const char *object);
int failure_number(struct hold_error *ret, int code, int step, const char *format, long long number);

#endif
