/* SPDX-License-Identifier: ISC */
#include "audit-file.h"
#include "../common/json.h"
#include "../common/message.h"
#include "../common/open-file.h"

#include <pidhold.h>

#include <errno.h>
#include <fcntl.h>

enum { PATIENCE_MS = 1000 };

struct audit_file {
	const char *path;
	int fd;
};

static int write_event(void *context, const struct hold_event *event) {
	const struct audit_file *file = context;
	struct json json = { 0 };
	static bool is_unread; /* a line was not read in time: later ones are not waited for, and delay no signal */
	bool written;

	json_open(&json, NULL, '{');
	json_string(&json, "event", event->name);
	for (size_t i = 0; i < event->count; i++)
		json_number(&json, event->labels[i], event->numbers[i]);
	if (event->program)
		json_string(&json, "program", event->program);
	if (event->argv) {
		json_open(&json, "argv", '[');
		for (const char *const *word = event->argv; *word; word++)
			json_string(&json, NULL, *word);
		json_close(&json, ']');
	}
	json_close(&json, '}');
	written = json_write_until(&json, file->fd, is_unread ? HOLD_NOW : hold_after_ms(PATIENCE_MS));
	json_free(&json);
	if (written)
		return 0;
	is_unread |= errno == ETIMEDOUT;
	/* A start that cannot be written down is refused; a signal to a running process is sent all the same. */
	if (event->program) /* a start returns ETIMEDOUT for its own deadline */
		return errno == ETIMEDOUT ? -EAGAIN : -errno;
	say("audit file '%s': %s", file->path, open_file_reason(errno));
	return 0;
}

bool audit_file_begin(const char *path, int64_t deadline) {
	static struct audit_file file;
	int error;

	file = (struct audit_file){ path, open_file_until(path, O_WRONLY | O_CREAT | O_APPEND, deadline) };
	if (file.fd < 0)
		return false;
	error = hold_audit_add(write_event, &file);
	errno = -error;
	return error == 0;
}
