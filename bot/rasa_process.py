"""Runs Rasa in the process that this file is started in, made faster by `bot.rasa_speed`, and ends it when the service is gone.

Runs under the dialogue model's own Python with the standard library and Rasa only. Standard input is a pipe that the
service holds open: when the service ends, however it ends, the pipe closes and Rasa with all that it started is
killed. On Linux the kernel sees to the same, in case this Python is too busy to notice.
"""

import ctypes
import os
import runpy
import signal
import sys
import threading

PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """From now on this process group dies with the process at the other end of standard input."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    pipe = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)

    def watch() -> None:
        while os.read(pipe, 64):
            pass
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=watch, name="parent", daemon=True).start()


if __name__ == "__main__":
    end_with_parent()
    # As `python -m rasa` has it: components are imported from the checkout, not from the folder of this file.
    sys.path[:1] = [os.getcwd(), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]
    sys.argv[0] = "rasa"
    from bot import rasa_speed

    rasa_speed.apply(rasa_speed.chosen(os.environ.get(rasa_speed.VARIABLE, "all")))
    runpy.run_module("rasa", run_name="__main__", alter_sys=True)
