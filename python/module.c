/* SPDX-License-Identifier: ISC */
/*
 * The module pidhold._pidhold: one binary for every interpreter from 3.8 on (the limited API). Nothing that belongs to
 * one interpreter is stored outside of objects, so several interpreters of a process may import it, also with a lock of
 * their own. The slots that say so are added where the interpreter knows them.
 */
#include "functions.h"
#include "hold.h"
#include "runtime.h"

#include <pidhold.h>

#include <string.h>

enum { MULTIPLE_INTERPRETERS = 3, GIL = 4 }; /* Py_mod_..., of 3.12 and 3.13 */

#define OWN_GIL_IS_SUPPORTED ((void *)2)
#define GIL_IS_NOT_USED ((void *)1)

static int fill_in(PyObject *module) {
	if (pidhold_add_functions(module) < 0 || pidhold_add_holds(module) < 0 || pidhold_add_constants(module) < 0)
		return -1;
	return PyModule_AddStringConstant(module, "__version__", hold_version());
}

/* Before 3.9 Python's own macro leaves it hidden where other names are. */
__attribute__((visibility("default"))) PyMODINIT_FUNC PyInit__pidhold(void);

PyMODINIT_FUNC PyInit__pidhold(void) {
	static PyModuleDef_Slot slots[4] = { { Py_mod_exec, (void *)(size_t)fill_in } };
	static struct PyModuleDef definition = {
		PyModuleDef_HEAD_INIT,
		.m_name = "pidhold._pidhold",
		.m_doc = "Processes, started and held; see pidhold.",
		.m_slots = slots,
	};
	int next = 1;

	/* A free-threaded interpreter may load this, but its objects have another layout: none may be touched. */
	if (strstr(Py_GetVersion(), "free-threading")) {
		PyErr_SetString(PyExc_ImportError,
				"this build of pidhold is for Python with the global interpreter lock");
		return NULL;
	}
	pidhold_find_runtime();
	if (pidhold_python_minor() >= 12)
		slots[next++] = (PyModuleDef_Slot){ MULTIPLE_INTERPRETERS, OWN_GIL_IS_SUPPORTED };
	if (pidhold_python_minor() >= 13)
		slots[next++] = (PyModuleDef_Slot){ GIL, GIL_IS_NOT_USED };
	return PyModuleDef_Init(&definition);
}
