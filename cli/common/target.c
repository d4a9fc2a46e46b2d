/* SPDX-License-Identifier: ISC */
#include "error-text.h"
#include "target.h"
#include "message.h"
#include "parse-number.h"

#include <errno.h>
#include <string.h>

int target_hold_if_there(const struct verb *verb, const char *text, struct hold **ret) {
	int64_t pid;
	int result = -EINVAL;
	enum parsed parsed = PARSED_NOTHING;

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
