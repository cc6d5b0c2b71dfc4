"""`keyprov` as it is released, on the real libusb, against virtual keys on the bridge's bus."""

import json
import os
import re
import time
import unittest

from bus import INTERRUPT, KILL, Bus, oath_code, wait_until

KEYPROV = None  # Set by run.py.

# For codes: 2033-05-18 03:33:20 UTC.
TIME = "2000000000"
SMART_CARD = 2
NOBODY = "nobody"


class Scenario(unittest.TestCase):
    """A bus of its own for each test, and the promise that nobody left anything claimed or detached."""

    NAMES = ("yubikey5",)

    def setUp(self):
        self.bus = Bus(KEYPROV, *self.NAMES)
        self.addCleanup(self.bus.close)
        self.addCleanup(self.check_everything_was_given_back)

    def check_everything_was_given_back(self):
        for number in range(len(self.NAMES)):
            self.check_given_back(f"1-{number + 1}")

    def check_given_back(self, port):
        state = self.bus.state(port)
        counts = state["counts"]
        self.assertEqual(counts["unclaimed_transfers"], 0, state)
        self.assertEqual(counts["dropped_claims"], 0, state)
        self.assertEqual([i["number"] for i in state["interfaces"] if i["claimed"]], [], state)
        if state["plugged"]:
            unbound = [i["number"] for i in state["interfaces"] if i["driver"] and not i["bound"]]
            self.assertEqual(unbound, [], state)

    def assert_exit(self, outcome, status):
        self.assertEqual(outcome.status, status, f"\n{outcome}\n{self.bus.log()}")
        return outcome

    def ok(self, *arguments, **options):
        return self.assert_exit(self.bus.key(*arguments, **options), 0)

    def fails(self, status, *arguments, **options):
        return self.assert_exit(self.bus.key(*arguments, **options), status)

    def enroll(self, account, *options, **more):
        return self.ok("enroll", "--issuer", "Example", "--account", account, "--json", *options, **more).json

    def code(self, account, *options):
        return self.ok("code", account, "--at", TIME, *options).output.strip()

    def waiting_for_touch(self, account):
        """An enrollment that has asked for its touch; first it says that the key is a virtual one."""
        program = self.bus.start_key("enroll", "--account", account, "--touch", "--qr", "none")
        line = program.line("stderr")
        # The first enrollment makes the ledger's identity.
        if "ledger.db.identity" in line:
            line = program.line("stderr")
        self.assertIn("virtual key", line)
        self.assertIn("touch", program.line("stderr"))
        return program

    def assert_key_computes(self, enrolled, *options):
        expected = oath_code("totp", enrolled["secret"]["base32"], "--now", f"@{TIME}")
        self.assertEqual(self.code(enrolled["credential"]["account"], *options), expected)

    def bulk_transfers(self, port="1-1"):
        counts = self.bus.state(port)["counts"]
        return counts["bulk_in"] + counts["bulk_out"]


