"""Has Python leave what the block it runs has changed.

Python imports a module of this name at its start, before the block, which so
is run as it always is. This takes its own traces away, and at the end starts
the driver of bash, which notes the directory, umask and environment it gets.
"""

import os
import sys


def _install():
    import atexit

    folder = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if entry != folder]
    original = os.environ.pop("__runbook_path", None)
    if original is None:
        os.environ.pop("PYTHONPATH", None)
    else:
        os.environ["PYTHONPATH"] = original
    bash, driver, state = os.environ.pop("__runbook_leave").split("\n")
    # A process that the block forks comes to an end here too.
    block, spawn, wait = os.getpid(), os.spawnve, os.P_WAIT

    def leave():
        if os.getpid() != block:
            return
        try:
            folder = os.getcwd()
        except OSError:
            folder = ""
        spawn(wait, bash, [bash, "--norc", "--noprofile", "-p", driver, "leave", folder, state], os.environ)

    atexit.register(leave)
    # What this has hidden: a module of the same name of the machine's own.
    this = sys.modules.pop(__name__)
    try:
        import sitecustomize
    except ImportError:
        sys.modules[__name__] = this


_install()
