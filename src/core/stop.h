/* SPDX-License-Identifier: ISC */
/* What hold_release needs of stopping. */
#ifndef CORE_STOP_H
#define CORE_STOP_H

#include "hold.h"

/* hold_tree_stop without the audit hooks: by SIGKILL alone, or by the ladder of the hold. */
int stop_tree_now(struct hold *h, bool is_kill);

/* Forgets a stop that was begun. */
void stop_forget(struct hold *h);

#endif
