"""Clients from PyPI. The guest sees the host's root, so it runs them where they are installed here, with the host's Python."""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "Bus"))

from environments import YKMAN, Environment  # noqa: E402

NITROPY = Environment("nitropy", "pynitrokey==0.14.1", "nitrokey==0.5.0", "fido2==2.2.1")
PROGRAMS = {"ykman": YKMAN, "nitropy": NITROPY}


def settings():
    """For the guest's shell: where each program is (`YKMAN`), and why it cannot be run, empty where it can
    (`YKMAN_OBSTACLE`)."""
    chosen = {}
    for name, environment in PROGRAMS.items():
        chosen[name.upper()] = environment.program(name)
        chosen[f"{name.upper()}_OBSTACLE"] = environment.obstacle() or ""
    return chosen
