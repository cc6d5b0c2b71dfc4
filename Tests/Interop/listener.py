"""A server of a test: on a port of 127.0.0.1 that was free, ended by its process id whatever becomes of the test."""

import contextlib
import signal
import socket
import subprocess
import time

from tokens import PATIENCE


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Listener:
    """A process, with its log."""

    def __init__(self, arguments, log, **options):
        self.log = log
        with open(log, "w", encoding="utf-8") as output:
            # A session of its own: an interrupt reaches run.py, which ends the tests and they their servers.
            self.process = subprocess.Popen(
                list(map(str, arguments)), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True, **options)

    def wait_until(self, is_ready):
        """Raises AssertionError with the log where the server ends or takes too long."""
        end = time.monotonic() + PATIENCE
        while not is_ready():
            if self.process.poll() is not None or time.monotonic() > end:
                self.close()
                raise AssertionError(f"the server is not ready:\n{self.tail()}")
            time.sleep(0.05)

    def tail(self):
        return "".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines(True)[-20:])

    def close(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self.process.poll() is not None:
                break
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(10)


def accepts(port):
    """Whether something listens there."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
