/* SPDX-License-Identifier: ISC */
/* hold caps: what this system can do, found out by trying. */
#include "../common/json.h"
#include "../common/message.h"
#include "../common/options.h"
#include "verbs.h"

#include <pidhold.h>

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
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
	"The last line counts them, and names the containment that hold run takes by default here.\n"
	"Exit status: 0, or 125 if the answer could not be written.\n",
	"hold caps --json",
};

static const char row[] = "%-4s %-13s %-28s %s%s";

static void print_row(const struct hold_cap *cap) {
	char reason[192] = "";

	if (!cap->supported)
		snprintf(reason, sizeof reason, " (%s%s%s)", strerror(-cap->error), cap->need ? "; needs " : "",
			 cap->need ? cap->need : "");
	print_clean(row, cap->supported ? "yes" : "no", cap->name, cap->mechanism, cap->promise, reason);
}

static int print_text(void) {
	struct hold_cap cap = { .size = sizeof cap };
	const char *containment = hold_containment_name(HOLD_CONTAIN_NONE);
	int count = 0, supported = 0;
	struct utsname system;

	if (uname(&system) == 0)
		print_clean("%s %s on %s: what works here, found out by trying", system.sysname, system.release,
			    system.machine);
	print("\n");
	print_clean(row, "", "CAPABILITY", "USED HERE", "PROMISE", "");
	for (; hold_caps((size_t)count, &cap) == 0; count++) {
		print_row(&cap);
		supported += cap.supported;
		if (strcmp(cap.name, "containment") == 0)
			containment = cap.mechanism;
	}
	print("\n%d of %d work in full. What keeps a command of hold run and its descendants together here: %s\n",
	      supported, count, containment);
	return output_is_written() ? 0 : say_unwritten();
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

static int print_json(void) {
	struct json json = { 0 };
	struct hold_cap cap = { .size = sizeof cap };
	bool written;

	json_open(&json, NULL, '{');
	json_number(&json, "version", 1);
	json_open(&json, "caps", '[');
	for (size_t i = 0; hold_caps(i, &cap) == 0; i++)
		put_json(&json, &cap);
	json_close(&json, ']');
	json_close(&json, '}');
	written = json_write(&json, STDOUT_FILENO);
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
	return as_json ? print_json() : print_text();
}
