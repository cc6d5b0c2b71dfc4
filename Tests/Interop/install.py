"""The importers that are not installed with Debian's packages: PyPI's in virtual environments, servers unpacked.

Debian's slapd and freeradius are not installed on purpose: their packages start daemons that listen to everybody. All of
it goes below .build/interop and is kept there. What cannot be had raises `Missing`, and its tests are skipped.
"""

import functools
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parent.parent / ".build" / "interop"
# Seconds for one environment; a server has some sixty packages.
INSTALL_LIMIT = 600

SERVER_PACKAGES = (
    "slapd", "ldap-utils", "freeradius", "freeradius-utils", "freeradius-common", "libfreeradius3", "libtalloc2",
    "libodbc2", "libwrap0", "libpcre3")


class Missing(Exception):
    """Something that has to be installed is not, and cannot be."""


LOCK = threading.Lock()


def once(install):
    """Installs at most once in a run, and tells everybody else what became of it."""
    outcomes = {}

    @functools.wraps(install)
    def wrapper(*arguments):
        with LOCK:
            if arguments not in outcomes:
                start = time.monotonic()
                try:
                    outcomes[arguments] = install(*arguments)
                except (OSError, subprocess.SubprocessError) as error:
                    output = getattr(error, "stderr", None) or str(error)
                    outcomes[arguments] = Missing(f"{' '.join(arguments)} cannot be installed: {last_line(output)}")
                if (seconds := time.monotonic() - start) > 1:
                    print(f"figure  installing {' '.join(arguments) or install.__name__}: {seconds:.0f} s", flush=True)
        if isinstance(outcomes[arguments], Missing):
            raise outcomes[arguments]
        return outcomes[arguments]

    return wrapper


def last_line(text):
    return (text.strip().splitlines() or ["no reason given"])[-1]


def program(*names):
    """Raises where one of Debian's programs is missing."""
    for name in names:
        if not shutil.which(name):
            raise Missing(f"{name} is not installed")


@once
def environment(name):
    """The virtual environment with the packages of requirements/NAME.txt; its folder of programs."""
    folder, requirements = BUILD / name, HERE / "requirements" / f"{name}.txt"
    stamp = folder / "requirements.txt"
    if not stamp.exists() or stamp.read_text() != requirements.read_text():
        shutil.rmtree(folder, ignore_errors=True)
        run([python(), "-m", "venv", str(folder)])
        # Every package is named with its version, so that nothing has to be looked up.
        run([str(folder / "bin" / "pip"), "install", "--quiet", "--no-deps", "--disable-pip-version-check",
             "--requirement", str(requirements)])
        shutil.copy(requirements, stamp)
    return folder / "bin"


def python():
    """Debian's, for which the versions were chosen, where it is there."""
    return "/usr/bin/python3" if os.access("/usr/bin/python3", os.X_OK) else sys.executable


@once
def servers():
    """The folder below which Debian's servers are unpacked."""
    folder, stamp = BUILD / "debian", BUILD / "debian" / "complete"
    wanted = " ".join(SERVER_PACKAGES)
    if not stamp.exists() or stamp.read_text() != wanted:
        program("apt-get", "dpkg")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        run(["apt-get", "download", "-qq", *SERVER_PACKAGES], cwd=folder)
        for package in folder.glob("*.deb"):
            run(["dpkg", "-x", str(package), str(folder)])
            package.unlink()
        stamp.write_text(wanted)
    return folder


def server_environment():
    """With the libraries of the unpacked servers."""
    folder = servers()
    libraries = [*folder.glob("usr/lib/*-linux-gnu"), *folder.glob("lib/*-linux-gnu"), folder / "usr/lib/freeradius"]
    missing = subprocess.run(
        ["ldd", str(folder / "usr/sbin/slapd"), str(folder / "usr/sbin/freeradius")], capture_output=True, text=True,
        env=dict(os.environ, LD_LIBRARY_PATH=":".join(map(str, libraries)))).stdout
    absent = sorted({line.split()[0] for line in missing.splitlines() if "not found" in line})
    if absent:
        raise Missing("the servers lack " + ", ".join(absent))
    return dict(os.environ, LD_LIBRARY_PATH=":".join(map(str, libraries)))


def run(command, **options):
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=INSTALL_LIMIT, **options)
