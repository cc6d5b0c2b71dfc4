"""A bus with virtual keys for programs as they are: a USB/IP server that plays the keys, and the bridge that shows them.

Nothing here outlives its `Bus`: processes are ended by their ids, folders are removed, also where a test fails.
"""

import contextlib
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / ".build" / "bus"
BRIDGE = BUILD / "usbfs-bridge"
PRELOAD = "libumockdev-preload.so.0"

# Longer than anything here takes on a loaded machine; only a program that hangs meets it.
PATIENCE = 30


class Missing(Exception):
    """Something that has to be installed is not."""


def build_bridge():
    """Compiles the bridge where it is older than its sources."""
    sources = sorted((ROOT / "Tests" / "Bus" / "bridge").glob("*.[ch]"))
    if BRIDGE.exists() and all(source.stat().st_mtime < BRIDGE.stat().st_mtime for source in sources):
        return
    if not shutil.which("cc") or not shutil.which("pkg-config"):
        raise Missing("a C compiler and pkg-config are needed")
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "umockdev-1.0"], capture_output=True, text=True)
    if flags.returncode != 0:
        raise Missing("libumockdev-dev is needed")
    BUILD.mkdir(parents=True, exist_ok=True)
    command = ["cc", "-std=c11", "-D_GNU_SOURCE", "-O2", "-g", "-pthread", "-Wall", "-Wextra", "-Wshadow", "-Werror"]
    command += [str(source) for source in sources if source.suffix == ".c"]
    subprocess.run(command + ["-o", str(BRIDGE)] + flags.stdout.split(), check=True)


class Outcome:
    """What a program did."""

    def __init__(self, arguments, status, output, errors, seconds):
        self.arguments, self.status, self.output, self.errors, self.seconds = arguments, status, output, errors, seconds

    @property
    def json(self):
        return json.loads(self.output)

    @property
    def transfers(self):
        """Bulk transfers of `keyprov --verbose`, as logged: `out 0x02 10 bytes`, …"""
        return re.findall(r"^keyprov: usb: ((?:in|out) .*)$", self.errors, re.MULTILINE)

    def __str__(self):
        return f"{' '.join(map(str, self.arguments))}\nexit code {self.status}\n{self.output}{self.errors}"


class Program:
    """A program that runs beside the test."""

    def __init__(self, arguments, **options):
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        self.arguments = arguments
        self.start = time.monotonic()
        self.process = subprocess.Popen(arguments, text=True, **options)

    def line(self, stream="stdout"):
        """Its next line of output; empty where it ended, as it does when it lets us wait too long."""
        end = threading.Timer(PATIENCE, self.process.kill)
        end.start()
        try:
            return getattr(self.process, stream).readline()
        finally:
            end.cancel()

    def signal(self, number):
        self.process.send_signal(number)

    def finish(self, timeout=PATIENCE):
        output, errors = self.process.communicate(timeout=timeout)
        return Outcome(self.arguments, self.process.returncode, output, errors, time.monotonic() - self.start)

    def end(self):
        """Ends it if it runs: kindly, and then for good."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream and not stream.closed:
                stream.close()


class Bus:
    """Virtual keys at the ports 1-1, 1-2, … in the order of their names."""

    def __init__(self, keyprov, *names, options=()):
        self.keyprov, self.names = str(keyprov), names
        self.programs, self.server, self.bridge, self.testbed = [], None, None, None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="keyprov-bus-"))
        # Programs that run as another user pass through it; what they must not see has modes of its own.
        self.folder.chmod(0o711)
        try:
            self._start(options)
        except BaseException:
            self.close()
            raise

    def _start(self, options):
        path = self.folder / "usbip"
        self.server_log = open(self.folder / "server.log", "w+", encoding="utf-8")
        self.server = subprocess.Popen(
            [self.keyprov, "virtual", "serve", "--socket", str(path), "--until-eof", "--json", *options]
            + ["--state", str(self.folder / "keys"), *self.names],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.server_log, text=True)
        listening = self._answer_of(self.server, "the server")
        self.serials = [key["serial"] for key in json.loads(listening)["keys"]]
        self.bridge = subprocess.Popen([str(BRIDGE), str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        word, self.testbed = self._answer_of(self.bridge, "the bridge").split()
        assert word == "ready"
        self.environment = dict(os.environ, LD_PRELOAD=PRELOAD, UMOCKDEV_DIR=self.testbed)

    def close(self):
        for program in self.programs:
            program.end()
        for process in (self.bridge, self.server):
            if process is None:
                continue
            # What was said to one that had died cannot be flushed.
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdout.close()
        if self.server is not None:
            self.server_log.close()
        for folder in (self.testbed, self.folder):
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)

    # Programs

    def start(self, *arguments, user=None, **options):
        """Starts a program that sees the bus."""
        environment = dict(self.environment, **options.pop("environment", {}))
        if user is not None:
            options.update(user=user, group=pwd.getpwnam(user).pw_gid, extra_groups=[])
        program = Program(list(map(str, arguments)), env=environment, **options)
        self.programs.append(program)
        return program

    def run(self, *arguments, **options):
        return self.start(*arguments, **options).finish()

    def start_key(self, *arguments, **options):
        """`keyprov` with these arguments."""
        return self.start(self.keyprov, *arguments, "--state", self.folder / "state", **options)

    def key(self, *arguments, **options):
        return self.start_key(*arguments, **options).finish()

    # The bridge and the server

    def _answer_of(self, process, name):
        line = process.stdout.readline().strip()
        if not line:
            raise AssertionError(f"{name} ended: {self.log()}")
        return line

    def log(self):
        self.server_log.flush()
        return (self.folder / "server.log").read_text(encoding="utf-8")

    def _ask(self, process, name, line):
        process.stdin.write(line + "\n")
        process.stdin.flush()
        return self._answer_of(process, name)

    def command(self, line):
        """Tells the bridge something: see bridge/main.c."""
        answer = self._ask(self.bridge, "the bridge", line)
        assert answer == "ok", f"{line}: {answer}"

    def state(self, port="1-1"):
        keys = json.loads(self._ask(self.bridge, "the bridge", "state"))["keys"]
        return next(key for key in keys if key["port"] == port)

    def tell_server(self, line):
        """An instruction to `keyprov virtual serve`."""
        answer = json.loads(self._ask(self.server, "the server", line))
        assert answer["event"] != "refused", answer
        return answer

    def served_transfers(self, name):
        """Transfers of a key as the server counts them."""
        counts = self.tell_server("count")["keys"]
        return next(key["transfers"] for key in counts if key["name"] == name)


class ListeningSocket:
    """A unix socket that a program gets as its descriptor 3 (sd_listen_fds(3))."""

    FIRST = 3

    def __init__(self, path):
        self.path = str(path)
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(self.path)
        self.socket.listen()

    def start(self, bus, *arguments, **options):
        """Runs the program under a shell that knows its process id, which is what the protocol asks for."""
        script = 'exec 3<&"$FD" && LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"'
        number = self.socket.fileno()
        environment = dict(options.pop("environment", {}), FD=str(number))
        program = bus.start(
            "bash", "-c", script, "listen", *arguments, pass_fds=[number], environment=environment, **options)
        self.socket.close()
        return program


def oath_code(kind, secret, *options):
    """The code that oathtool computes."""
    return subprocess.run(
        ["oathtool", f"--{kind}", "--base32", *options, "-"], input=secret, check=True, capture_output=True,
        text=True).stdout.strip()


def wait_until(condition, timeout=PATIENCE):
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it did not happen in time")
        time.sleep(0.01)


INTERRUPT = signal.SIGINT
KILL = signal.SIGKILL
