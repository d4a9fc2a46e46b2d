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

struct recording {
	const char *cast_name, *log_name; /* NULL: there is none */
	struct buffered_file cast_file, log_file;
	struct asciicast cast;
	int version;
	int terminal;
	struct hold_winsize size;
	bool takes_input, is_secret; /* as the terminal was at the last look */
	struct typed typed;
	bool has_lost_input; /* for lack of memory */
	size_t noted_signals;
};

static bool open_one(struct buffered_file *file, const char *option, const char *name, bool has_lines,
		     int64_t deadline) {
	const bool appends = !has_lines && name[0] == '+';
	const int fd = open_file_until(name + appends, O_WRONLY | O_CREAT | (appends ? O_APPEND : O_TRUNC), deadline);

	if (fd < 0)
		say("%s '%s': %s", option, name, open_file_reason(errno));
	else
		buffered_file_begin(file, fd, has_lines);
	return fd >= 0;
}

bool recording_open(struct recording **ret, const struct run_command_line *line, int64_t deadline) {
	struct recording *recording;

	*ret = NULL;
	if (!line->record && !line->log)
		return true;
	recording = calloc(1, sizeof *recording);
	if (!recording) {
		say("the recording: %s", strerror(errno));
		return false;
	}
	*ret = recording;
	recording->version = line->record_format == RECORD_VERSION_3 ? 3 : 2;
	recording->takes_input = line->record_input;
	recording->cast_file.fd = recording->log_file.fd = -1;
	if (line->record && !open_one(&recording->cast_file, "--record", line->record, true, deadline))
		return false;
	recording->cast_name = line->record;
	if (line->log && !open_one(&recording->log_file, "--log", line->log, false, deadline))
		return false;
	recording->log_name = line->log;
	return true;
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
	if (recording->cast_name)
		asciicast_begin(&recording->cast, &recording->cast_file, recording->version, &header);
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

void recording_see(struct recording *recording, int stream, const char *bytes, size_t length) {
	if (!recording)
		return;
	if (recording->log_name && stream == HOLD_TERMINAL)
		buffered_file_add(&recording->log_file, bytes, length);
	if (!recording->cast_name)
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

static void write_if_due(struct buffered_file *file) {
	if (hold_now() >= buffered_file_next(file))
		buffered_file_write(file);
}

void recording_step(struct recording *recording, const struct stopping *stopping) {
	if (!recording)
		return;
	if (recording->cast_name) {
		step_cast(recording, stopping);
		write_if_due(&recording->cast_file);
	}
	if (recording->log_name)
		write_if_due(&recording->log_file);
}

static int64_t earliest(int64_t a, int64_t b) {
	return a < b ? a : b;
}

int64_t recording_next(const struct recording *recording) {
	int64_t next = HOLD_FOREVER;

	if (recording && recording->cast_name)
		next = buffered_file_next(&recording->cast_file);
	if (recording && recording->typed.first)
		next = earliest(next, earliest(typed_next(&recording->typed), hold_after_ms(LOOK_MS)));
	if (recording && recording->log_name)
		next = earliest(next, buffered_file_next(&recording->log_file));
	return next;
}

void recording_write(struct recording *recording) {
	if (recording && recording->cast_name)
		buffered_file_write(&recording->cast_file);
	if (recording && recording->log_name)
		buffered_file_write(&recording->log_file);
}

/* EPIPE is told too: a recording is wanted whole. */
static bool end_one(struct buffered_file *file, const char *option, const char *name, int64_t deadline) {
	if (!name || buffered_file_end(file, deadline))
		return true;
	say("%s '%s': %s: it ends early", option, name, open_file_reason(file->error));
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

bool recording_end(struct recording *recording, const struct hold_status *status, const struct stopping *stopping) {
	const int64_t deadline = hold_after_ms(END_MS);
	bool is_whole;

	if (!recording)
		return true;
	if (recording->cast_name)
		end_cast(recording, status, stopping);
	is_whole = end_one(&recording->cast_file, "--record", recording->cast_name, deadline);
	is_whole = end_one(&recording->log_file, "--log", recording->log_name, deadline) && is_whole;
	if (recording->has_lost_input)
		say("--record-input: %s: not all input is recorded", strerror(ENOMEM));
	is_whole = is_whole && !recording->has_lost_input;
	recording->cast_name = recording->log_name = NULL;
	recording_free(recording);
	return is_whole;
}

void recording_free(struct recording *recording) {
	if (!recording)
		return;
	if (recording->cast_name)
		buffered_file_end(&recording->cast_file, HOLD_NOW);
	if (recording->log_name)
		buffered_file_end(&recording->log_file, HOLD_NOW);
	typed_forget(&recording->typed);
	free(recording);
}
