/* SPDX-License-Identifier: ISC */
#include "ok-status.h"
#include "../common/message.h"
#include "../common/parse-number.h"

#include <stdint.h>
#include <string.h>

static bool add_one(struct ok_statuses *all, const char *text, size_t length) {
	char word[8];
	int64_t status;

	if (length >= sizeof word)
		return false;
	memcpy(word, text, length);
	word[length] = 0;
	if (!parse_number(word, 0, 255, &status))
		return false;
	return all->is_ok[status] = true;
}

bool ok_status_add(struct ok_statuses *all, const char *text) {
	const char *from = text;

	for (;;) {
		const size_t length = strcspn(from, ",");

		if (!add_one(all, from, length)) {
			say("run: --ok-status '%s': not a status from 0 to 255", text);
			hint("several of them: --ok-status 1,143; after a signal the status is 128 and its number");
			return false;
		}
		if (!from[length])
			return true;
		from += length + 1;
	}
}