class Commands(Scenario):
    def test_devices_tells_model_serial_and_firmware(self):
        [device] = self.ok("devices", "--json").json["devices"]
        self.assertEqual(device["serial"], self.bus.serials[0])
        self.assertEqual(device["model"], "YubiKey 5 NFC")
        self.assertEqual((device["firmware"], device["port"], device["state"]), ("5.4.3", "1-1", "ready"))

    def test_a_totp_credential_gives_the_codes_of_its_secret(self):
        for algorithm in ("sha1", "sha256", "sha512"):
            enrolled = self.enroll(algorithm, "--algorithm", algorithm, "--digits", "8", "--period", "60")
            self.assertEqual(enrolled["verified"], "full")
            expected = oath_code(
                f"totp={algorithm}", enrolled["secret"]["base32"], "--digits=8", "--time-step-size=60s",
                "--now", f"@{TIME}")
            self.assertEqual(self.code(algorithm), expected)

    def test_a_hotp_credential_gives_one_code_after_the_other(self):
        enrolled = self.enroll("hotp", "--type", "hotp", "--counter", "40")
        codes = [self.ok("code", "hotp").output.strip() for _ in range(3)]
        expected = oath_code("hotp", enrolled["secret"]["base32"], "--counter=40", "--window=9").split()
        first = expected.index(codes[0])
        self.assertEqual(codes, expected[first:first + 3])

    def test_credentials_are_listed_renamed_and_deleted(self):
        enrolled = self.enroll("alice")
        self.enroll("bob")
        self.ok("credentials", "rename", "Example:alice", "--account", "carol")
        enrolled["credential"]["account"] = "carol"
        self.assert_key_computes(enrolled)
        self.ok("credentials", "delete", "Example:bob")
        listed = self.ok("credentials", "list", "--json").json["credentials"]
        self.assertEqual([credential["account"] for credential in listed], ["carol"])

    def test_a_name_in_use_is_replaced_only_when_told(self):
        first = self.enroll("alice")
        self.fails(1, "enroll", "--issuer", "Example", "--account", "alice", "--qr", "none")
        self.assert_key_computes(first)
        self.assert_key_computes(self.enroll("alice", "--replace"))

    def test_an_enrollment_takes_sixteen_transfers_wherever_they_are_counted(self):
        outcome = self.ok("enroll", "--account", "alice", "--qr", "none", "--verbose")
        self.assertEqual(len(outcome.transfers), 16)
        self.assertEqual(self.bulk_transfers(), 16)
        self.assertEqual(self.bus.served_transfers("yubikey5"), 16)
        self.assertEqual(self.bus.state()["counts"]["control"], 0)

    def test_a_command_without_data_asks_for_an_answer(self):
        # LIST is four bytes and Le behind a header of ten. Without Le some keys answer it with nothing.
        self.assertIn("out 0x02 15 bytes", self.ok("credentials", "list", "--verbose").transfers)

    def test_a_virtual_key_is_one_on_a_real_bus_too(self):
        outcome = self.ok("enroll", "--account", "alice", "--json")
        self.assertTrue(outcome.json["device"]["virtual"])
        self.assertIn("virtual key", outcome.errors)

    def test_a_touch_is_waited_for_in_real_time(self):
        outcome = self.ok("enroll", "--account", "alice", "--qr", "none", "--touch", "--verbose")
        self.assertGreaterEqual(outcome.seconds, 1)
        self.assertIn("touch the key", outcome.errors)
        # The command's answer comes behind a request for more time.
        self.assertEqual(len(outcome.transfers), 17)

    def test_answers_that_fill_their_last_packet_end(self):
        # With 49 and 61 bytes of names LIST answers with 64 and 128 bytes, so that a packet of no bytes follows.
        self.ok("enroll", "--account", "a" * 49, "--qr", "none")
        listed = self.ok("credentials", "list", "--verbose")
        self.assertIn("in 0x82 64 bytes of 3072", listed.transfers)
        self.ok("enroll", "--account", "b" * 61, "--qr", "none")
        listed = self.ok("credentials", "list", "--verbose")
        self.assertIn("in 0x82 128 bytes of 3072", listed.transfers)
        self.assertEqual(self.bus.state()["counts"]["discarded"], 0, "no read waited for what did not come")

    def test_a_command_that_fills_its_last_packet_is_taken(self):
        # SHA1 and a 20-byte secret: the message of PUT has 41 bytes and the name.
        outcome = self.ok("enroll", "--account", "a" * 23, "--qr", "none", "--verbose")
        self.assertIn("out 0x02 64 bytes", outcome.transfers)


class Hotplug(Scenario):
    NAMES = ("yubikey5", "yubikey4")

    def test_watch_tells_of_each_key_that_comes_or_goes(self):
        watch = self.bus.start_key("devices", "--watch", "--json")
        first, second = sorted((json.loads(watch.line()) for _ in range(2)), key=lambda event: event["port"])
        self.assertEqual([(e["event"], e["port"]) for e in (first, second)], [("arrived", "1-1"), ("arrived", "1-2")])
        self.assertEqual([first["serial"], second["serial"]], self.bus.serials)
        for port in ("1-2", "1-1", "1-2"):
            self.bus.command(f"unplug {port}")
            left = json.loads(watch.line())
            self.assertEqual((left["event"], left["port"]), ("left", port))
            self.bus.command(f"plug {port}")
            back = json.loads(watch.line())
            self.assertEqual((back["event"], back["port"], back["state"]), ("arrived", port, "ready"))
        watch.signal(INTERRUPT)
        self.assertEqual(watch.finish().output, "")

    def test_a_key_plugged_in_again_has_another_address_and_its_memory(self):
        enrolled = self.enroll("alice", "--device", "usb:1-1")
        before = self.bus.state()["address"]
        self.bus.command("unplug 1-1")
        [device] = self.ok("devices", "--json").json["devices"]
        self.assertEqual(device["port"], "1-2")
        self.bus.command("plug 1-1")
        self.assertNotEqual(self.bus.state()["address"], before)
        self.assert_key_computes(enrolled, "--device", self.bus.serials[0])

    def test_two_keys_are_told_apart_by_port_and_by_serial_number(self):
        refused = self.fails(64, "code")
        for serial, port in zip(self.bus.serials, ("1-1", "1-2")):
            self.assertIn(f"usb:{port}", refused.errors)
            self.enroll(f"port-{port}", "--device", f"usb:{port}")
            enrolled = self.enroll(f"serial-{port}", "--device", serial)
            self.assertEqual((enrolled["device"]["serial"], enrolled["device"]["port"]), (serial, port))
            listed = self.ok("credentials", "list", "--device", f"usb:{port}", "--json").json["credentials"]
            self.assertEqual([c["account"] for c in listed], [f"port-{port}", f"serial-{port}"])
        self.fails(69, "code", "--device", "usb:1-3")
        self.fails(69, "code", "--device", "99000000")


