/* SPDX-License-Identifier: ISC */
/* What hold is asked to do while something goes wrong. */
#include "inject.h"

#include <string.h>

#define CONTAINED "keeper cgroup pidns auto"
#define ALL CONTAINED " group none"

/* Each is run in a directory of the worker's. */
const struct scenario scenarios[] = {
	{ .name = "end",
	  .args = "run --contain %C --",
	  .containments = ALL,
	  .command = "inject-command end 7",
	  .status = 7 },
	{ .name = "limit",
	  .args = "run --contain %C -T 300ms --ladder TERM,200ms,KILL --",
	  .containments = CONTAINED,
	  .command = "inject-command stubborn",
	  .status = 124,
	  .has_limit = true },
	{ .name = "limit-group",
	  .args = "run --contain %C -T 300ms --ladder TERM,200ms,KILL --",
	  .containments = "group",
	  .command = "inject-command stubborn-group",
	  .status = 124,
	  .has_limit = true },
	{ .name = "limit-alone",
	  .args = "run --contain %C -T 300ms --ladder TERM,200ms,KILL --",
	  .containments = "none",
	  .command = "inject-command stubborn-alone",
	  .status = 124,
	  .has_limit = true },
	{ .name = "tty",
	  .args = "run -t --contain %C --",
	  .containments = ALL,
	  .command = "inject-command talk 7",
	  .status = 7,
	  .on_terminal = true,
	  .talks = true },
	{ .name = "tty-limit",
	  .args = "run -t --contain %C -T 300ms --ladder TERM,200ms,KILL --",
	  .containments = CONTAINED,
	  .command = "inject-command stubborn",
	  .status = 124,
	  .has_limit = true,
	  .on_terminal = true },
	{ .name = "missing",
	  .args = "run --contain %C --",
	  .containments = ALL,
	  .command = "/no/such/program",
	  .status = 127 },
	{ .name = "report",
	  .args = "run --contain %C --report report --audit audit --",
	  .containments = ALL,
	  .command = "inject-command end 7",
	  .status = 7,
	  .has_report = true },
	{ .name = "orphans",
	  .args = "run --contain %C --",
	  .containments = CONTAINED,
	  .command = "inject-command leave 7",
	  .status = 7 },
	{ .name = "strict",
	  .args = "run --contain %C --strict --",
	  .containments = CONTAINED,
	  .command = "inject-command leave 0",
	  .status = 123,
	  .is_strict = true },
	{ .name = "orphans-wait",
	  .args = "run --contain %C --orphans wait --",
	  .containments = "keeper auto",
	  .command = "inject-command leave-short 7",
	  .status = 7 },
	{ .name = "lifeline",
	  .args = "run --contain %C --lifeline 0 --ladder TERM,200ms,KILL --",
	  .containments = "keeper auto",
	  .command = "inject-command stubborn",
	  .status = 129,
	  .has_lifeline = true },
	{ .name = "settings",
	  .args = "run --contain %C --stdout printed --nice 5 --rlimit nofile=64 -C / --",
	  .containments = "keeper auto none",
	  .command = "inject-command end 7",
	  .status = 7 },
	{ .name = "bound",
	  .args = "run --contain %C --max-output 4 --spill spilled --",
	  .containments = "keeper auto none",
	  .command = "inject-command end 7",
	  .status = 7 },
	{ .name = "first",
	  .args = "run --contain %C --",
	  .containments = "keeper auto none",
	  .command = "inject-command leave 7",
	  .status = 7,
	  .is_first = true },
	{ .name = "timeout",
	  .args = "timeout -k 0.2 0.3",
	  .containments = "-",
	  .command = "inject-command stubborn",
	  .status = 137,
	  .has_limit = true },
	{ .name = "stop-tree",
	  .args = "stop --tree --ladder TERM,200ms,KILL %P",
	  .containments = "-",
	  .target = "stubborn",
	  .target_lines = 3 },
	{ .name = "stop",
	  .args = "stop --ladder TERM,200ms,KILL %P",
	  .containments = "-",
	  .target = "stubborn-alone",
	  .target_lines = 2 },
	{ .name = "wait", .args = "wait %P", .containments = "-", .target = "live 7", .target_lines = 2 },
	{ .name = "wait-tree",
	  .args = "wait --tree %P",
	  .containments = "-",
	  .target = "live-with-child 7",
	  .target_lines = 3 },
};
const size_t scenario_count = sizeof scenarios / sizeof *scenarios;

size_t pairs_list(struct pair *pairs, size_t room) {
	size_t count = 0;

	for (size_t i = 0; i < scenario_count; i++) {
		const char *word = scenarios[i].containments;

		while (*word && count < room) {
			const size_t length = strcspn(word, " ");
			struct pair *pair = &pairs[count++];

			*pair = (struct pair){ .scenario = &scenarios[i] };
			if (*word != '-')
				memcpy(pair->contain, word, length);
			word += length + strspn(word + length, " ");
		}
	}
	return count;
}
