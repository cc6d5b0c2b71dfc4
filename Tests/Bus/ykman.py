"""Yubico's own client judges the virtual YubiKeys, through pcscd and libccid."""

from bus import oath_code, wait_until
from environments import YKMAN
from oath_client import SECRET, BothDirections, OATHClient
from scenarios import SMART_CARD, TIME


class Ykman(OATHClient):
    ENVIRONMENT = YKMAN
    PROGRAM = "ykman"


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
            lines = self.tell("list").splitlines()
            for serial, (model, version) in zip(self.bus.serials, self.MODELS.values()):
                with self.subTest(model=model, version=version):
                    [line] = [line for line in lines if line.endswith(serial)]
                    self.assertTrue(line.startswith(f"{model} ({version})"), line)
                    info = self.tell("--device", serial, "info")
                    self.assertRegex(info, f"Serial number: +{serial}")
                    self.assertRegex(info, rf"Firmware version: +{version}")
                    self.assertRegex(info, r"OATH\s+Enabled")
                    self.assertIn("OATH version:", self.tell("--device", serial, "oath", "info"))


class YkmanInBothDirections(BothDirections, Ykman):
    TOUCH_REQUEST = "Touch your YubiKey"

    def test_a_touch_that_ykman_asks_for_keyprov_waits_for(self):
        with self.pcscd():
            self.add("Example:alice", "--touch")
        outcome = self.ok("code", "alice", "--at", TIME)
        self.assertGreaterEqual(outcome.seconds, 1)
        self.assertEqual(outcome.output.strip(), oath_code("totp", SECRET, "--now", f"@{TIME}"))

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
            self.assertIn(self.bus.serials[0], self.tell("list"))

    def test_pcscd_hears_of_a_key_that_comes_and_goes(self):
        with self.pcscd():
            self.assertIn(self.bus.serials[0], self.tell("list"))
            self.bus.command("unplug 1-1")
            wait_until(lambda: "No smart card readers" in self.client("opensc-tool", "--list-readers").output)
            self.bus.command("plug 1-1")
            wait_until(lambda: self.bus.state()["interfaces"][SMART_CARD]["claimed"])
            self.assertIn(self.bus.serials[0], self.tell("list"))

    def test_round_trips_of_the_same_job(self):
        before = self.bulk_transfers()
        self.ok("enroll", "--account", "ours", "--qr", "none")
        ours = self.bulk_transfers() - before
        with self.pcscd():
            self.tell("list")  # The reader is awake from here on.
            before = self.bulk_transfers()
            self.add("theirs")
            added = self.bulk_transfers() - before
            self.oath("accounts", "code", "--single", "theirs")
            theirs = self.bulk_transfers() - before
        print(f"figure  bulk transfers: keyprov enroll {ours}; ykman add {added} and code {theirs - added}")
        self.assertLess(ours, theirs)
