/* SPDX-License-Identifier: ISC */
#include "input.h"
#include "../common/open-file.h"
#include "user-terminal.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { LOOK_MS = 50 };

int input_source(const struct run_command_line *line) {
	if (line->no_input || line->lifeline == STDIN_FILENO)
		return -1;
	if (line->in && strcmp(line->in, "-") == 0 && !isatty(STDIN_FILENO))
		return open_file("/dev/tty", O_RDWR | O_NOCTTY);
	return !line->in || isatty(STDIN_FILENO) ? STDIN_FILENO : -1;
}

static bool is_left_to_others(const struct run *run) {
	const struct relay *relay = run->relay;

	return relay && relay->in_is_terminal && !relay->out_is_terminal && !run->keys_were_wanted;
}

bool input_is_wanted(struct run *run) {
	if (!is_left_to_others(run))
		return true;
	if (hold_now() < run->look_at_input)
		return false;
	run->look_at_input = hold_after_ms(LOOK_MS);
	/* Where that is not known, the command gets the keys. */
	run->keys_were_wanted = relay_has_new_modes(run->relay) || hold_terminal_is_read(run->hold) != 0;
	return run->keys_were_wanted;
}

int64_t input_next_look(const struct run *run) {
	return is_left_to_others(run) ? run->look_at_input : HOLD_FOREVER;
}
