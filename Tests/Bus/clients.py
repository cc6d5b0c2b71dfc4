"""Clients that we did not write judge the virtual keys, and find what `keyprov` wrote, and the other way round.

pcscd and libccid drive the virtual reader, OpenSC the applets behind it; the makers' own clients have modules of their own.
pcscd runs with a socket and a mount namespace of its own, and the machine's is left alone. It holds the key as long as it
runs, so it ends each time before `keyprov` takes its turn.
"""

import contextlib
import functools
import os
import shutil
import subprocess

from bus import ListeningSocket, wait_until
from scenarios import SMART_CARD, Scenario

DRIVER = "/usr/lib/pcsc/drivers/ifd-ccid.bundle"
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
