/* SPDX-License-Identifier: ISC */
#include "passed-fd.h"
#include "../common/message.h"
#include "../common/parse-number.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

bool passed_fd_has(const struct hold_pass *list, size_t count, int fd) {
	for (size_t i = 0; i < count; i++) {
		if (list[i].fd == fd)
			return true;
	}
	return false;
}

/* It is looked at before hold opens files of its own, which could have the number of one that is closed. */
bool passed_fd_add(const char *text, struct hold_pass *list, size_t *count) {
	int64_t fd;

	if (!parse_number(text, 3, INT_MAX - 1, &fd)) {
		say("run: --fd '%s': not the number of a descriptor above 2", text);
		hint("0, 1 and 2 are the command's in any case: --stdin, --stdout, --stderr");
		return false;
	}
	if (fcntl((int)fd, F_GETFD) < 0) {
		say("run: --fd %s: %s", text, strerror(errno));
		hint("hold run --fd 3 ... 3<FILE: a number that the shell opened for it");
		return false;
	}
	if (!passed_fd_has(list, *count, (int)fd))
		list[(*count)++] = (struct hold_pass){ .fd = (int32_t)fd, .as = (int32_t)fd };
	return true;
}

bool passed_fd_for_ready(const char *text, int *ret) {
	int64_t fd;

	if (!parse_number(text, 3, INT_MAX - 1, &fd)) {
		say("run: --ready-fd '%s': not the number of a descriptor above 2", text);
		hint("--ready-fd 3: the command writes a line to its descriptor 3 when it is ready");
		return false;
	}
	*ret = (int)fd;
	return true;
}
