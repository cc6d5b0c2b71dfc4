"""What `keyprov` makes, and which codes it has to give: computed by oathtool from the secret and from what was asked for,
not from what was written."""

import base64
import json
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

KEYPROV = None  # Set by run.py.

# Longer than anything here takes on a loaded machine; only a program that hangs meets it.
PATIENCE = 60


class Token:
    """A credential that `keyprov generate` made."""

    def __init__(self, number, uri, secret, type, algorithm, digits, moving):
        self.serial, self.account = f"KP{number:04}", f"user{number:04}"
        self.uri, self.secret, self.type = uri, secret, type
        self.algorithm, self.digits, self.moving = algorithm, digits, moving

    @property
    def raw(self):
        return base64.b32decode(self.secret + "=" * (-len(self.secret) % 8))

    def code(self, steps=0, at=None):
        """The code now, or at seconds since 1970, or the counter's; `steps` later."""
        if self.type == "hotp":
            # oathtool has HOTP with SHA1 only; in steps of one second, the time is the counter.
            period, moment = 1, self.moving + steps
        else:
            period, moment = self.moving, int(time.time() if at is None else at) + steps * self.moving
        return oathtool(
            self.secret, f"--totp={self.algorithm.lower()}", f"--time-step-size={period}s", f"--now=@{moment}",
            f"--digits={self.digits}")

    def wrong_code(self):
        """One that no neighboring step or counter has."""
        near = {self.code(steps) for steps in range(0 if self.type == "hotp" else -12, 13)}
        return next(code for code in (str(digit) * self.digits for digit in range(10)) if code not in near)


def oathtool(secret, *options):
    return subprocess.run(
        ["oathtool", "--base32", *options, "-"], input=secret, check=True, capture_output=True,
        text=True).stdout.strip()


class Importing(unittest.TestCase):
    """Tests that write with `keyprov` and have another program read."""

    # The name of that program, and the formats of which it is the judge: what `convert --list-formats` has to say.
    JUDGE, FORMATS = None, ()

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="keyprov-interop-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def keyprov(self, *arguments, status=0):
        outcome = subprocess.run(
            [KEYPROV, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=PATIENCE)
        self.assertEqual(outcome.returncode, status, f"{arguments}\n{outcome.stdout}{outcome.stderr}")
        return outcome.stdout

    def tokens(self, *wanted):
        """One for each of `(type, algorithm, digits, period or counter)`."""
        return [self.token(number, *each) for number, each in enumerate(wanted, start=1)]

    def token(self, number, type="totp", algorithm="SHA1", digits=6, moving=30):
        size = {"SHA1": 20, "SHA256": 32, "SHA512": 64}[algorithm]
        made = json.loads(self.keyprov(
            "generate", "--account", f"user{number:04}", "--issuer", "Example", "--type", type, "--algorithm",
            algorithm, "--digits", digits, "--period" if type == "totp" else "--counter", moving, "--bytes", size,
            "--json"))
        return Token(number, made["uri"], made["secret"]["base32"], type, algorithm, digits, moving)

    def write(self, tokens, format, *options, passphrase=None, name="tokens"):
        """A file of these tokens, in a format that `keyprov` writes."""
        self.assertIn(format, self.FORMATS)
        source, target = self.folder / f"{name}.uris", self.folder / f"{name}.{format}"
        source.write_text("".join(token.uri + "\n" for token in tokens))
        if passphrase is not None:
            secret = self.folder / "passphrase"
            secret.write_text(passphrase + "\n")
            options += ("--out-passphrase-file", secret)
        self.keyprov(
            "convert", source, "--from", "otpauth", "--to", format, "--serial", "KP000{n}", "--manufacturer", "Example",
            "--model", "Key", "--out", target, "--quiet", *options)
        return target

    def patch(self, path, old, new):
        """Changes a file once, as a bug would."""
        text = path.read_text()
        self.assertIn(old, text, "the bug cannot be planted")
        path.write_text(text.replace(old, new, 1))

    def assert_noticed(self, judge, *arguments):
        """That a judge says no to what has a bug in it."""
        with self.assertRaises((AssertionError, Refused), msg="the bug went unnoticed"):
            judge(*arguments)

    def read_back(self, path, format, *options):
        """URIs of what another program wrote, or changed."""
        return self.keyprov("convert", path, "--from", format, "--to", "otpauth", "--quiet", *options).splitlines()

    def formats(self):
        lines = self.keyprov("convert", "--list-formats", "--json").splitlines()
        return {entry["name"]: entry for entry in map(json.loads, lines)}


class Refused(Exception):
    """An importer did not take a file."""


def run(arguments, **options):
    """The output of a program that has to succeed.

    Raises: Refused with what it says.
    """
    outcome = subprocess.run(
        list(map(str, arguments)), capture_output=True, text=True, timeout=PATIENCE,
        **{"stdin": subprocess.DEVNULL, **options} if "input" not in options else options)
    if outcome.returncode != 0:
        raise Refused(f"{arguments[0]}: {outcome.stdout}{outcome.stderr}")
    return outcome.stdout