class Faults(Scenario):
    """The transfer that writes the credential, and the answer to it, with a name of five letters."""

    def setUp(self):
        super().setUp()
        probe = self.ok("enroll", "--account", "probe", "--qr", "none", "--verbose").errors
        self.ok("credentials", "delete", "probe")
        before = probe[:re.search(r"apdu: 00 01 00 00", probe).start()]
        self.answer = len(re.findall(r"usb: (?:in|out) ", before))
        self.command = self.answer - 1

    def enroll_with(self, fault, number, status):
        self.bus.command(f"fault 1-1 {number} {fault}")
        return self.fails(status, "enroll", "--account", "alice", "--json")

    def assert_unproven(self, outcome):
        self.assertEqual(outcome.output, "", "a secret that is not proven is not shown")
        self.assertIn("not proven", outcome.errors)
        self.assertIn("--replace", outcome.errors)
        self.assertNotRegex(outcome.errors, "[A-Z2-7]{32}")

    def assert_repaired(self):
        self.assert_key_computes(self.ok("enroll", "--account", "alice", "--json", "--replace").json)

    def test_a_stall_is_an_error_and_leaves_no_halt(self):
        outcome = self.enroll_with("stall", self.command, 74)
        self.assertIn("refused a USB transfer", outcome.errors)
        self.assertGreaterEqual(self.bus.state()["counts"]["cleared_halts"], 1)
        self.assert_repaired()

    def test_a_stalled_answer_leaves_it_unproven(self):
        self.assert_unproven(self.enroll_with("stall", self.answer, 74))
        self.assert_repaired()

    def test_a_key_that_never_answers_is_a_timeout(self):
        outcome = self.enroll_with("silence", self.answer, 74)
        self.assert_unproven(outcome)
        self.assertIn("did not answer in time", outcome.errors)
        self.assertGreaterEqual(outcome.seconds, 3)
        self.assertGreaterEqual(self.bus.state()["counts"]["discarded"], 1)
        self.assert_repaired()

    def test_a_short_answer_is_not_taken_for_a_whole_one(self):
        # That of the proof, which is long enough for half of it to hold the header: the rest is waited for.
        outcome = self.enroll_with("short", self.answer + 2, 74)
        self.assert_unproven(outcome)
        self.assertIn("did not answer in time", outcome.errors)
        self.assert_repaired()

    def test_a_short_command_is_not_taken_for_a_sent_one(self):
        outcome = self.enroll_with("short", self.command, 74)
        self.assert_unproven(outcome)
        self.assertIn("USB failed", outcome.errors)
        self.assert_repaired()

    def test_a_key_pulled_before_it_got_the_secret_can_be_enrolled_afterwards(self):
        outcome = self.enroll_with("unplug-before", self.command, 69)
        self.assertIn("unplugged", outcome.errors)
        self.bus.command("plug 1-1")
        self.assert_key_computes(self.ok("enroll", "--account", "alice", "--json").json)

    def test_a_key_pulled_after_it_got_the_secret_is_repaired_with_replace(self):
        for number in (self.command, self.answer):
            self.assert_unproven(self.enroll_with("unplug-after", number, 69))
            self.bus.command("plug 1-1")
            self.fails(1, "enroll", "--account", "alice", "--qr", "none")
            self.assert_repaired()
            self.ok("credentials", "delete", "alice")

    def test_a_key_pulled_at_the_server_is_noticed(self):
        self.bus.tell_server("touch yubikey5 never")
        waiting = self.waiting_for_touch("alice")
        self.bus.tell_server("unplug yubikey5")
        self.assert_exit(waiting.finish(), 69)
        self.assertFalse(self.bus.state()["plugged"])

    def test_what_a_killed_program_left_behind_is_aborted(self):
        before = self.bus.state()["counts"]["bulk_out"]
        killed = self.bus.start_key("enroll", "--account", "alice", "--touch", "--qr", "none")
        # The seventh command waits for the touch, and its answer is on the way.
        wait_until(lambda: self.bus.state()["counts"]["bulk_out"] == before + 7 and self.bus.state()["pending"] == 1)
        killed.signal(KILL)
        killed.finish()
        self.ok("credentials", "delete", "alice")
        self.assert_repaired()

    def check_given_back(self, port):
        # Of a killed program the kernel takes back what it held; all others release it themselves.
        if "killed" in self.id():
            self.assertEqual(self.bus.state(port)["counts"]["dropped_claims"], 1)
        else:
            super().check_given_back(port)


