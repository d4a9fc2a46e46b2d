/* SPDX-License-Identifier: ISC */
#include "failure.h"

#include <stdio.h>

int failure_of(struct hold_error *ret, int code, const struct origin *origin) {
	char *const object = ret->object;

	ret->code = code;
	ret->step = origin->step;
	if (origin->format)
		snprintf(object, sizeof ret->object, origin->format, origin->numbers[0], origin->numbers[1]);
	else
		snprintf(object, sizeof ret->object, "%s", origin->text ? origin->text : "");
	return code;
}

int failure(struct hold_error *ret, int code, int step, const char *object) {
	return failure_of(ret, code, &(struct origin){ .step = step, .text = object });
}

int failure_number(struct hold_error *ret, int code, int step, const char *format, long long number) {
	return failure_of(ret, code, &(struct origin){ .step = step, .format = format, .numbers = { number } });
}
