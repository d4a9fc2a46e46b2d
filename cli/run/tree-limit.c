/* SPDX-License-Identifier: ISC */
#include "tree-limit.h"
#include "../common/ladder.h"
#include "../common/message.h"
#include "../common/parse-bytes.h"
#include "../common/parse-number.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TASKS_MOST = 4194304, CPUS_MOST = 100000, WEIGHT_MOST = 10000 };

/* As the library names it, and with the option. */
static const struct {
	const char *name, *option;
} names[] = {
	[TREE_MEMORY] = { "memory", "--memory" },
	[TREE_TASKS] = { "tasks", "--tasks" },
	[TREE_CPUS] = { "cpus", "--cpus" },
	[TREE_CPU_TIME] = { "cpu_time", "--cpu-time" },
	[TREE_IO_WEIGHT] = { "io_weight", "--io-weight" },
};

static bool refuse(enum tree_limit which, const char *text, const char *what, const char *way_out) {
	say("run: %s '%s': %s", names[which].option, text, what);
	hint("%s", way_out);
	return false;
}

/* "1.5": at most three digits after the point. */
static bool parse_cpus(const char *text, uint32_t *ret_thousandths) {
	const char *point = strchr(text, '.');
	const size_t length = point ? (size_t)(point - text) : strlen(text);
	char whole[16], part[] = "000";
	int64_t number, thousandths = 0;

	if (length >= sizeof whole || (point && (!point[1] || strlen(point + 1) > 3 || point[1] == '+')))
		return false;
	memcpy(whole, text, length);
	whole[length] = 0;
	if (point)
		memcpy(part, point + 1, strlen(point + 1));
	if (!parse_number(whole, 0, CPUS_MOST, &number) || !parse_number(part, 0, 999, &thousandths))
		return false;
	*ret_thousandths = (uint32_t)(number * 1000 + thousandths);
	return *ret_thousandths >= 10;
}

static bool parse_time(const char *text, uint64_t *ret_us) {
	int64_t ns;

	if (!option_duration("run", names[TREE_CPU_TIME].option, text, &ns))
		return false;
	*ret_us = ((uint64_t)ns + 999) / 1000;
	return *ret_us > 0 || refuse(TREE_CPU_TIME, text, "no time at all", "without a limit: leave --cpu-time out");
}

bool tree_limit_parse(enum tree_limit which, const char *text, struct hold_tree_limits *ret) {
	int64_t number;

	ret->size = sizeof *ret;
	switch (which) {
	case TREE_MEMORY:
		return (parse_bytes(text, &ret->memory) && ret->memory && ret->memory != UINT64_MAX) ||
		       refuse(which, text, "not a size", "bytes, or with K, M, G, T: 512M");
	case TREE_TASKS:
		if (!parse_number(text, 1, TASKS_MOST, &number))
			return refuse(which, text, "not a number from 1 to 4194304", "processes and threads: 100");
		ret->tasks = (uint64_t)number;
		return true;
	case TREE_CPUS:
		return parse_cpus(text, &ret->milli_cpus) ||
		       refuse(which, text, "not a number of processors", "0.01 or more: 2, or 1.5");
	case TREE_CPU_TIME:
		return parse_time(text, &ret->cpu_time_us);
	default:
		if (!parse_number(text, 1, WEIGHT_MOST, &number))
			return refuse(which, text, "not a number from 1 to 10000", "100 is what others have");
		ret->io_weight = (uint32_t)number;
		return true;
	}
}

bool tree_limits_need_controllers(const struct hold_tree_limits *limits) {
	return limits->memory || limits->tasks || limits->milli_cpus || limits->io_weight;
}

bool tree_limits_are_given(const struct hold_tree_limits *limits) {
	return limits->cpu_time_us || tree_limits_need_controllers(limits);
}

void tree_limit_say_refused(const char *command, const struct hold_error *error) {
	const char *option = error->object;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcmp(error->object, names[i].name) == 0)
			option = names[i].option;
	}
	say("cannot start '%s': %s: %s%s%s%s", command, option, strerror(-error->code), error->need ? " (needs " : "",
	    error->need ? error->need : "", error->need ? ")" : "");
	if (error->need)
		hint("with systemd and cgroup version 2: systemd-run %s--scope -p Delegate=yes hold run %s ...",
		     geteuid() == 0 ? "" : "--user ", option);
}
