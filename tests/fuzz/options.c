/* SPDX-License-Identifier: ISC */
/* The command line of hold run, from words that a NUL ends each. It is read, and no command is started. */
#include "fuzz.h"

#include "../../cli/run/command-line.h"

#include <getopt.h>
#include <stdbool.h>

enum { WORDS = 64 };

/* getopt_long is to forget the letters of an argument that it was stopped in. */
static void begin_anew(void) {
	static char name[] = "run";
	char *alone[] = { name, NULL };

	optind = 0;
	getopt_long(1, alone, "+", (const struct option[]){ { NULL, 0, NULL, 0 } }, NULL);
	optind = 1;
}

static void must_be_right(const struct run_command_line *line) {
	MUST(line->command[0]);
	MUST(line->ladder_count > 0 && line->ladder_count <= HOLD_LADDER_MAX);
	MUST(line->time_limit_ns >= 0);
	MUST(line->nice >= -1000 && line->nice <= 1000 && line->oom_score_adj >= -1000 && line->oom_score_adj <= 1000);
	MUST(line->lifeline >= -1);
	for (size_t i = 0; i < line->ladder_count; i++)
		MUST(line->ladder[i].signal > 0 && line->ladder[i].wait_ms >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	static char name[] = "run";
	char *text = malloc(size + 1), *words[WORDS + 1] = { name }, *end = text + size;
	struct run_command_line line;
	int count = 1, status;
	bool reads_files = false;

	MUST(text);
	if (size)
		memcpy(text, bytes, size);
	*end = 0;
	for (char *word = text; word < end && count < WORDS; word += strlen(word) + 1) {
		words[count++] = word;
		/* whatever its name is: env-file.c tries the text */
		reads_files |= strncmp(word, "--env-file", 10) == 0;
	}
	words[count] = NULL;
	begin_anew();
	if (!reads_files && run_command_line_read(&line, count, words, &status)) {
		must_be_right(&line);
		run_command_line_free(&line);
	}
	clearenv(); /* it may have words of the text in it */
	free(text);
	return 0;
}
