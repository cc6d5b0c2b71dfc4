"""CanoKey's own client judges the virtual CanoKey, through pcscd and libccid."""

import time

from bus import oath_code
from clients import PASSWORD, SECRET, Clients
from environments import Environment
from scenarios import TIME

# PyPI; not in Debian. A fork of ykman, so what it stands on is kept apart.
CKMAN = Environment("ckman", "canokey-manager==5.9.2.post1")

ADMIN_PIN = "123456"


class Ckman(Clients):
    NAMES = ("canokey",)

    def obstacles(self):
        yield from super().obstacles()
        yield CKMAN.obstacle()

    def ckman(self, *arguments, status=0):
        return self.assert_exit(self.client(CKMAN.program("ckman"), *arguments), status).output

    def oath(self, *arguments, status=0):
        return self.ckman("oath", *arguments, status=status)

    def add(self, name, *options):
        return self.oath("accounts", "add", "--force", *options, name, SECRET)

    def assert_current(self, code, kind, secret, *options):
        """The code of this time step, or of the one that ended while the client was at work."""
        now = int(time.time())
        valid = [oath_code(kind, secret, *options, "--now", f"@{moment}") for moment in (now, now - 30)]
        self.assertIn(code, valid)

    def test_it_is_taken_for_what_it_is(self):
        # The serial number is four bytes, and the bus shows their digits.
        serial = str(int(self.bus.serials[0], 16))
        with self.pcscd():
            self.assertIn(serial, self.ckman("list"))
            info = self.ckman("info")
        self.assertRegex(info, f"Serial number: +{serial}")
        self.assertRegex(info, r"Firmware version: +3\.0\.1")

    def test_what_ckman_adds_keyprov_finds_and_the_codes_agree(self):
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
        # The key counts before it computes: the counter that was written is never used.
        self.assertEqual(self.ok("code", "hotp").output.strip(), oath_code("hotp", SECRET, "--counter=41"))

    def test_what_keyprov_enrolls_ckman_finds_and_the_codes_agree(self):
        totp = self.enroll("alice", "--digits", "8", "--algorithm", "sha256")
        hotp = self.enroll("counter", "--type", "hotp", "--counter", "40")
        with self.pcscd():
            self.assertEqual(
                self.oath("accounts", "list", "--oath-type").split(),
                ["Example:alice,", "TOTP", "Example:counter,", "HOTP"])
            code = self.oath("accounts", "code", "--single", "alice").strip()
            self.assert_current(code, "totp=sha256", totp["secret"]["base32"], "--digits=8")
            following = self.oath("accounts", "code", "--single", "counter").strip()
        # What was enrolled with counter 40 computes that one first.
        self.assertEqual(following, oath_code("hotp", hotp["secret"]["base32"], "--counter=40"))

    def test_a_touch_that_keyprov_asks_for_ckman_waits_for(self):
        enrolled = self.enroll("alice", "--touch")
        with self.pcscd():
            outcome = self.client(CKMAN.program("ckman"), "oath", "accounts", "code", "--single", "alice")
        self.assert_exit(outcome, 0)
        self.assertGreaterEqual(outcome.seconds, 1)
        self.assert_current(outcome.output.strip(), "totp", enrolled["secret"]["base32"])

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

    def test_a_password_that_ckman_sets_keyprov_needs(self):
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

    def test_more_than_one_answer_takes_is_listed_by_both(self):
        # LIST of these is longer than a short answer, so that the rest is asked for.
        names = [f"account-{number:02}-with-a-name-that-fills-much-of-its-place" for number in range(8)]
        for name in names:
            self.ok("enroll", "--account", name, "--qr", "none")
        with self.pcscd():
            self.assertEqual(self.oath("accounts", "list").split(), names)
            self.add("one-more-account-with-a-name-that-fills-much-of-its-place")
        self.assertEqual(len(self.ok("credentials", "list", "--json").json["credentials"]), len(names) + 1)

    def test_a_reset_takes_the_admin_pin_and_leaves_nothing(self):
        self.enroll("alice")
        with self.pcscd():
            self.oath("reset", "--force", "--admin-pin", "654321", status=1)
            self.assertEqual(self.oath("accounts", "list").split(), ["Example:alice"])
            self.oath("reset", "--force", "--admin-pin", ADMIN_PIN)
            self.assertEqual(self.oath("accounts", "list"), "")
        self.assertEqual(self.ok("credentials", "list", "--json").json["credentials"], [])

    def test_keyprov_goes_past_a_reader_that_pcscd_holds(self):
        with self.pcscd():
            self.add("Example:alice")
            self.assertEqual(self.code("alice"), oath_code("totp", SECRET, "--now", f"@{TIME}"))
            self.assertEqual(self.oath("accounts", "list").split(), ["Example:alice"])
