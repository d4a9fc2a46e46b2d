/* SPDX-License-Identifier: ISC */
/* hold caps: what this system can do, found out by trying. */
#include "../common/json.h"
#include "../common/message.h"
#include "../common/options.h"
#include "verbs.h"

#include <pidhold.h>

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

static const struct option_line lines[] = {
	{ 0, "json", NULL, COMMON, "as one JSON object", "" },
};

static const struct verb verb_caps = {
	"caps",
	"Tries what this system can promise, and tells what takes the place of the rest.",
	"",
	lines,
	1,
	"A line each: yes or no, the capability, what is used for it here, what it promises; after a no, the error.\n"
	"Exit status: 0, or 125 if the answer could not be written.\n",
	"hold caps --json",
};

static void print_text(const struct hold_cap *cap) {
	if (cap->supported)
		print_clean("yes  %-13s %-28s %s", cap->name, cap->mechanism, cap->promise);
	else
		print_clean("no   %-13s %-28s %s (%s%s%s)", cap->name, cap->mechanism, cap->promise,
			    strerror(-cap->error), cap->need ? "; needs " : "", cap->need ? cap->need : "");
}

static void put_json(struct json *json, const struct hold_cap *cap) {
	json_open(json, NULL, '{');
	json_string(json, "name", cap->name);
	json_bool(json, "supported", cap->supported);
	json_string(json, "mechanism", cap->mechanism);
	json_string(json, "promise", cap->promise);
	if (!cap->supported)
		json_number(json, "errno", -cap->error);
	if (cap->need)
		json_string(json, "need", cap->need);
	json_close(json, '}');
}

static int print_all(bool as_json) {
	struct json json = { 0 };
	bool written;

	json_open(&json, NULL, '{');
	json_number(&json, "version", 1);
	json_open(&json, "caps", '[');
	for (size_t i = 0;; i++) {
		struct hold_cap cap = { .size = sizeof cap };

		if (hold_caps(i, &cap) < 0)
			break;
		if (as_json)
			put_json(&json, &cap);
		else
			print_text(&cap);
	}
	json_close(&json, ']');
	json_close(&json, '}');
	written = as_json ? json_write(&json, STDOUT_FILENO) : output_is_written();
	if (!written)
		say("caps: %s", strerror(errno));
	json_free(&json);
	return written ? 0 : STATUS_FAILED;
}

int verb_caps_main(int argc, char **argv) {
	bool as_json = false;
	int found;

	while ((found = options_next(&verb_caps, argc, argv)) != OPTIONS_END) {
		if (found == OPTIONS_SAID)
			return 0;
		if (found == OPTIONS_WRONG)
			return STATUS_FAILED;
		as_json = true;
	}
	if (optind < argc) {
		say("caps: '%s': it takes no operand", argv[optind]);
		return STATUS_FAILED;
	}
	return print_all(as_json);
}
