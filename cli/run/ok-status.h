/* SPDX-License-Identifier: ISC */
/* --ok-status: statuses of the command that mean success. */
#ifndef CLI_RUN_OK_STATUS_H
#define CLI_RUN_OK_STATUS_H

#include <stdbool.h>

struct ok_statuses {
	bool is_ok[256];
};

/* "143", "1,143". false: said on standard error. */
bool ok_status_add(struct ok_statuses *all, const char *text);

#endif
