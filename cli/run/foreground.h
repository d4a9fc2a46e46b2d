/* SPDX-License-Identifier: ISC */
/* The foreground of hold's controlling terminal, and its modes, which a command on the same terminal may take. */
#ifndef CLI_FOREGROUND_H
#define CLI_FOREGROUND_H

#include <stdbool.h>
#include <termios.h>

struct foreground {
	bool is_ours; /* hold's group is in the foreground */
	bool has_modes;
	struct termios modes;
};

/* Stores the present state: at the start, and each time that hold was stopped and continued. */
void foreground_note(struct foreground *foreground);

/* Takes the foreground back from a group without any process; and, if wanted, puts the stored modes back. */
void foreground_give_back(const struct foreground *foreground, bool with_modes);

#endif
