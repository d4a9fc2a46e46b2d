/* SPDX-License-Identifier: ISC */
/* The names of the errors that tests/api/caps.c speaks of: their numbers are not the same on all machines. */
#ifndef TESTS_API_ERRNO_NAME_H
#define TESTS_API_ERRNO_NAME_H

#include <errno.h>
#include <stdio.h>

static inline const char *errno_name(int error) {
	static char number[24];

	switch (error) {
	case 0:
		return "0";
	case EACCES:
		return "EACCES";
	case EBADF:
		return "EBADF";
	case ECHILD:
		return "ECHILD";
	case EINVAL:
		return "EINVAL";
	case ENODATA:
		return "ENODATA";
	case ENODEV:
		return "ENODEV";
	case ENOENT:
		return "ENOENT";
	case ENOSYS:
		return "ENOSYS";
	case ENOTTY:
		return "ENOTTY";
	case EOPNOTSUPP:
		return "EOPNOTSUPP";
	case EPERM:
		return "EPERM";
	case ESRCH:
		return "ESRCH";
	default:
		snprintf(number, sizeof number, "errno-%d", error);
	}
	return number;
}

#endif
