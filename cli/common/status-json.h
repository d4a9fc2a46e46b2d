/* SPDX-License-Identifier: ISC */
#ifndef CLI_STATUS_JSON_H
#define CLI_STATUS_JSON_H

#include "json.h"

#include <pidhold.h>

/* How a command ended, as members of the object that is open. */
void status_json(struct json *json, const struct hold_status *status);

#endif
