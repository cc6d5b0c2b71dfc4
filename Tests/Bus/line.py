"""`keyprov batch run` as it is released: on the bus, and killed by strace between any two system calls.

oathtool computes from the exported secret what the key computed.
"""

import base64
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest
import urllib.parse

import scenarios
from bus import oath_code
from scenarios import TIME, Scenario

PEOPLE = ("alice", "bob", "carol")
# Calls that change something that outlives the process.
CHANGING = "write,pwrite64,fsync,fdatasync,ftruncate,rename,link,unlink,openat,mkdir"
# Of those calls every how many one is tried; each takes a second.
STRIDE = 23


def write_roster(path):
    path.write_text("account,name\n" + "".join(f"{name},{name.title()} Example\n" for name in PEOPLE))


class OnTheBus(Scenario):
    NAMES = ("yubikey5", "yubikey5:second", "yubikey57")

    def test_a_roster_is_done_with_several_keys_at_once(self):
        roster = self.bus.folder / "roster.csv"
        write_roster(roster)
        self.ok("batch", "run", roster, "--issuer", "Example", "--jobs", "3")
        uris = self.bus.folder / "uris"
        self.ok("ledger", "export", "--format", "otpauth", "--out", uris, "--include-virtual")
        found = secrets_of(uris)
        self.assertEqual(sorted(found), sorted(PEOPLE))
        for serial in self.bus.serials:
            [code] = self.ok("code", "--all", "--at", TIME, "--device", serial, "--json").json["codes"]
            self.assertEqual(code["code"], oath_code("totp", found[code["account"]], "--now", f"@{TIME}"))


class Killed(unittest.TestCase):
    def setUp(self):
        self.strace = shutil.which("strace")
        if not self.strace or not self.can_trace():
            self.skipTest("strace is not installed, or may not trace here")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="keyprov-line-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        write_roster(self.folder / "roster.csv")

    def can_trace(self):
        return subprocess.run([self.strace, "-o", "/dev/null", "true"], capture_output=True).returncode == 0

    def command(self, state, *arguments):
        return [str(scenarios.KEYPROV), *map(str, arguments), "--state", str(state)]

    def batch(self, state):
        return self.command(
            state, "batch", "run", self.folder / "roster.csv", "--issuer", "Example", "--virtual", "yubikey5", "--resume",
            "--sheet-dir", state.parent / (state.name + "-sheets"))

    def ok(self, state, *arguments):
        done = subprocess.run(self.command(state, *arguments), capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, f"{arguments}\n{done.stdout}{done.stderr}")
        return done.stdout

    def test_between_any_two_system_calls_nothing_is_lost(self):
        calls = self.count_calls(self.folder / "counted")
        self.assertGreater(calls, 50)
        for number in range(1, calls, STRIDE):
            state = self.folder / str(number)
            killed = subprocess.run(
                [self.strace, "-f", "-o", "/dev/null", "-e", f"trace={CHANGING}",
                 "-e", f"inject={CHANGING}:signal=KILL:when={number}", *self.batch(state)],
                capture_output=True, text=True)
            resumed = subprocess.run(self.batch(state), capture_output=True, text=True)
            self.assertEqual(resumed.returncode, 0, f"after {number}: {killed.stderr}{resumed.stderr}")
            self.check(state, number)

    def count_calls(self, state):
        log = self.folder / "calls"
        subprocess.run(
            [self.strace, "-f", "-o", log, "-e", f"trace={CHANGING}", *self.batch(state)], check=True, capture_output=True)
        # Calls are counted for each kind by itself.
        counts = {}
        for name in re.findall(r"^\d+ +(\w+)\(", log.read_text(), re.MULTILINE):
            counts[name] = counts.get(name, 0) + 1
        return max(counts.values())

    def check(self, state, number):
        self.ok(state, "ledger", "check")
        uris = self.folder / f"{number}.uris"
        self.ok(state, "ledger", "export", "--format", "otpauth", "--out", uris, "--include-virtual")
        found = secrets_of(uris)
        self.assertEqual(sorted(found), sorted(PEOPLE), f"after {number}")
        self.assertEqual(len(set(found.values())), len(PEOPLE))
        on_keys = {}
        for key in sorted((state / "virtual").glob("*.json")):
            listed = self.ok(state, "code", "--all", "--at", TIME, "--virtual", key.stem)
            for code, name in re.findall(r"^(\d+)  Example:(\w+)$", listed, re.MULTILINE):
                self.assertNotIn(name, on_keys, f"after {number}")
                on_keys[name] = code
        expected = {name: oath_code("totp", secret, "--now", f"@{TIME}") for name, secret in found.items()}
        self.assertEqual(on_keys, expected, f"after {number}")
        sheets = sorted(sheet.stem for sheet in pathlib.Path(f"{state}-sheets").glob("*.pdf"))
        self.assertEqual(sheets, sorted(PEOPLE))
        raw = [base64.b32decode(secret) for secret in found.values()]
        for file in state.glob("ledger*"):
            contents = file.read_bytes()
            self.assertFalse(any(secret in contents for secret in raw), file.name)


def secrets_of(uris):
    """Secrets by account, as a file of otpauth URIs has them."""
    found = {}
    for line in uris.read_text().splitlines():
        uri = urllib.parse.urlsplit(line)
        account = urllib.parse.unquote(uri.path).rsplit(":", 1)[-1].lstrip("/")
        found[account] = urllib.parse.parse_qs(uri.query)["secret"][0]
    return found
