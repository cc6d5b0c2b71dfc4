"""Yubico's tools for OTP slots judge the virtual keys: they send frames in feature reports through the real libusb.

The expected answers are computed here from the tools' own inputs, with Python's HMAC.
"""

import hashlib
import hmac
import shutil

from scenarios import Scenario

TOOLS = ("ykinfo", "ykpersonalize", "ykchalresp")
KEY = "3132333435363738393031323334353637383930"
CODE = "010203040506"
HOTP = ("-ooath-hotp", "-oserial-api-visible", f"-a{KEY}")
HMAC = ("-ochal-resp", "-ochal-hmac", "-ohmac-lt64", "-oserial-api-visible", f"-a{KEY}")
# ykpersonalize: the key did not count the write.
REFUSED = 2


class SlotTools(Scenario):
    firmware = "5.4.3"

    def setUp(self):
        missing = [tool for tool in TOOLS if not shutil.which(tool)]
        if missing:
            self.skipTest(f"not installed: {', '.join(missing)} (yubikey-personalization)")
        super().setUp()

    def tool(self, *arguments, status=0):
        return self.assert_exit(self.bus.run(*arguments), status).output

    def write(self, slot, *arguments, status=0):
        self.tool("ykpersonalize", f"-{slot}", *arguments, "-y", status=status)

    def info(self):
        """What `ykinfo` tells, by name."""
        return dict(line.split(": ", 1) for line in self.tool("ykinfo", "-a").splitlines())

    def respond(self, slot, challenge):
        return self.tool("ykchalresp", f"-{slot}", "-x", challenge.hex()).strip()

    def test_an_empty_key_tells_serial_and_firmware(self):
        info = self.info()
        self.assertEqual(info["serial"], self.bus.serials[0])
        self.assertEqual(info["programming_sequence"], "0")
        self.assertEqual((info["slot1_status"], info["slot2_status"]), ("0", "0"))

    def test_a_configured_slot_answers_challenges(self):
        self.write(2, *HMAC)
        # The tool pads with zeros, so its challenges end in none.
        for challenge in (b"\0\0\0\0\0\0\0\1", b"Hi There", bytes(range(1, 64))):
            expected = hmac.new(bytes.fromhex(KEY), challenge, hashlib.sha1).hexdigest()
            self.assertEqual(self.respond(2, challenge), expected)
        info = self.info()
        self.assertEqual((info["slot1_status"], info["slot2_status"]), ("0", "1"))
        self.assertEqual(info["programming_sequence"], "1")

    def test_a_slot_with_a_touch_waits_for_it(self):
        self.write(1, *HMAC, "-ochal-btn-trig")
        expected = hmac.new(bytes.fromhex(KEY), b"touched", hashlib.sha1).hexdigest()
        self.assertEqual(self.respond(1, b"touched"), expected)

    def test_an_access_code_closes_a_slot(self):
        self.write(1, *HOTP, f"-oaccess={CODE}")
        self.write(1, "-z", status=REFUSED)
        self.write(1, *HOTP, status=REFUSED)
        self.assertEqual(self.info()["slot1_status"], "1")
        self.write(1, "-z", f"-c{CODE}")
        self.assertEqual(self.info()["slot1_status"], "0")

    def test_a_slot_that_hides_the_serial_number_hides_it(self):
        self.write(1, "-ooath-hotp", f"-a{KEY}")
        self.tool("ykinfo", "-s", status=1)
        self.assertEqual(self.tool("ykinfo", "-v").strip(), "version: " + self.firmware)

    def test_a_swap_exchanges_the_slots(self):
        self.write(1, *HMAC, "-oallow-update")
        self.tool("ykpersonalize", "-x", "-y")
        info = self.info()
        self.assertEqual((info["slot1_status"], info["slot2_status"]), ("0", "1"))

    # What `keyprov slots` did, in the words of the tools.

    def statuses(self):
        info = self.info()
        return info["slot1_status"], info["slot2_status"]

    def test_a_slot_protected_afterwards_keeps_its_secret_and_opens_to_its_code_only(self):
        code = self.bus.folder / "code"
        code.write_text(CODE + "\n", encoding="ascii")
        self.write(2, *HMAC, "-oallow-update")
        self.ok("slots", "protect", "--slot", "2", "--new-access-code-file", code)
        self.write(2, "-z", status=REFUSED)
        expected = hmac.new(bytes.fromhex(KEY), b"Hi There", hashlib.sha1).hexdigest()
        self.assertEqual(self.respond(2, b"Hi There"), expected)
        self.ok("slots", "unprotect", "--slot", "2", "--access-code-file", code)
        self.write(2, "-z")

    def test_slots_are_swapped_and_deleted(self):
        self.write(1, *HMAC, "-oallow-update")
        self.ok("slots", "swap")
        self.assertEqual(self.statuses(), ("0", "1"))
        states = [slot["state"] for slot in self.ok("slots", "list", "--json").json["slots"]]
        self.assertEqual(states, ["empty", "computes"])
        self.ok("slots", "delete", "--slot", "2")
        self.assertEqual(self.statuses(), ("0", "0"))

    def test_what_types_is_configured_and_shows_the_serial_number(self):
        self.ok("slots", "yubico-otp", "--slot", "1")
        self.ok("slots", "password", "--slot", "2")
        self.assertEqual(self.statuses(), ("1", "1"))
        self.assertEqual(self.info()["serial"], self.bus.serials[0])


class SlotToolsOnNEO(SlotTools):
    """A NEO starts up slowly and shows an old status at first."""

    NAMES = ("yubikeyneo",)
    firmware = "3.4.9"
