/* SPDX-License-Identifier: ISC */
#include "error-text.h"

#include <pidhold.h>

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What a capability needs, if it was refused with this error. A probe for lack of room would tell of another system. */
static const char *need_of(const char *name, int error) {
	struct hold_cap cap = { .size = sizeof cap };

	if (error != -ENOSYS && error != -EPERM && error != -EINVAL)
		return NULL;
	for (size_t i = 0; hold_caps(i, &cap) == 0; i++) {
		if (strcmp(cap.name, name) == 0)
			return cap.error == error ? cap.need : NULL;
	}
	return NULL;
}

static const char *missing(int error) {
	const char *need = NULL;

	if (error == -ENOSYS || error == -EPERM)
		need = need_of("adopt", error);
	if (!need && (error == -ENOSYS || error == -EPERM))
		need = need_of("signal", error);
	if (!need && error == -ENOSYS && access("/proc/self/stat", F_OK) < 0)
		need = "/proc of this PID namespace";
	return need;
}

static const char *with_need(int error, const char *need) {
	static char text[256];

	if (!need)
		return strerror(-error);
	snprintf(text, sizeof text, "%s (needs %s)", strerror(-error), need);
	return text;
}

const char *error_text(int error) {
	return with_need(error, missing(error));
}

const char *error_text_of(const char *name, int error) {
	return with_need(error, need_of(name, error));
}
