/* SPDX-License-Identifier: ISC */
#include "status-json.h"
#include "signal-name.h"

void status_json(struct json *json, const struct hold_status *status) {
	char name[SIGNAL_NAME_SIZE];

	switch (status->how) {
	case HOLD_HOW_EXITED:
		json_string(json, "outcome", "exited");
		json_number(json, "exit_status", status->code);
		break;
	case HOLD_HOW_SIGNALLED:
		json_string(json, "outcome", "signalled");
		json_string(json, "signal", signal_name(status->code, name));
		json_number(json, "signum", status->code);
		break;
	default: /* HOLD_HOW_UNKNOWN, and any value not known here */
		json_string(json, "outcome", "unknown");
	}
	if (status->core_dumped >= 0 && status->how == HOLD_HOW_SIGNALLED)
		json_bool(json, "core_dumped", status->core_dumped);
}
