"""Clients that we did not write judge the virtual keys, and find what `keyprov` wrote, and the other way round.

pcscd and libccid drive the virtual reader, OpenSC and Yubico's ykman the applets behind it. pcscd runs with a socket and a
mount namespace of its own, and the machine's is left alone. It holds the key as long as it runs, so it ends each time
before `keyprov` takes its turn.
"""

import contextlib
import functools
import os
import shutil
import subprocess
import time

from bus import ListeningSocket, oath_code, wait_until
from environments import YKMAN
from scenarios import SMART_CARD, TIME, Scenario

DRIVER = "/usr/lib/pcsc/drivers/ifd-ccid.bundle"
PASSWORD = "correct horse"
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
OATH_AID = "A0000005272101"

# A mount namespace in which pcscd's folder for its process id is empty.
NAMESPACE = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
IN_OWN_FOLDER = "mkdir -p /run/pcscd && mount -t tmpfs none /run/pcscd"


@functools.cache
def missing_pcscd():
    """Why pcscd cannot be run, or None."""
    if not shutil.which("pcscd") or not os.path.isdir(DRIVER):
        return "pcscd and libccid are not installed"
    attempt = subprocess.run([*NAMESPACE, "sh", "-c", IN_OWN_FOLDER], capture_output=True, text=True)
    return f"no namespace for pcscd: {attempt.stderr.strip()}" if attempt.returncode else None


class Clients(Scenario):
    READER = SMART_CARD

    def setUp(self):
        for reason in self.obstacles():
            if reason:
                self.skipTest(reason)
        super().setUp()

    def obstacles(self):
        """Why the clients of these tests cannot be run, each None if nothing is in the way."""
        yield missing_pcscd()

    def check_given_back(self, port):
        # pcscd ends without releasing anything: what it held the kernel takes back.
        wait_until(lambda: not self.bus.state(port)["interfaces"][self.READER]["claimed"])
        self.assertEqual(self.bus.state(port)["counts"]["unclaimed_transfers"], 0)

    def prepare_driver(self):
        """What a shell is to do first, in pcscd's own mount namespace."""
        return "true"

    @contextlib.contextmanager
    def pcscd(self):
        path = self.bus.folder / "pcscd.comm"
        with open(self.bus.folder / "pcscd.log", "a", encoding="utf-8") as log:
            program = ListeningSocket(path).start(
                self.bus, *NAMESPACE, "sh", "-c", f"{IN_OWN_FOLDER} && {self.prepare_driver()} && exec pcscd --foreground --info",
                stdout=log, stderr=log)
        try:
            wait_until(lambda: self.bus.state()["interfaces"][self.READER]["claimed"])
            yield program
        finally:
            program.end()
            path.unlink()
            wait_until(lambda: not self.bus.state()["interfaces"][self.READER]["claimed"])

    def client(self, *arguments):
        """A program that talks to pcscd."""
        environment = {"PCSCLITE_CSOCK_NAME": str(self.bus.folder / "pcscd.comm"), "HOME": str(self.bus.folder)}
        return self.bus.run(*arguments, environment=environment)


class OpenSC(Clients):
    def obstacles(self):
        yield from super().obstacles()
        yield None if shutil.which("opensc-tool") else "opensc is not installed"

    def tool(self, *arguments):
        with self.pcscd():
            return self.assert_exit(self.client("opensc-tool", *arguments), 0).output

    def test_it_lists_the_reader_with_its_card(self):
        self.assertRegex(self.tool("--list-readers"), "Yes +Yubico YubiKey OTP")

    def test_the_answer_to_reset_is_that_of_a_yubikey_5(self):
        # Ludovic Rousseau's smartcard_list.txt has it as "YubiKey 5 NFC (PKI)".
        expected = "3b:fd:13:00:00:81:31:fe:15:80:73:c0:21:c0:57:59:75:62:69:4b:65:79:40"
        self.assertEqual(self.tool("--atr").split(), [expected])

    def test_the_applet_answers_an_apdu(self):
        answer = self.tool("--send-apdu", "00A40400" + "07" + OATH_AID)
        self.assertIn("SW1=0x90, SW2=0x00", answer)
        self.assertIn("79 03 05 04 03 71 08", answer)

    def test_an_unknown_applet_is_not_found(self):
        self.assertIn("SW1=0x6A, SW2=0x82", self.tool("--send-apdu", "00A4040005F000000001"))


