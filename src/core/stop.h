/* SPDX-License-Identifier: ISC */
/* What hold_release needs of stopping, without the audit hooks. */
#ifndef CORE_STOP_H
#define CORE_STOP_H

#include "hold.h"

/* Both end by a ladder; NULL: that of the hold. They return what hold_stop and hold_tree_stop return. */
int stop_process(struct hold *h, const struct hold_rung *ladder, size_t count);
int stop_tree(struct hold *h, const struct hold_rung *ladder, size_t count);

/* Forgets a stop that was begun. */
void stop_forget(struct hold *h);

#endif
