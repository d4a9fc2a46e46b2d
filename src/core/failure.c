/* SPDX-License-Identifier: ISC */
#include "failure.h"

#include <errno.h>
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

const char *failure_need(int code, const char *need) {
	static const int passing[] = {
		-EAGAIN, -ENOMEM, -ENOBUFS, -ETOOMANYREFS, -EMFILE, -ENFILE, -ETIMEDOUT, -ECHILD
	};

	for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) {
		if (code == passing[i])
			return NULL;
	}
	return need;
}
