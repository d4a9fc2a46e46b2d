/* SPDX-License-Identifier: ISC */
#include "recording.h"
#include "asciicast.h"
#include "../common/message.h"
#include "../common/open-file.h"
#include "../common/signal-name.h"
#include "../common/terminal-size.h"
#include "typed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>

enum {
	ECHO_MS = 500, /* by which a program that asks for a password has switched echo off */
	LOOK_MS = 20,  /* how often that is looked at */
	END_MS = 5000  /* for a fifo to be read at the end */
};

/* The cast has the terminal, the log and the spill have the bytes of the output. */
enum { CAST, LOG, SPILL, FILES };

static const char *const options[FILES] = { "--record", "--log", "--spill" };

struct recording {
	const char *names[FILES]; /* NULL: there is none */
	struct buffered_file files[FILES];
	struct asciicast cast;
	int version;
	int terminal;
	struct hold_winsize size;
	bool takes_input, is_secret; /* as the terminal was at the last look */
	struct typed typed;
	bool has_lost_input; /* for lack of memory */
	size_t noted_signals;
};

static bool open_one(struct recording *recording, int which, const char *name, int64_t deadline) {
	const bool appends = which != CAST && name && name[0] == '+';
	int fd;

	if (!name)
		return true;
	fd = open_file_until(name + appends, O_WRONLY | O_CREAT | (appends ? O_APPEND : O_TRUNC), deadline);
	if (fd < 0) {
		say("%s '%s': %s", options[which], name, open_file_reason(errno));
		return false;
	}
	buffered_file_begin(&recording->files[which], fd, which == CAST);
	recording->names[which] = name;
	return true;
}

bool recording_open(struct recording **ret, const struct run_command_line *line, int64_t deadline) {
	struct recording *recording;

	*ret = NULL;
	if (!line->record && !line->log && !line->spill)
		return true;
	recording = calloc(1, sizeof *recording);
	if (!recording) {
		say("the recording: %s", strerror(errno));
		return false;
	}
	*ret = recording;
	recording->version = line->record_format == RECORD_VERSION_3 ? 3 : 2;
	recording->takes_input = line->record_input;
	return open_one(recording, CAST, line->record, deadline) && open_one(recording, LOG, line->log, deadline) &&
	       open_one(recording, SPILL, line->spill, deadline);
}

void recording_begin(struct recording *recording, const struct run_command_line *line, int terminal,
		     const struct timespec *started_at) {
	struct asciicast_header header = {
		.started_at = *started_at,
		.command = line->command,
		.title = line->name,
		.term = getenv("TERM"),
		.shell = getenv("SHELL"),
	};

	if (!recording)
		return;
	recording->terminal = terminal;
	terminal_size(terminal, &recording->size);
	header.size = recording->size;
	if (recording->names[CAST])
		asciicast_begin(&recording->cast, &recording->files[CAST], recording->version, &header);
}

static void note_size(struct recording *recording) {
	struct hold_winsize size;

	if (!terminal_size(recording->terminal, &size) ||
	    (size.rows == recording->size.rows && size.columns == recording->size.columns))
		return;
	recording->size = size;
	asciicast_size(&recording->cast, &size);
}

/* ---- input ---- */

/* Where the modes cannot be read, all may be secret. */
static bool reads_secret(const struct recording *recording) {
	struct termios modes;

	return tcgetattr(recording->terminal, &modes) < 0 || (modes.c_lflag & ICANON && !(modes.c_lflag & ECHO));
}

void recording_look(struct recording *recording) {
	if (!recording || !recording->takes_input)
		return;
	recording->is_secret = reads_secret(recording);
	if (recording->is_secret)
		typed_forget(&recording->typed);
}

static void take_typed(void *context, const char *bytes, size_t length) {
	asciicast_input(context, bytes, length);
}

/* A program may have read the line and switched echo on again since it was given to the terminal. */
static void see_input(struct recording *recording, const char *bytes, size_t length) {
	const bool was_secret = recording->is_secret;

	recording_look(recording);
	if (!was_secret && !recording->is_secret &&
	    !typed_add(&recording->typed, bytes, length, hold_after_ms(ECHO_MS)))
		recording->has_lost_input = true;
}

static void see_output(struct recording *recording, const char *bytes, size_t length) {
	note_size(recording);
	if (recording->typed.first) {
		recording_look(recording);
		typed_give_echoed(&recording->typed, bytes, length, take_typed, &recording->cast);
	}
	asciicast_output(&recording->cast, bytes, length);
}

static void add_bytes(struct recording *recording, int which, const char *bytes, size_t length) {
	while (recording->names[which] && length > 0) {
		const size_t part = length < BUFFERED_AT_ONCE ? length : BUFFERED_AT_ONCE;

		buffered_file_add(&recording->files[which], bytes, part);
		bytes += part;
		length -= part;
	}
}

