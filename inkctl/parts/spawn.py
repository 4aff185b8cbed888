"""How a child process is tied to us: on Linux it dies when we die, however we die."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1


def tie_to_parent() -> Callable[[], None] | None:
    """Make what a child runs between fork and exec; made here so that the child itself imports and allocates nothing.

    The kernel sends the signal when the thread that forked ends, so fork from the main thread. None where there is no such call.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def tie() -> None:
        prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return tie
