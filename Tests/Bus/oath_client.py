"""What ykman and its fork ckman do with an OATH application through pcscd, and how both judge a virtual key in both directions."""

import time

from bus import oath_code
from clients import Clients
from scenarios import TIME

PASSWORD = "correct horse"
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


class OATHClient(Clients):
    # Where the client is installed, and what it is called.
    ENVIRONMENT = None
    PROGRAM = None

    def obstacles(self):
        yield from super().obstacles()
        yield self.ENVIRONMENT.obstacle()

    def run_client(self, *arguments):
        return self.client(self.ENVIRONMENT.program(self.PROGRAM), *arguments)

    def tell(self, *arguments, status=0):
        return self.assert_exit(self.run_client(*arguments), status).output

    def oath(self, *arguments, status=0):
        return self.tell("oath", *arguments, status=status)

    def add(self, name, *options):
        return self.oath("accounts", "add", "--force", *options, name, SECRET)

    def assert_current(self, code, kind, secret, *options):
        """The code of this time step, or of the one that ended while the client was at work."""
        now = int(time.time())
        valid = [oath_code(kind, secret, *options, "--now", f"@{moment}") for moment in (now, now - 30)]
        self.assertIn(code, valid)


class BothDirections:
    """Tests of an `OATHClient`."""

    # Of the first code that a key tells of a credential with counter 40 that the client added.
    FIRST_COUNTER = 40
    # What the client asks its user for.
    TOUCH_REQUEST = ""

    def test_what_the_client_adds_keyprov_finds_and_the_codes_agree(self):
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
        first = oath_code("hotp", SECRET, f"--counter={self.FIRST_COUNTER}")
        self.assertEqual(self.ok("code", "hotp").output.strip(), first)

    def test_what_keyprov_enrolls_the_client_finds_and_the_codes_agree(self):
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

    def test_a_touch_that_keyprov_asks_for_the_client_waits_for(self):
        enrolled = self.enroll("alice", "--touch")
        with self.pcscd():
            outcome = self.run_client("oath", "accounts", "code", "--single", "alice")
        self.assert_exit(outcome, 0)
        self.assertIn(self.TOUCH_REQUEST, outcome.errors)
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

    def test_a_password_that_the_client_sets_keyprov_needs(self):
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
