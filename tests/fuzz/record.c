/* SPDX-License-Identifier: ISC */
#include "fuzz.h"

#include "../../cli/store/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	struct record record, again;
	char *text, *other;
	size_t length, other_length;

	if (record_decode(&record, bytes ? (const char *)bytes : "", size)) {
		text = record_encode(&record, &length);
		MUST(text && record_decode(&again, text, length));
		other = record_encode(&again, &other_length);
		MUST(other && length == other_length && memcmp(text, other, length) == 0);
		/* a text that was cut is no record */
		record_free(&again);
		MUST(!record_decode(&again, text, length - 2));
		record_free(&again);
		free(text);
		free(other);
	}
	record_free(&record);
	return 0;
}
