/* SPDX-License-Identifier: ISC */
#include "over.h"

bool run_is_over(struct run *run) {
	if (run->status.how == 0 && hold_wait(run->hold, HOLD_NOW, &run->status) != 0)
		return false;
	return run->line->orphans != ORPHANS_WAIT || !descendants_have_keeper(&run->descendants) ||
	       !descendants_live(&run->descendants);
}
