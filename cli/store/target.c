/* SPDX-License-Identifier: ISC */
#include "target.h"
#include "../common/error-text.h"
#include "../common/message.h"
#include "../common/parse-number.h"
#include "directory.h"
#include "ending.h"
#include "find.h"

#include <errno.h>
#include <string.h>

/* A run that is being started has no command yet. */
static int hold_command_of(const struct run_entry *run, struct hold **ret) {
	if (run->state != RUN_LIVES)
		return HOLD_GONE;
	return run->record.reference ? hold_adopt_reference(ret, run->record.reference) : -EAGAIN;
}

static int hold_run(const struct verb *verb, const char *text, struct hold **ret) {
	struct run_entry run;
	int result;

	if (!run_find(verb->name, text, false, &run))
		return -ENOENT;
	if (!run_is_in_reach(verb->name, &run)) {
		run_unload(&run);
		return -ENOENT;
	}
	result = hold_command_of(&run, ret);
	run_unload(&run);
	if (result < 0)
		say("%s: '%s': %s", verb->name, text, result == -EAGAIN ? "is being started" : error_text(result));
	return result;
}

int target_hold_if_there(const struct verb *verb, const char *text, struct hold **ret) {
	int64_t pid;
	int result = -EINVAL;
	enum parsed parsed = PARSED_NOTHING;

	if (run_is_named(text))
		return hold_run(verb, text, ret);
	if (strchr(text, ':'))
		result = hold_adopt_reference(ret, text);
	else if ((parsed = parse_pid(text, &pid)) == PARSED_NUMBER && pid > 0)
		result = hold_adopt(ret, pid);
	if (parsed == PARSED_TOO_LARGE)
		say("%s: '%s': no pid is that large", verb->name, text);
	else if (result == -EINVAL)
		say("%s: '%s': neither a pid nor a reference", verb->name, text);
	else if (result < 0)
		say("%s: '%s': %s", verb->name, text, error_text(result));
	return result;
}

int target_hold(const struct verb *verb, const char *text, struct hold **ret) {
	const int result = target_hold_if_there(verb, text, ret);

	if (result == HOLD_GONE)
		say("%s: '%s': has ended", verb->name, text);
	return result;
}
