/* SPDX-License-Identifier: ISC */
/* What a system of which nothing but POSIX is used cannot promise, whatever else it has. */
#include "calls.h"
#include "os.h"

static int lacks(const char *mechanism, const char **ret_mechanism, const char **ret_need) {
	*ret_mechanism = mechanism;
	*ret_need = "Linux, not -Dplatform=posix";
	return -ENOSYS;
}

#define LACKS(probe, mechanism) \
	int probe(const char **ret_mechanism, const char **ret_need) { \
		return lacks(mechanism, ret_mechanism, ret_need); \
	}

LACKS(os_probe_start, "fork")
LACKS(os_probe_descriptor, "none")
LACKS(os_probe_adopt, "none")
LACKS(os_probe_signal, "kill")
LACKS(os_probe_group_signal, "kill")
LACKS(os_probe_wait, "waitid by number")
LACKS(os_probe_nonblocking, "none")
LACKS(os_probe_status, "wait4")
LACKS(os_probe_reference, "none")
LACKS(os_probe_close, system_closing)
LACKS(os_probe_table, "copied")
LACKS(os_probe_threads, "none")
LACKS(os_probe_owner, "getpid")
LACKS(os_probe_keeper, "none")
LACKS(os_probe_cgroup, "none")
LACKS(os_probe_pidns, "none")
LACKS(os_probe_containment, "none")

int os_probe_terminal(const char **ret_mechanism, const char **ret_need) {
	struct os_terminal terminal;
	const int error = os_terminal_open(&terminal, NULL, NULL);

	if (error < 0) {
		*ret_mechanism = "none";
		*ret_need = "posix_openpt";
		return error;
	}
	os_close(terminal.subordinate);
	os_close(terminal.master);
	return lacks("ptsname", ret_mechanism, ret_need);
}
