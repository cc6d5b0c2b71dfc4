"""QEMU: one boot, and what the guest says meanwhile. And the card in the reader that QEMU emulates."""

import ctypes
import os
import shlex
import signal
import socket
import subprocess
import threading

# Emulation is the ground everything is measured on. KVM is not taken because it is there: below some hypervisors
# /dev/kvm opens and the guest's kernel then never reaches user space.
ACCELERATOR = os.environ.get("KEYPROV_VM_ACCEL", "tcg")

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def command(kernel, initrd, console, exchange, card):
    """The machine: one processor, no network, no disk; two folders of the host, and a smart-card reader.

    Its second serial line, on standard output, carries the results: the kernel does not write there. `card` is the
    number of a socket to the process that plays the card in the reader.
    """
    accelerators = [word for name in ACCELERATOR.split(":") for word in ("-accel", name)]
    return [
        "qemu-system-x86_64", *accelerators, "-machine", "q35", "-cpu", "max", "-smp", "1", "-m", "384M",
        "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-monitor", "none",
        "-kernel", kernel, "-initrd", initrd, "-append", "console=ttyS0 quiet panic=-1",
        "-serial", f"file:{escaped(console)}", "-serial", "stdio",
        *shared_folder("host", "/", "readonly=on,multidevs=remap"), *shared_folder("exchange", exchange, "readonly=off"),
        "-device", "qemu-xhci,id=xhci", "-device", "usb-ccid,id=reader,bus=xhci.0",
        "-chardev", f"socket,id=card,fd={card}", "-device", "ccid-card-passthru,chardev=card,bus=reader.0",
    ]


def shared_folder(tag, path, options):
    return [
        "-fsdev", f"local,id={tag},path={escaped(path)},security_model=none,{options}",
        "-device", f"virtio-9p-pci,fsdev={tag},mount_tag={tag}",
    ]


def escaped(path):
    """In QEMU's option lists a comma stands for itself when it is doubled."""
    return str(path).replace(",", ",,")


def write_settings(exchange, settings):
    """What the guest's shell scripts read."""
    lines = [f"{name}={shlex.quote(str(value))}\n" for name, value in settings.items()]
    (exchange / "settings").write_text("".join(lines), encoding="utf-8")


def start_card(program, log):
    """Starts the process that plays the card.

    Returns it and the reader's end of the socket to it; when that is closed, the process ends.
    """
    ours, cards = socket.socketpair()
    with cards, open(log, "wb") as errors:
        player = subprocess.Popen(
            [program, "card", "yubikey5"], stdin=cards, stdout=cards, stderr=errors, preexec_fn=end_with_parent)
    return player, ours


def run(arguments, card, log, limit):
    """Runs QEMU, yields the lines of its standard output, and ends it, by its process id, when its time is over."""
    with card, open(log, "wb") as errors:
        machine = subprocess.Popen(
            [str(word) for word in arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
            encoding="utf-8", errors="replace", pass_fds=[card.fileno()], preexec_fn=end_with_parent)
    alarm = threading.Timer(limit, machine.kill)
    alarm.start()
    try:
        for line in machine.stdout:
            yield line.rstrip("\r\n")
    finally:
        alarm.cancel()
        machine.kill()
        machine.wait()


def end_with_parent():
    """A process must not outlive the tests, however they end."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