void recording_see(struct recording *recording, int stream, const char *bytes, size_t length) {
	if (!recording)
		return;
	if (stream != HOLD_STDIN) {
		add_bytes(recording, LOG, bytes, length);
		add_bytes(recording, SPILL, bytes, length);
	}
	if (!recording->names[CAST])
		return;
	if (stream == HOLD_TERMINAL)
		see_output(recording, bytes, length);
	else if (recording->takes_input)
		see_input(recording, bytes, length);
}

/* ---- the rest ---- */

static void note_signals(struct recording *recording, const struct stopping *stopping) {
	char label[128], name[SIGNAL_NAME_SIZE];

	for (; recording->noted_signals < stopping->sent_count; recording->noted_signals++) {
		const struct sent_signal *sent = &stopping->sent[recording->noted_signals];

		snprintf(label, sizeof label, "%s: %s", signal_name(sent->signal, name), sent->why);
		asciicast_marker(&recording->cast, label);
	}
}

static void step_cast(struct recording *recording, const struct stopping *stopping) {
	note_size(recording);
	note_signals(recording, stopping);
	if (!recording->typed.first)
		return;
	recording_look(recording);
	typed_give_due(&recording->typed, take_typed, &recording->cast);
}

void recording_step(struct recording *recording, const struct stopping *stopping) {
	if (!recording)
		return;
	if (recording->names[CAST])
		step_cast(recording, stopping);
	for (int i = 0; i < FILES; i++) {
		if (recording->names[i] && hold_now() >= buffered_file_next(&recording->files[i]))
			buffered_file_write(&recording->files[i]);
	}
}

static int64_t earliest(int64_t a, int64_t b) {
	return a < b ? a : b;
}

int64_t recording_next(const struct recording *recording) {
	int64_t next = HOLD_FOREVER;

	for (int i = 0; recording && i < FILES; i++) {
		if (recording->names[i])
			next = earliest(next, buffered_file_next(&recording->files[i]));
	}
	if (recording && recording->typed.first)
		next = earliest(next, earliest(typed_next(&recording->typed), hold_after_ms(LOOK_MS)));
	return next;
}

void recording_write(struct recording *recording) {
	for (int i = 0; recording && i < FILES; i++) {
		if (recording->names[i])
			buffered_file_write(&recording->files[i]);
	}
}

/* EPIPE is told too: a recording is wanted whole. */
static bool end_one(struct recording *recording, int which, int64_t deadline) {
	struct buffered_file *file = &recording->files[which];

	if (!recording->names[which] || buffered_file_end(file, deadline))
		return true;
	say("%s '%s': %s: it ends early", options[which], recording->names[which], open_file_reason(file->error));
	return false;
}

static int status_for_shell(const struct hold_status *status) {
	if (status->how == HOLD_HOW_SIGNALLED)
		return 128 + status->code;
	return status->how == HOLD_HOW_EXITED ? status->code : STATUS_FAILED;
}

static void end_cast(struct recording *recording, const struct hold_status *status, const struct stopping *stopping) {
	char words[128] = "could not be ended";

	step_cast(recording, stopping);
	typed_forget(&recording->typed); /* it is not known that nothing would have hidden it */
	if (status->how)
		hold_status_text(status, words, sizeof words);
	asciicast_end(&recording->cast, status_for_shell(status), words);
}

static void tell_spill(const struct recording *recording, struct spilled *ret) {
	const char *name = recording->names[SPILL];

	if (name)
		*ret = (struct spilled){ .file = name[0] == '+' ? name + 1 : name,
					 .bytes = recording->files[SPILL].written,
					 .error = recording->files[SPILL].error };
}

bool recording_end(struct recording *recording, const struct hold_status *status, const struct stopping *stopping,
		   struct spilled *ret) {
	const int64_t deadline = hold_after_ms(END_MS);
	bool is_whole = true;

	if (!recording)
		return true;
	if (recording->names[CAST])
		end_cast(recording, status, stopping);
	for (int i = 0; i < FILES; i++)
		is_whole = end_one(recording, i, deadline) && is_whole;
	tell_spill(recording, ret);
	if (recording->has_lost_input)
		say("--record-input: %s: not all input is recorded", strerror(ENOMEM));
	is_whole = is_whole && !recording->has_lost_input;
	for (int i = 0; i < FILES; i++)
		recording->names[i] = NULL;
	recording_free(recording);
	return is_whole;
}

void recording_free(struct recording *recording) {
	if (!recording)
		return;
	for (int i = 0; i < FILES; i++) {
		if (recording->names[i])
			buffered_file_end(&recording->files[i], HOLD_NOW);
	}
	typed_forget(&recording->typed);
	free(recording);
}
