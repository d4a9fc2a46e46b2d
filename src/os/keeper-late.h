/* SPDX-License-Identifier: ISC */
#ifndef OS_KEEPER_LATE_H
#define OS_KEEPER_LATE_H

/* Reaps keepers that were released before they had ended, and have ended since. */
void keeper_reap_late(void);

#endif
