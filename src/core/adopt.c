/* SPDX-License-Identifier: ISC */
/* Holds on processes that the library did not start, by pid, by descriptor, by reference; and references as text. */
#include "audit.h"
#include "hold.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Owns the descriptor from here on, also on failure. */
static int adopt(struct hold **ret, int pid, int pidfd) {
	struct hold *h;

	pidfd = os_above_stdio(pidfd);
	if (pidfd < 0)
		return pidfd;
	h = held_new();
	if (!h) {
		os_close(pidfd);
		return -ENOMEM;
	}
	h->pid = pid;
	h->pidfd = pidfd;
	h->adopted = true;
	*ret = h;
	return 0;
}

static int open_audited(int64_t pid) {
	int error;

	if (pid < 1 || pid > INT_MAX)
		return -EINVAL;
	error = audit(AUDIT_ADOPT, pid, 0);
	return error < 0 ? error : os_pidfd_open((int)pid, 0);
}

int hold_adopt(struct hold **ret, int64_t pid) {
	int saved_errno = errno, result;

	if (!ret)
		return -EINVAL;
	result = open_audited(pid);
	if (result >= 0)
		result = adopt(ret, (int)pid, result);
	errno = saved_errno;
	return result;
}

int hold_adopt_fd(struct hold **ret, int pidfd) {
	int saved_errno = errno, result, pid;

	if (!ret)
		return -EINVAL;
	pid = os_pidfd_pid(pidfd);
	if (pid < 0)
		return pid;
	result = audit(AUDIT_ADOPT, pid, 0);
	if (result == 0)
		result = adopt(ret, pid, os_pidfd_duplicate(pidfd));
	errno = saved_errno;
	return result;
}

/* Parses a decimal number without sign or space. *ret_end is what follows it. */
static bool parse_number(const char *text, uint64_t *ret, const char **ret_end) {
	char *end;
	int saved_errno = errno;
	bool overflowed;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*ret = strtoull(text, &end, 10);
	overflowed = errno == ERANGE;
	errno = saved_errno;
	*ret_end = end;
	return !overflowed;
}

/* "PID:INODE" or "PID:BOOT-ID:START-TIME" */
static bool parse_reference(const char *text, int64_t *ret_pid, struct os_identity *ret) {
	uint64_t pid;
	const char *end, *start;

	memset(ret, 0, sizeof *ret);
	if (!parse_number(text, &pid, &end) || *end != ':' || pid < 1 || pid > INT_MAX)
		return false;
	*ret_pid = (int64_t)pid;
	text = end + 1;
	start = strchr(text, ':');
	if (!start)
		return parse_number(text, &ret->inode, &end) && !*end && ret->inode;
	if (start == text || (size_t)(start - text) >= sizeof ret->boot_id)
		return false;
	memcpy(ret->boot_id, text, (size_t)(start - text));
	return parse_number(start + 1, &ret->start_time, &end) && !*end;
}

static int check_identity(const struct hold *h, const struct os_identity *wanted) {
	struct os_identity found;
	int error = os_identity(h->pidfd, h->pid, wanted->inode != 0, &found);

	if (error == -ESRCH)
		return HOLD_GONE;
	if (error < 0)
		return error;
	if (wanted->inode && !found.inode)
		return -EOPNOTSUPP;
	return wanted->inode == found.inode && !strcmp(wanted->boot_id, found.boot_id) &&
			       wanted->start_time == found.start_time
		       ? 0
		       : HOLD_GONE;
}

int hold_adopt_reference(struct hold **ret, const char *reference) {
	struct os_identity wanted;
	struct hold *h;
	int64_t pid;
	int saved_errno = errno, result;

	if (!ret || !reference || !parse_reference(reference, &pid, &wanted))
		return -EINVAL;
	result = hold_adopt(&h, pid);
	/* No process has the number; or a thread has it: -ENOENT, before Linux 6.16 -EINVAL. */
	if (result == -ESRCH || result == -ENOENT || result == -EINVAL)
		return HOLD_GONE;
	if (result < 0)
		return result;
	result = check_identity(h, &wanted);
	if (result == 0)
		*ret = h;
	else
		held_free(h);
	errno = saved_errno;
	return result;
}

int reference_write(char *text, size_t length, int pid, const struct os_identity *identity) {
	if (identity->inode)
		return snprintf(text, length, "%d:%" PRIu64, pid, identity->inode);
	return snprintf(text, length, "%d:%s:%" PRIu64, pid, identity->boot_id, identity->start_time);
}

int hold_reference(const struct hold *h, char *text, size_t length) {
	struct os_identity identity;
	int saved_errno = errno, result = held_check(h);

	if (result == 0)
		result = os_identity(h->pidfd, h->pid, true, &identity);
	if (result == 0)
		result = reference_write(text, length, h->pid, &identity);
	errno = saved_errno;
	return result;
}
