/* SPDX-License-Identifier: ISC */
/* Which children of this process the library reaps: the commands of holds without a keeper, and keepers. */
#ifndef CORE_OWN_CHILDREN_H
#define CORE_OWN_CHILDREN_H

#include "hold.h"

/* Called around each start, whose children have no hold yet. h: the new hold, or NULL. */
void own_children_begin_start(void);
void own_children_end_start(struct hold *h);

/* Before a hold is freed. */
void own_children_remove(struct hold *h);

/* Whether the library reaps this child, or may have to: while a start is under way any child may be its own. */
bool own_children_have(int pid);

/* Reaps a child that has ended and is not the library's, as long as no start is under way. */
bool own_children_reap_other(int pid, int pidfd);

#endif
