/* SPDX-License-Identifier: ISC */
#ifndef CLI_STORE_RUN_JSON_H
#define CLI_STORE_RUN_JSON_H

#include "runs.h"

/* A detached run as a JSON object and a newline, by docs/schema/run-1.json. false: errno says why. */
bool run_write_json(const struct run_entry *run, int fd);

#endif
