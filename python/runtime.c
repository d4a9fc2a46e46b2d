/* SPDX-License-Identifier: ISC */
#include "runtime.h"

#include <dlfcn.h>
#include <stdlib.h>

static struct {
	int minor;
	int (*audit)(const char *event, const char *format, ...);
	void *(*current_interpreter)(void);
	void *(*main_interpreter)(void);
	int (*is_finalizing)(void);
	PyObject **finalization_error;
} runtime;

/* A function's address as a data pointer: POSIX allows it. */
static void find(void *function, const char *name, const char *older_name) {
	void *found = dlsym(RTLD_DEFAULT, name);

	*(void **)function = found ? found : dlsym(RTLD_DEFAULT, older_name);
}

void pidhold_find_runtime(void) {
	const char *version = Py_GetVersion(); /* "3.11.2 (...)" */

	runtime.minor = version[0] == '3' && version[1] == '.' ? atoi(version + 2) : 0;
	find(&runtime.audit, "PySys_Audit", "PySys_Audit");
	find(&runtime.current_interpreter, "PyInterpreterState_Get", "_PyInterpreterState_Get");
	find(&runtime.main_interpreter, "PyInterpreterState_Main", "PyInterpreterState_Main");
	find(&runtime.is_finalizing, "Py_IsFinalizing", "_Py_IsFinalizing");
	find(&runtime.finalization_error, "PyExc_PythonFinalizationError", "PyExc_RuntimeError");
}

int pidhold_python_minor(void) {
	return runtime.minor;
}

/* Through sys.audit, which Python code may have replaced: so it is used only where PySys_Audit is missing. */
static int audit_by_name(const char *event, PyObject *arguments) {
	PyObject *audit = PySys_GetObject("audit"), *all, *result = NULL;
	Py_ssize_t count = PyTuple_Size(arguments);

	if (!audit)
		return 0;
	all = PyTuple_New(count + 1);
	if (all && PyTuple_SetItem(all, 0, PyUnicode_FromString(event)) == 0) {
		for (Py_ssize_t i = 0; i < count; i++) {
			PyObject *one = PyTuple_GetItem(arguments, i);

			Py_INCREF(one);
			PyTuple_SetItem(all, i + 1, one);
		}
		result = PyErr_Occurred() ? NULL : PyObject_CallObject(audit, all);
	}
	Py_XDECREF(all);
	Py_XDECREF(result);
	return result ? 0 : -1;
}

int pidhold_audit(const char *event, PyObject *arguments) {
	int result;

	if (!arguments)
		return -1;
	result = runtime.audit ? runtime.audit(event, "O", arguments) : audit_by_name(event, arguments);
	Py_DECREF(arguments);
	return result;
}

int pidhold_is_main_interpreter(void) {
	if (!runtime.current_interpreter || !runtime.main_interpreter)
		return 1;
	return runtime.current_interpreter() == runtime.main_interpreter();
}

int pidhold_is_finalizing(void) {
	return runtime.is_finalizing && runtime.is_finalizing();
}

PyObject *pidhold_finalization_error(void) {
	return runtime.finalization_error ? *runtime.finalization_error : PyExc_RuntimeError;
}
