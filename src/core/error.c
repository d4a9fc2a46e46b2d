/* SPDX-License-Identifier: ISC */
/* The errors of a start, for a person. */
#include "structure.h"

#include <pidhold.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The system's text for ETIMEDOUT speaks of a connection; there is none here. */
static const char *words_of(int code) {
	return code == -ETIMEDOUT ? "Timed out" : strerror(-code);
}

int hold_error_text(const struct hold_error *given, char *text, size_t length) {
	struct hold_error error;
	int saved_errno = errno, result = structure_take(&error, sizeof error, given);

	if (result < 0)
		return result;
	error.object[sizeof error.object - 1] = 0;
	result = snprintf(text, length, "%s%s%s: %s%s%s%s", hold_step_name(error.step), error.object[0] ? " " : "",
			  error.object, words_of(error.code), error.need ? " (needs " : "",
			  error.need ? error.need : "", error.need ? ")" : "");
	errno = saved_errno;
	return result;
}
