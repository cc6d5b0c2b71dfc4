"""Debian's packages: some installed on the host, the kernel only downloaded."""

import pathlib
import platform
import re
import shutil
import subprocess

from . import NotRun

ROOT = pathlib.Path(__file__).resolve().parents[3]

# What the guest's programs are for: udevd tells libusb of arrivals; lsusb and pcscd are other people's USB clients;
# oathtool is the other side of a code. The guest sees the host's root, so they are installed here. ykman's reader library is
# compiled by the last four.
NEEDED = [
    "qemu-system-x86", "busybox-static", "udev", "usbutils", "oathtool", "pcscd", "libccid", "swig", "libpcsclite-dev",
    "python3-dev", "python3-venv",
]

KERNEL = "linux-image-amd64"


def install():
    """Installs what is missing, or says why that is not possible."""
    if platform.machine() != "x86_64":
        raise NotRun(f"the machine is an amd64 one, this host is {platform.machine()}")
    if not shutil.which("dpkg-query"):
        raise NotRun("there is no dpkg: the kernel and the programs come from Debian's packages")
    result = subprocess.run(
        [ROOT / "Scripts" / "install-packages", *NEEDED], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding="utf-8", errors="replace")
    if result.returncode != 0:
        raise NotRun("the packages cannot be installed: " + last_line(result.stdout))


def kernel_package():
    """The name of the package that Debian's kernel package stands for, e.g. `linux-image-6.1.0-56-amd64`."""
    listed = apt("apt-cache", "depends", KERNEL)
    found = re.search(r"Depends: (linux-image-\S+)", listed)
    if not found:
        apt_update()
        found = re.search(r"Depends: (linux-image-\S+)", apt("apt-cache", "depends", KERNEL))
    if not found:
        raise NotRun(f"apt knows no {KERNEL}")
    return found.group(1)


def download(package, folder):
    """The package's file. It is not installed: that would build an initramfs for this host."""
    folder.mkdir(parents=True, exist_ok=True)
    apt("apt-get", "download", package, folder=folder)
    return max(folder.glob(f"{package}_*.deb"), key=lambda file: file.stat().st_mtime)


def apt_update():
    subprocess.run(["apt-get", "update", "-qq"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def apt(*command, folder=None):
    result = subprocess.run(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace")
    if result.returncode != 0:
        raise NotRun(f"{' '.join(command)}: " + last_line(result.stdout))
    return result.stdout


def last_line(text):
    return text.strip().splitlines()[-1] if text.strip() else "no reason was given"
