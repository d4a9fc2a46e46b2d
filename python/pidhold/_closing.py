# SPDX-License-Identifier: ISC
"""The end of a hold in event loops: one task ends what lives, and all others that close the hold wait for it."""
from . import _pidhold
from ._steps import KILL, TELLING, ending


class Closing:
    """The close of one hold, shared by all that close it."""

    def __init__(self):
        self._closers = 0
        self._is_driven = False

    def steps(self, hold):
        """Returns when the hold is released. If the one that ends it is cancelled, another goes on; the last one
        leaves the rest to the keeper."""
        self._closers += 1
        try:
            while self._is_driven and not hold._is_released:
                yield -1, TELLING
            if not hold._is_released:
                yield from self._drive(hold)
        finally:
            self._closers -= 1
            if self._closers == 0:
                hold._abandon()

    def _drive(self, hold):
        self._is_driven = True
        try:
            if hold._on_release != _pidhold.HOLD_ON_RELEASE_LEAVE:
                yield from ending(hold, KILL if hold._on_release == _pidhold.HOLD_ON_RELEASE_KILL else None)
            hold._abandon()
        finally:
            self._is_driven = False
