# SPDX-License-Identifier: ISC
"""Ctrl-C in the middle of a call."""
import os
import signal
import threading

from tap import error_of


def interrupted(call, *args, **options):
    """Calls it with a Ctrl-C on its way. Returns the class of what it raises."""
    def interrupt():
        os.kill(os.getpid(), signal.SIGINT)

    signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.2, interrupt)
    timer.start()
    error = error_of(call, *args, **options)
    timer.join()
    return type(error)
