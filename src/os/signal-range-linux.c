/* SPDX-License-Identifier: ISC */
#include "os.h"

#include <signal.h>

const int os_last_signal = _NSIG - 1;

/* 34 is SIGRTMIN in nearly every program here, whatever this libc keeps for itself: musl's own is 35. */
int os_real_time_offset(int signal) {
	enum { FIRST = 34 };

	return signal >= FIRST && signal <= os_last_signal ? signal - FIRST : -1;
}
