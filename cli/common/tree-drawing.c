/* SPDX-License-Identifier: ISC */
#include "tree-drawing.h"
#include "message.h"
#include "terminal-size.h"
#include "utf8.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { DEPTH = 40 }; /* beyond this a level is drawn as the one above */

struct drawing {
	struct members *members;
	int width;
	char indent[2 * DEPTH + 1];
};

/* Cuts at a character's boundary, so that the line takes `columns` at most. */
static void cut_line(char *line, int columns) {
	size_t length;

	for (; *line; line += length) {
		length = utf8_length(line);
		columns -= utf8_columns(utf8_character(line, length));
		if (columns < 0)
			break;
	}
	*line = 0;
}

static void draw_line(const struct drawing *drawing, struct hold_member *member, bool is_last) {
	char line[sizeof drawing->indent + sizeof member->command + sizeof member->reference + 32];

	utf8_trim(member->command, sizeof member->command);
	snprintf(line, sizeof line, "%s%s %s  %c  user %" PRIu32 "  %s", drawing->indent, is_last ? "`-" : "|-",
		 member->reference, member->state, member->user, member->command);
	message_clean(line); /* a process chooses its own name */
	cut_line(line, drawing->width);
	print_clean("%s", line);
}

/* The next child of `parent` from `from` on, or the count. */
static size_t next_child(const struct members *members, size_t from, int64_t parent) {
	while (from < members->count && members->list[from].parent != parent)
		from++;
	return from;
}

/* Each level takes one frame of the stack; the system limits how long a chain of processes can be. */
static void draw_children(struct drawing *drawing, int64_t parent, size_t depth) {
	const struct members *members = drawing->members;
	size_t child = next_child(members, 0, parent), next;

	for (; child < members->count; child = next) {
		next = next_child(members, child + 1, parent);
		draw_line(drawing, &members->list[child], next == members->count);
		if (depth < DEPTH)
			strcpy(drawing->indent + 2 * depth, next == members->count ? "  " : "| ");
		draw_children(drawing, members->list[child].pid, depth < DEPTH ? depth + 1 : depth);
		drawing->indent[2 * depth] = 0;
	}
}

bool tree_draw(struct members *members, int64_t root) {
	struct drawing drawing = { .members = members, .width = INT_MAX };
	struct hold_winsize size;

	if (isatty(STDOUT_FILENO) && terminal_size(STDOUT_FILENO, &size) && size.columns)
		drawing.width = size.columns;
	draw_children(&drawing, root, 0);
	return output_is_written();
}
