"""Nitrokey's own clients judge the virtual keys: nitrocli and the library below it, and the SDK of the Nitrokey 3.

nitrocli goes by libnitrokey and hidapi to the real libusb. The SDK goes by hidapi's libusb, for which nitrokey3_client.py
stands between the two, or by pcscd.
"""

import base64
import json
import os
import pathlib
import shutil

from bus import oath_code
from clients import Clients
from environments import Environment
from scenarios import TIME, Scenario

# PyPI; not in Debian. Below the SDK is what nitrokey3_client.py stands on. pyscard is compiled: swig, libpcsclite-dev,
# python3-dev.
SDK = Environment("nitrokey", "nitrokey==0.5.0", "fido2==2.2.1", "hidapi==0.14.0.post4", "pyscard==2.3.1")
SDK_CLIENT = pathlib.Path(__file__).resolve().parent / "nitrokey3_client.py"

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
LONG_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
# Those of a new key.
ADMIN_PIN, USER_PIN = "12345678", "123456"


class NitrocliScenario(Scenario):
    NAMES = ("nitrokeypro2",)

    def setUp(self):
        if not shutil.which("nitrocli"):
            self.skipTest("nitrocli is not installed")
        super().setUp()
        self.pin = self.bus.folder / "admin-pin"
        self.pin.write_text(ADMIN_PIN + "\n", encoding="utf-8")

    def file(self, name, text):
        path = self.bus.folder / name
        path.write_text(text + "\n", encoding="utf-8")
        return path

    def path_without_agent(self):
        """After a change the client has gpg-agent forget the old PIN, also where it was told to keep none there. An agent
        would outlive the test."""
        folder = self.bus.folder / "bin"
        folder.mkdir()
        agent = folder / "gpg-connect-agent"
        agent.write_text("#!/bin/sh\necho OK\n", encoding="utf-8")
        agent.chmod(0o755)
        return f"{folder}:{os.environ['PATH']}"

    def nitrocli(self, *arguments, status=0, **pins):
        environment = {
            "HOME": str(self.bus.folder), "NITROCLI_ADMIN_PIN": ADMIN_PIN, "NITROCLI_USER_PIN": USER_PIN,
            "NITROCLI_NO_CACHE": "1", **pins}
        return self.assert_exit(self.bus.run("nitrocli", *arguments, environment=environment), status).output

    def enroll_in(self, slot, account, *options):
        return self.enroll(account, "--slot", slot, "--admin-pin-file", self.pin, *options)

    def set(self, slot, name, *options, secret=SECRET):
        self.nitrocli("otp", "set", slot, name, secret, "--format", "base32", *options)


class Nitrocli(NitrocliScenario):
    """Firmware that repeats what it is sent."""

    MODEL, VERSION = "Pro", "0.15"

    def test_the_client_sees_the_model_its_version_and_its_tries(self):
        status = self.nitrocli("status")
        self.assertIn(f"model:             {self.MODEL}", status)
        self.assertIn(f"firmware version:  {self.VERSION}", status)
        self.assertRegex(status, r"user retry count: +3")
        self.assertRegex(status, r"admin retry count: +3")

    def test_a_wrong_pin_costs_the_try_that_the_client_then_misses(self):
        self.pin.write_text("87654321\n", encoding="utf-8")
        refused = self.fails(
            77, "enroll", "--account", "alice", "--slot", "1", "--admin-pin-file", self.pin, "--qr", "none")
        self.assertIn("2", refused.errors)
        self.assertRegex(self.nitrocli("status"), r"admin retry count: +2")

    def test_a_pin_that_one_changes_the_other_uses(self):
        new = self.file("new", "87654321")
        self.ok("pin", "change", "--which", "admin", "--admin-pin-file", self.pin, "--new-pin-file", new)
        self.nitrocli("otp", "set", "0", "mine", SECRET, "--format", "base32", status=1)
        self.nitrocli("otp", "set", "0", "mine", SECRET, "--format", "base32", NITROCLI_ADMIN_PIN="87654321")
        path = self.path_without_agent()
        self.nitrocli(
            "pin", "set", "admin", NITROCLI_ADMIN_PIN="87654321", NITROCLI_NEW_ADMIN_PIN="12341234", PATH=path)
        self.nitrocli("pin", "set", "user", NITROCLI_NEW_USER_PIN="654321", PATH=path)
        self.fails(77, "credentials", "delete", "slot 1: mine", "--admin-pin-file", new)
        newer, user = self.file("newer", "12341234"), self.file("user", "654321")
        self.ok("credentials", "delete", "slot 1: mine", "--admin-pin-file", newer)
        self.ok("pin", "change", "--pin-file", user, "--new-pin-file", self.file("default", USER_PIN))

    def test_what_the_client_writes_keyprov_lists_and_the_codes_agree(self):
        self.set(2, "mine", "--digits", "8", "--time-window", "60")
        self.assertIn("slot 3: mine", self.ok("credentials", "list").output)
        code = self.ok("code", "slot 3: mine", "--at", TIME).output.strip()
        self.assertEqual(
            code, oath_code("totp", SECRET, "--digits=8", "--time-step-size=60s", "--now", f"@{TIME}"))

    def test_what_keyprov_enrolls_the_client_computes(self):
        enrolled = self.enroll_in(5, "alice", "--digits", "8")
        self.assertRegex(self.nitrocli("otp", "status"), r"totp\s+4\s+Example:alice")
        code = self.nitrocli("otp", "get", "4", "--time", TIME).strip()
        self.assertEqual(code, oath_code("totp", enrolled["secret"]["base32"], "--digits=8", "--now", f"@{TIME}"))

    def test_counters_go_on_where_the_other_left_them(self):
        enrolled = self.enroll_in(1, "counter", "--type", "hotp", "--counter", "7")
        secret = enrolled["secret"]["base32"]
        self.assertEqual(
            self.nitrocli("otp", "get", "0", "--algorithm", "hotp").strip(), oath_code("hotp", secret, "--counter=7"))
        self.assertEqual(self.ok("code", "counter").output.strip(), oath_code("hotp", secret, "--counter=8"))

    def test_what_one_deletes_the_other_misses(self):
        self.enroll_in(1, "alice")
        self.set(1, "mine")
        self.nitrocli("otp", "clear", "0")
        self.ok("credentials", "delete", "slot 2: mine", "--admin-pin-file", self.pin)
        self.assertEqual(self.ok("credentials", "list").output, "")
        self.assertNotIn("mine", self.nitrocli("otp", "status"))