class Ykman(Clients):
    def obstacles(self):
        yield from super().obstacles()
        yield YKMAN.obstacle()

    def ykman(self, *arguments, status=0):
        return self.assert_exit(self.client(YKMAN.program("ykman"), *arguments), status).output

    def oath(self, *arguments, status=0):
        return self.ykman("oath", *arguments, status=status)

    def add(self, name, *options):
        return self.oath("accounts", "add", "--force", *options, name, SECRET)

    def assert_current(self, code, kind, secret, *options):
        """The code of this time step, or of the one that ended while the client was at work."""
        now = int(time.time())
        valid = [oath_code(kind, secret, *options, "--now", f"@{moment}") for moment in (now, now - 30)]
        self.assertIn(code, valid)


class WhatKeysAre(Ykman):
    MODELS = {
        "yubikey5": ("YubiKey 5 NFC", "5.4.3"), "yubikey57": ("YubiKey 5 NFC", "5.7.1"),
        "yubikey4": ("YubiKey 4", "4.3.5"), "yubikeyneo": ("YubiKey NEO", "3.4.9"),
    }
    NAMES = tuple(MODELS)

    def check_everything_was_given_back(self):
        pass

    def test_each_model_is_taken_for_what_it_is(self):
        with self.pcscd():
            lines = self.ykman("list").splitlines()
            for serial, (model, version) in zip(self.bus.serials, self.MODELS.values()):
                with self.subTest(model=model, version=version):
                    [line] = [line for line in lines if line.endswith(serial)]
                    self.assertTrue(line.startswith(f"{model} ({version})"), line)
                    info = self.ykman("--device", serial, "info")
                    self.assertRegex(info, f"Serial number: +{serial}")
                    self.assertRegex(info, rf"Firmware version: +{version}")
                    self.assertRegex(info, r"OATH\s+Enabled")
                    self.assertIn("OATH version:", self.ykman("--device", serial, "oath", "info"))


