/* SPDX-License-Identifier: ISC */
#include "calls.h"
#include "os.h"

#include <pthread.h>
#include <signal.h>

const int os_sigkill = SIGKILL, os_sigcont = SIGCONT, os_sigterm = SIGTERM;

const char *os_signal_name(int signal) {
	switch (signal) {
#define SIGNAL(name) \
	case SIG##name: \
		return "SIG" #name;
#include "signals.def"
#undef SIGNAL
	default:
		return NULL;
	}
}

int os_kill(int pid, int signal) {
	return call_kill(pid, signal);
}

int os_pthread_kill(uintptr_t thread, int signal) {
	return -pthread_kill((pthread_t)thread, signal);
}

int os_group_of(int pid) {
	return call_getpgid(pid);
}
