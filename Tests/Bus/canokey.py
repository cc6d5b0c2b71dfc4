"""CanoKey's own client judges the virtual CanoKey, through pcscd and libccid."""

from bus import oath_code
from environments import Environment
from oath_client import SECRET, BothDirections, OATHClient
from scenarios import TIME

# PyPI; not in Debian. A fork of ykman, so what it stands on is kept apart.
CKMAN = Environment("ckman", "canokey-manager==5.9.2.post1")

ADMIN_PIN = "123456"


class Ckman(BothDirections, OATHClient):
    NAMES = ("canokey",)
    ENVIRONMENT = CKMAN
    PROGRAM = "ckman"
    # The key counts before it computes: the counter that was written is never used.
    FIRST_COUNTER = 41

    def test_it_is_taken_for_what_it_is(self):
        # The serial number is four bytes, and the bus shows their digits.
        serial = str(int(self.bus.serials[0], 16))
        with self.pcscd():
            self.assertIn(serial, self.tell("list"))
            info = self.tell("info")
        self.assertRegex(info, f"Serial number: +{serial}")
        self.assertRegex(info, r"Firmware version: +3\.0\.1")

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
