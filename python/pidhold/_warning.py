# SPDX-License-Identifier: ISC
"""Whether the warning about threads would be an error, for forkpty."""
import os
import sys
import warnings


def foresee(text):
    """Returns whether the DeprecationWarning `text`, for the line that is running, would be an error; and how many
    threads Python knows of if /proc cannot be read, else 0."""
    return _is_error(text, sys._getframe(1)), 0 if os.access("/proc/self/stat", os.R_OK) else _threads()


def _is_error(text, frame):
    """Finds the action as the warnings module does."""
    name = frame.f_globals.get("__name__", "<string>")
    filters = getattr(warnings, "_get_filters", lambda: warnings.filters)()  # since 3.14 a context may have its own
    for action, message, category, module, line in filters:
        if (_is_match(message, text) and issubclass(DeprecationWarning, category) and _is_match(module, name)
                and line in (0, frame.f_lineno)):
            return action == "error"
    return warnings.defaultaction == "error"


def _is_match(pattern, text):
    if pattern is None or isinstance(pattern, str):  # the interpreter's own filters
        return pattern in (None, text)
    return pattern.match(text) is not None


def _threads():
    threading = sys.modules.get("threading")
    return len(threading._active) + len(threading._limbo) if threading else 0
