/* SPDX-License-Identifier: ISC */
#include "audit.h"
#include "structure.h"

#include "os/os.h"

#include <pidhold.h>

#include <errno.h>

/* First the audit hooks, then the warning: if either fails nothing is left, since nothing was opened or forked. */
static int ask(const struct hold_forkpty_options *options, int *ret_threads) {
	int error = audit(AUDIT_OS_FORKPTY, 0, 0);

	if (error < 0)
		return error;
	*ret_threads = os_thread_count();
	if (*ret_threads > 1 && options->warn)
		error = options->warn(options->warn_context, *ret_threads);
	return error < 0 ? error : 0;
}

static int fork_on_terminal(const struct hold_terminal *wanted, int *ret_master) {
	const struct os_winsize winsize = { wanted->winsize.rows, wanted->winsize.columns, wanted->winsize.x_pixels,
					    wanted->winsize.y_pixels };
	struct os_terminal terminal;
	int pid, error = os_terminal_open(&terminal, wanted->size ? &winsize : NULL, wanted->modes);

	if (error < 0)
		return error;
	pid = os_fork_on_terminal(&terminal);
	if (pid == 0) {
		*ret_master = -1;
		return 0;
	}
	os_close(terminal.subordinate);
	if (pid < 0)
		os_close(terminal.master);
	else
		*ret_master = terminal.master;
	return pid;
}

int hold_forkpty(int *ret_master, int *ret_threads, const struct hold_forkpty_options *options) {
	struct hold_forkpty_options known = { .size = 0 };
	struct hold_terminal terminal = { .size = 0 };
	int threads = 0, result = ret_master ? 0 : -EINVAL;

	if (result == 0 && options)
		result = structure_take(&known, sizeof known, options);
	if (result == 0 && known.terminal)
		result = structure_take(&terminal, sizeof terminal, known.terminal);
	if (result == 0)
		result = ask(&known, &threads);
	if (result == 0)
		result = fork_on_terminal(&terminal, ret_master);
	if (result >= 0 && ret_threads)
		*ret_threads = threads;
	return result;
}
