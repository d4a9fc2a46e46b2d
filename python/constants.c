/* SPDX-License-Identifier: ISC */
/* The header's constants, for the Python code of the package, which does not repeat their values. */
#include "functions.h"

#include <pidhold.h>

#include <stddef.h>

static const struct {
	const char *name;
	long long value;
} constants[] = {
#define CONSTANT(name) \
	{ #name, (long long)(name) }
	CONSTANT(HOLD_STDIO_NULL),      CONSTANT(HOLD_STDIO_PIPE),      CONSTANT(HOLD_STDIO_FD),
	CONSTANT(HOLD_STDIO_FILE),      CONSTANT(HOLD_STDIO_APPEND),    CONSTANT(HOLD_STDIO_LIKE_STDOUT),
	CONSTANT(HOLD_TERMINAL),        CONSTANT(HOLD_NEW_SESSION),     CONSTANT(HOLD_NEW_GROUP),
	CONSTANT(HOLD_KEEP_MASK),       CONSTANT(HOLD_PASS_ALL),        CONSTANT(HOLD_NO_NEW_PRIVS),
	CONSTANT(HOLD_LADDER_AT_DEATH), CONSTANT(HOLD_SHELL_SCRIPTS),   CONSTANT(HOLD_CONTAIN_AUTO),
	CONSTANT(HOLD_CONTAIN_BEST),    CONSTANT(HOLD_CONTAIN_NONE),    CONSTANT(HOLD_CONTAIN_GROUP),
	CONSTANT(HOLD_CONTAIN_KEEPER),  CONSTANT(HOLD_CONTAIN_PIDNS),   CONSTANT(HOLD_CONTAIN_CGROUP),
	CONSTANT(HOLD_ON_RELEASE_STOP), CONSTANT(HOLD_ON_RELEASE_KILL), CONSTANT(HOLD_ON_RELEASE_LEAVE),
#undef CONSTANT
};

int pidhold_add_constants(PyObject *module) {
	for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) {
		PyObject *number = PyLong_FromLongLong(constants[i].value);

		if (!number || PyModule_AddObject(module, constants[i].name, number) < 0) {
			Py_XDECREF(number);
			return -1;
		}
	}
	return 0;
}
