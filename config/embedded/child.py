"""Becomes a server: drops root where the server refuses it, then ends when its launcher ends.

Run as a script with bare Python: ``child.py LAUNCHER_PID SIGNAL [FOLDER ...] -- COMMAND ...``. With folders
named, the command runs as an ordinary user who owns them; without, it keeps its user.
"""

import ctypes
import os
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000  # <linux/sched.h>
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
NOBODY = 65534
OUTSIDE_ROOT = 0


def main(arguments: list[str]) -> None:
    split = arguments.index("--")
    launcher, signal_number = (int(argument) for argument in arguments[:2])
    folders, command = arguments[2:split], arguments[split + 1 :]
    if folders and os.geteuid() == OUTSIDE_ROOT:
        _leave_root(folders)
    if sys.platform == "linux":
        _libc().prctl(PR_SET_PDEATHSIG, signal_number)
        if os.getppid() != launcher:  # it ended before we asked to be told
            sys.exit(1)
    try:
        os.execv(command[0], command)  # noqa: S606 - a shell has no part in this
    except PermissionError:
        sys.exit(
            f"{command[0]} may not be run here by an ordinary user, and PostgreSQL refuses to run as root."
            " Move the project to a folder that everybody may enter, such as /opt, or run it as an ordinary user."
        )


def _leave_root(folders: list[str]) -> None:
    if _may_map_root():
        _hand_over(folders, to=OUTSIDE_ROOT)
        _map_root()
    else:
        _hand_over(folders, to=NOBODY)
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def _may_map_root() -> bool:
    """Tries it in a throw-away process: a namespace that is only half made cannot be left."""
    if sys.platform != "linux" or os.environ.get("PORTFOLIO_NO_USER_NAMESPACE"):
        return False
    trial = os.fork()
    if trial == 0:
        try:
            _map_root()
            os._exit(0 if os.geteuid() else 1)
        except OSError:
            os._exit(1)
    return os.waitpid(trial, 0)[1] == 0


def _map_root() -> None:
    """A user namespace in which root looks like user 1000; files stay root's."""
    libc = _libc()
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text("1000 0 1")
    Path("/proc/self/gid_map").write_text("1000 0 1")


def _hand_over(folders: list[str], *, to: int) -> None:
    for folder in folders:
        if Path(folder).stat().st_uid != to:
            for parent, _, names in os.walk(folder):
                for path in (parent, *(os.path.join(parent, name) for name in names)):
                    os.chown(path, to, to)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


if __name__ == "__main__":
    main(sys.argv[1:])