class BothDirections(Ykman):
    def test_what_ykman_adds_keyprov_finds_and_the_codes_agree(self):
        with self.pcscd():
            for algorithm in ("SHA1", "SHA256", "SHA512"):
                self.add(f"Example:{algorithm}", "--algorithm", algorithm, "--digits", "8", "--period", "60")
            self.add("Example:hotp", "--oath-type", "HOTP", "--counter", "40")
        listed = self.ok("credentials", "list", "--json").json["credentials"]
        self.assertEqual(sorted(c["account"] for c in listed), ["SHA1", "SHA256", "SHA512", "hotp"])
        for algorithm in ("SHA1", "SHA256", "SHA512"):
            expected = oath_code(
                f"totp={algorithm.lower()}", SECRET, "--digits=8", "--time-step-size=60s", "--now", f"@{TIME}")
            self.assertEqual(self.code(algorithm), expected)
        self.assertEqual(self.ok("code", "hotp").output.strip(), oath_code("hotp", SECRET, "--counter=40"))

    def test_what_keyprov_enrolls_ykman_finds_and_the_codes_agree(self):
        totp = self.enroll("alice", "--digits", "8", "--algorithm", "sha256")
        hotp = self.enroll("counter", "--type", "hotp", "--counter", "40")
        with self.pcscd():
            self.assertEqual(
                self.oath("accounts", "list", "--oath-type").split(),
                ["Example:alice,", "TOTP", "Example:counter,", "HOTP"])
            code = self.oath("accounts", "code", "--single", "alice").strip()
            self.assert_current(code, "totp=sha256", totp["secret"]["base32"], "--digits=8")
            following = self.oath("accounts", "code", "--single", "counter").strip()
        window = oath_code("hotp", hotp["secret"]["base32"], "--counter=40", "--window=2").split()
        self.assertIn(following, window)

    def test_a_touch_that_keyprov_asks_for_ykman_waits_for(self):
        enrolled = self.enroll("alice", "--touch")
        with self.pcscd():
            outcome = self.client(YKMAN.program("ykman"), "oath", "accounts", "code", "--single", "alice")
        self.assert_exit(outcome, 0)
        self.assertIn("Touch your YubiKey", outcome.errors)
        self.assertGreaterEqual(outcome.seconds, 1)
        self.assert_current(outcome.output.strip(), "totp", enrolled["secret"]["base32"])

    def test_a_touch_that_ykman_asks_for_keyprov_waits_for(self):
        with self.pcscd():
            self.add("Example:alice", "--touch")
        outcome = self.ok("code", "alice", "--at", TIME)
        self.assertGreaterEqual(outcome.seconds, 1)
        self.assertEqual(outcome.output.strip(), oath_code("totp", SECRET, "--now", f"@{TIME}"))

    def test_names_that_either_changes_the_other_sees(self):
        enrolled = self.enroll("alice")
        with self.pcscd():
            self.oath("accounts", "rename", "--force", "Example:alice", "Other:bob")
            self.add("Example:carol")
        enrolled["credential"]["account"] = "bob"
        self.assert_key_computes(enrolled)
        self.ok("credentials", "rename", "Example:carol", "--account", "dave")
        with self.pcscd():
            self.assertEqual(self.oath("accounts", "list").split(), ["Example:dave", "Other:bob"])
            self.oath("accounts", "delete", "--force", "Other:bob")
        self.ok("credentials", "delete", "Example:dave")
        with self.pcscd():
            self.assertEqual(self.oath("accounts", "list"), "")

    def test_a_password_that_ykman_sets_keyprov_needs(self):
        path = self.bus.folder / "code"
        path.write_text(PASSWORD + "\n", encoding="utf-8")
        with self.pcscd():
            self.add("Example:alice")
            self.oath("access", "change", "--new-password", PASSWORD)
            self.oath("accounts", "list", "--password", "wrong", status=1)
        [device] = self.ok("devices", "--json").json["devices"]
        self.assertEqual(device["state"], "locked")
        self.fails(77, "code", "alice")
        unlocked = ("--access-code-file", path)
        self.assertEqual(self.code("alice", *unlocked), oath_code("totp", SECRET, "--now", f"@{TIME}"))
        enrolled = self.enroll("bob", *unlocked)
        with self.pcscd():
            code = self.oath("accounts", "code", "--single", "--password", PASSWORD, "bob").strip()
            self.assert_current(code, "totp", enrolled["secret"]["base32"])
            self.oath("access", "change", "--password", PASSWORD, "--clear")
        self.assert_key_computes(enrolled)

    def test_a_reset_leaves_nothing(self):
        self.enroll("alice")
        with self.pcscd():
            self.oath("reset", "--force")
            self.assertEqual(self.oath("accounts", "list"), "")
        self.assertEqual(self.ok("credentials", "list", "--json").json["credentials"], [])


class Holding(Ykman):
    def test_pcscd_is_named_as_the_holder_and_keeps_what_it_holds(self):
        with self.pcscd():
            refused = self.fails(75, "code")
            self.assertIn("pcscd", refused.errors)
            self.assertIn("systemctl stop pcscd.socket", refused.errors)
            self.assertIn(self.bus.serials[0], self.ykman("list"))

    def test_pcscd_hears_of_a_key_that_comes_and_goes(self):
        with self.pcscd():
            self.assertIn(self.bus.serials[0], self.ykman("list"))
            self.bus.command("unplug 1-1")
            wait_until(lambda: "No smart card readers" in self.client("opensc-tool", "--list-readers").output)
            self.bus.command("plug 1-1")
            wait_until(lambda: self.bus.state()["interfaces"][SMART_CARD]["claimed"])
            self.assertIn(self.bus.serials[0], self.ykman("list"))

    def test_round_trips_of_the_same_job(self):
        before = self.bulk_transfers()
        self.ok("enroll", "--account", "ours", "--qr", "none")
        ours = self.bulk_transfers() - before
        with self.pcscd():
            self.ykman("list")  # The reader is awake from here on.
            before = self.bulk_transfers()
            self.add("theirs")
            added = self.bulk_transfers() - before
            self.oath("accounts", "code", "--single", "theirs")
            theirs = self.bulk_transfers() - before
        print(f"figure  bulk transfers: keyprov enroll {ours}; ykman add {added} and code {theirs - added}")
        self.assertLess(ours, theirs)