class Holders(Scenario):
    def test_a_key_that_another_process_uses_is_busy(self):
        # Long enough for two commands on a loaded machine.
        self.bus.tell_server("touch yubikey5 10")
        holder = self.waiting_for_touch("alice")
        refused = self.fails(75, "code")
        self.assertIn("held by", refused.errors)
        self.assertIn("hint:", refused.errors)
        [device] = self.ok("devices", "--json").json["devices"]
        self.assertEqual(device["state"], "held")
        self.assert_exit(holder.finish(), 0)
        self.ok("code", "--at", TIME)

    def test_without_permission_the_udev_rules_are_named(self):
        self.bus.command("mode 1-1 0600" if os.geteuid() == 0 else "mode 1-1 0")
        user = NOBODY if os.geteuid() == 0 else None
        refused = self.fails(77, "code", user=user)
        self.assertIn("udev rules", refused.errors)
        [device] = self.ok("devices", "--json", user=user).json["devices"]
        self.assertEqual(device["state"], "no permission")

    @unittest.skipUnless(os.geteuid() == 0, "takes root to become another user")
    def test_with_permission_no_other_privilege_is_needed(self):
        outcome = self.bus.key("devices", "--json", user=NOBODY)
        self.assertEqual(self.assert_exit(outcome, 0).json["devices"][0]["state"], "ready")


class OtherKeys(Scenario):
    """Keys of other makers, each with its own dialect."""

    NAMES = ("canokey", "solo2", "picofido")

    def test_each_proves_what_it_got(self):
        for number, proof in enumerate(("full", "codes", "full"), 1):
            port = ("--device", f"usb:1-{number}")
            enrolled = self.enroll("alice", *port)
            self.assertEqual(enrolled["verified"], proof)
            self.assertEqual(int(enrolled["device"]["serial"]), int(self.bus.serials[number - 1]))
            self.assert_key_computes(enrolled, *port)


class Approvals(Scenario):
    """A Mooltipass BLE, whose person at the display approves everything after a second."""

    NAMES = ("mooltipass",)

    def test_what_is_approved_is_written_computed_and_deleted(self):
        # Two codes prove it, of time steps behind each other: that takes half a minute.
        program = self.bus.start_key("enroll", "--issuer", "Example", "--account", "alice", "--json")
        enrolled = self.assert_exit(program.finish(timeout=90), 0).json
        self.assertEqual(enrolled["verified"], "codes")
        self.assertEqual(enrolled["device"]["serial"], self.bus.serials[0])
        secret = enrolled["secret"]["base32"]
        before = int(time.time())
        code = self.ok("code", "alice").output.strip()
        after = int(time.time())
        self.assertIn(code, {oath_code("totp", secret, "--now", f"@{moment}") for moment in (before, after)})
        self.assertIn("Example:alice", self.ok("credentials", "list").output)
        self.ok("credentials", "delete", "Example:alice")
        self.assertEqual(self.ok("credentials", "list").output, "")


class PastTheHolder(Scenario):
    """A CanoKey whose reader another process has: its vendor requests take no claim."""

    NAMES = ("canokey",)

    def test_a_held_reader_is_gone_past_without_a_claim(self):
        first = self.enroll("alice")
        holder = self.waiting_for_touch("bob")
        # The chip does one command at a time, so this one waits for the touch of the other.
        self.assert_key_computes(first)
        self.assert_exit(holder.finish(), 0)
        self.assertGreater(self.bus.state()["counts"]["control"], 0)


class Drivers(Scenario):
    """A driver of the kernel is bound to the smart-card interface, as pn533_usb is to some readers."""

    def setUp(self):
        super().setUp()
        self.bus.command(f"driver 1-1 {SMART_CARD} pn533_usb")

    def assert_detached_and_back(self, times):
        counts = self.bus.state()["counts"]
        self.assertEqual((counts["detached_drivers"], counts["reattached_drivers"]), (times, times))

    def test_it_is_detached_and_comes_back(self):
        self.assert_key_computes(self.enroll("alice"))
        self.assert_detached_and_back(2)

    def test_the_drivers_of_other_interfaces_stay(self):
        self.enroll("alice", "--touch")
        self.assert_detached_and_back(1)
        bound = {i["number"]: i["bound"] for i in self.bus.state()["interfaces"]}
        self.assertEqual(bound, {0: True, 1: True, SMART_CARD: True})

    def test_it_comes_back_after_an_error(self):
        for fault in ("stall", "short"):
            self.bus.command(f"fault 1-1 3 {fault}")
            self.fails(74, "code")
        self.fails(1, "code", "nobody")
        self.assert_detached_and_back(3)

    def test_it_comes_back_after_an_interruption(self):
        program = self.waiting_for_touch("alice")
        program.signal(INTERRUPT)
        self.assertEqual(program.finish().status, -INTERRUPT)
        self.assert_detached_and_back(1)