class NitrocliOldFirmware(Nitrocli):
    """Firmware that repeats nothing, and wants each command announced by its checksum."""

    NAMES = ("nitrokeypro",)
    VERSION = "0.7"


class NitrocliStorage(Nitrocli):
    NAMES = ("nitrokeystorage",)
    MODEL, VERSION = "Storage", "0.54"


class LongSecrets(NitrocliScenario):
    def test_a_secret_of_forty_bytes_is_the_same_to_both(self):
        self.set(0, "long", secret=LONG_SECRET)
        expected = oath_code("totp", LONG_SECRET, "--now", f"@{TIME}")
        self.assertEqual(self.ok("code", "slot 1: long", "--at", TIME).output.strip(), expected)
        enrolled = self.enroll_in(2, "longer", "--bytes", "40")
        self.assertEqual(
            self.nitrocli("otp", "get", "1", "--time", TIME).strip(),
            oath_code("totp", enrolled["secret"]["base32"], "--now", f"@{TIME}"))


class NitrokeySDK(Scenario):
    """Over the FIDO interface."""

    NAMES = ("nitrokey3",)
    TRANSPORT = "hid"

    def setUp(self):
        reason = SDK.obstacle()
        if reason:
            self.skipTest(reason)
        super().setUp()

    def sdk(self, *actions):
        """What the SDK answers to each action."""
        words = [word for action in actions for word in (*action, ",")][:-1]
        outcome = self.bus.run(
            SDK.program("python"), "-B", SDK_CLIENT, self.TRANSPORT, *words, environment=self.client_environment())
        return [json.loads(line) for line in self.assert_exit(outcome, 0).output.splitlines()]

    def client_environment(self):
        return {}

    def file(self, name, text):
        path = self.bus.folder / name
        path.write_text(text + "\n", encoding="utf-8")
        return path

    def test_the_sdk_tells_the_serial_number_and_that_there_is_no_pin(self):
        [status] = self.sdk(["status"])
        self.assertEqual(status["serial"], self.bus.serials[0])
        self.assertEqual((status["version"], status["tries"]), ("4.14.0", None))

    def test_what_the_sdk_adds_keyprov_finds_and_the_codes_agree(self):
        secret = base64.b32decode(SECRET).hex()
        self.sdk(
            ["add", "totp", "Example:alice", secret, "8", "0"], ["add", "totp256", "Example:bob", secret, "6", "0"],
            ["add", "hotp", "Example:carol", secret, "6", "40"])
        self.assertEqual(self.code("alice"), oath_code("totp", SECRET, "--digits=8", "--now", f"@{TIME}"))
        self.assertEqual(self.code("bob"), oath_code("totp=sha256", SECRET, "--now", f"@{TIME}"))
        self.assertEqual(self.ok("code", "carol").output.strip(), oath_code("hotp", SECRET, "--counter=40"))

    def test_what_keyprov_enrolls_the_sdk_finds_and_the_codes_agree(self):
        totp = self.enroll("alice", "--digits", "8", "--algorithm", "sha256")
        hotp = self.enroll("counter", "--type", "hotp", "--counter", "40")
        names, code, following = self.sdk(
            ["list"], ["code", "Example:alice", TIME], ["code", "Example:counter", TIME])
        self.assertEqual(sorted(names), ["Example:alice", "Example:counter"])
        self.assertEqual(
            code, oath_code("totp=sha256", totp["secret"]["base32"], "--digits=8", "--now", f"@{TIME}"))
        self.assertEqual(following, oath_code("hotp", hotp["secret"]["base32"], "--counter=40"))

    def test_what_one_deletes_the_other_misses(self):
        self.enroll("alice")
        self.enroll("bob")
        self.assertEqual(self.sdk(["delete", "Example:alice"], ["list"]), [None, ["Example:bob"]])
        self.ok("credentials", "delete", "Example:bob")
        self.assertEqual(self.sdk(["list"]), [[]])

    def test_a_computer_that_the_sdk_writes_keyprov_lists_and_checks(self):
        secret = base64.b32decode(SECRET).hex()
        self.sdk(["pin", "correct"], ["verify", "correct"], ["add", "reverse", "laptop", secret, "6", "40"])
        self.assertIn("laptop  (reverse-hotp SHA1", self.ok("credentials", "list").output)
        self.assertEqual(self.ok("code", "--all").output, "")
        first, far = (oath_code("hotp", SECRET, f"--counter={counter}") for counter in (40, 50))
        self.fails(1, "computer", "verify", far)
        self.ok("computer", "verify", first)
        self.fails(1, "computer", "verify", first)
        self.ok("computer", "verify", far)

    def test_a_computer_that_keyprov_writes_the_sdk_checks(self):
        path = self.file("pin", "correct")
        self.ok("pin", "set", "--new-pin-file", path)
        written = self.ok(
            "computer", "enroll", "--account", "laptop", "--digits", "8", "--pin-file", path, "--json").json
        begin = written["credential"]["counter"]
        spent, first, second = (
            oath_code("hotp", written["secret"], "--digits=8", f"--counter={begin + step}") for step in (-1, 0, 1))
        answers = self.sdk(
            ["kinds"], ["accepts", "laptop", spent], ["accepts", "laptop", first], ["accepts", "laptop", first],
            ["accepts", "laptop", second])
        self.assertEqual(answers, [{"laptop": "HotpReverse"}, False, True, False, True])
        self.ok("credentials", "delete", "laptop")
        self.assertEqual(self.sdk(["list"]), [[]])

    def test_a_computer_under_the_pin_is_hidden_from_both(self):
        path = self.file("pin", "correct")
        self.ok("pin", "set", "--new-pin-file", path)
        written = self.ok(
            "computer", "enroll", "--account", "laptop", "--require-pin", "--pin-file", path, "--json").json
        code = oath_code("hotp", written["secret"], f"--counter={written['credential']['counter']}")
        self.assertEqual(
            self.sdk(["list"], ["verify", "correct"], ["accepts", "laptop", code]), [[], None, True])

    def test_a_pin_that_one_sets_or_changes_the_other_uses(self):
        one, two, three = (self.file(name, name) for name in ("first", "second", "third"))
        self.ok("pin", "set", "--new-pin-file", one)
        self.sdk(["change", "first", "second"])
        self.fails(77, "enroll", "--account", "alice", "--require-pin", "--pin-file", one, "--qr", "none")
        self.enroll("alice", "--require-pin", "--pin-file", two)
        self.ok("pin", "change", "--pin-file", two, "--new-pin-file", three)
        status, _, names = self.sdk(["status"], ["verify", "third"], ["list"])
        self.assertEqual((status["tries"], names), (8, ["Example:alice"]))
        self.assertEqual(self.fails(1, "pin", "set", "--new-pin-file", one).output, "")

    def test_a_try_of_the_pin_that_keyprov_spends_the_sdk_misses(self):
        self.sdk(["pin", "correct"])
        path = self.bus.folder / "pin"
        path.write_text("wrong\n", encoding="utf-8")
        before = self.sdk(["status"])[0]["tries"]
        self.fails(77, "enroll", "--account", "alice", "--require-pin", "--pin-file", path, "--qr", "none")
        self.assertEqual(self.sdk(["status"])[0]["tries"], before - 1)
        path.write_text("correct\n", encoding="utf-8")
        self.enroll("alice", "--require-pin", "--pin-file", path)
        self.assertEqual(self.sdk(["list"], ["verify", "correct"], ["list"])[2], ["Example:alice"])


class NitrokeySDKByCard(Clients, NitrokeySDK):
    """The same through pcscd."""

    TRANSPORT = "pcsc"
    READER = 0

    def sdk(self, *actions):
        with self.pcscd():
            return super().sdk(*actions)

    def client_environment(self):
        return {"PCSCLITE_CSOCK_NAME": str(self.bus.folder / "pcscd.comm")}
