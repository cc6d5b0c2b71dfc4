"""The virtual Token2 PIN+ behind pcscd and OpenSC, and a second implementation of its host.

No client of its maker's is on PyPI or in Debian. So pcscd and libccid judge the reader, and entries are encrypted here by
python3-cryptography, after framefilter/keyroost's description, and carried by opensc-tool.
"""

import os
import plistlib
import re
import shutil

from bus import oath_code
from clients import DRIVER, Clients
from scenarios import TIME

try:
    from cryptography.hazmat.primitives import hashes, padding
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    MISSING = None
except ImportError:
    MISSING = "python3-cryptography is not installed"

SELECT = "00A4040008F00000014F747001"
PUBLIC_KEY = "80C5010000"
SECRET = b"12345678901234567890"
SECRET_TEXT = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
VECTOR = bytes.fromhex("9DD8918E34F3CCAB08CB7518F71938F1")


def read_all(time):
    return "80C5050009" + "03" + int(time).to_bytes(8, "big").hex()


def entry(issuer, account, secret):
    """TOTP, SHA-1, 30 seconds, 8 digits, no button."""
    def field(content):
        return bytes([len(content)]) + content

    return bytes([1, 0xC1, 0, 30, 8, 0]) + field(issuer.encode()) + field(account.encode()) + field(secret)


def sealed(point, cleartext):
    curve = ec.SECP256R1()
    device = ec.EllipticCurvePublicKey.from_encoded_point(curve, b"\x04" + point)
    host = ec.generate_private_key(curve)
    digest = hashes.Hash(hashes.SHA256())
    digest.update(host.exchange(ec.ECDH(), device))
    encryptor = Cipher(algorithms.AES(digest.finalize()), modes.CBC(VECTOR)).encryptor()
    padder = padding.PKCS7(128).padder()
    numbers = host.public_key().public_numbers()
    return (numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
            + encryptor.update(padder.update(cleartext) + padder.finalize()) + encryptor.finalize())


class Token2(Clients):
    NAMES = ("token2pin33",)
    READER = 0

    def obstacles(self):
        yield from super().obstacles()
        yield None if shutil.which("opensc-tool") else "opensc is not installed"
        yield MISSING

    def prepare_driver(self):
        """Debian 12 has libccid 1.5.2, which does not know the key's ids yet; later lists have them."""
        known = f"{DRIVER}/Contents/Info.plist"
        with open(known, "rb") as file:
            drivers = plistlib.load(file)
        drivers["ifdVendorID"].append("0x349E")
        drivers["ifdProductID"].append("0x0024")
        drivers["ifdFriendlyName"].append("TOKEN2 FIDO2 Security Key(0024)")
        extended = self.bus.folder / "Info.plist"
        extended.write_bytes(plistlib.dumps(drivers))
        return f"mount --bind {extended} {known}"

    def send(self, *commands):
        """The data of each answer, all of which say that it went well."""
        arguments = [word for command in (SELECT, *commands) for word in ("--send-apdu", command)]
        output = self.assert_exit(self.client("opensc-tool", *arguments), 0).output
        answers = re.split(r"(?m)^Sending: .*$", output)[2:]
        self.assertEqual(len(answers), len(commands), output)
        data = []
        for answer in answers:
            self.assertIn("(SW1=0x90, SW2=0x00)", answer)
            rows = [line[:48] for line in answer.splitlines() if re.match(r"([0-9A-F]{2} )+", line)]
            data.append(bytes.fromhex("".join(rows)))
        return data

    def test_what_keyprov_enrolls_is_listed_with_its_code(self):
        enrolled = self.enroll("alice", "--digits", "8")
        with self.pcscd():
            [listed] = self.send(read_all(TIME))
        code = oath_code("totp", enrolled["secret"]["base32"], "--digits=8", "--now", f"@{TIME}")
        names = b"\x07Example\x05alice"
        self.assertEqual(listed, bytes([1, 0xC1, 0, 30, 8, 0]) + names + b"\x08" + code.encode())

    def test_what_another_host_encrypts_keyprov_finds_and_the_codes_agree(self):
        with self.pcscd():
            [point] = self.send(PUBLIC_KEY)
            for account in ("carol", "dave"):
                blob = sealed(point, entry("Other", account, SECRET))
                self.send("80C50502" + bytes([len(blob)]).hex() + blob.hex())
        expected = oath_code("totp", SECRET_TEXT, "--digits=8", "--now", f"@{TIME}")
        listed = self.ok("credentials", "list", "--json").json["credentials"]
        self.assertEqual([c["account"] for c in listed], ["carol", "dave"])
        self.assertEqual(self.code("carol"), expected)
        self.ok("credentials", "delete", "Other:carol")
        self.assertEqual(self.code("dave"), expected)

    def test_what_is_not_encrypted_for_the_key_is_refused(self):
        with self.pcscd():
            blob = os.urandom(64 + 48)
            arguments = ("--send-apdu", SELECT, "--send-apdu", "80C50502" + bytes([len(blob)]).hex() + blob.hex())
            self.assertIn("SW1=0x69, SW2=0x84", self.client("opensc-tool", *arguments).output)
        self.assertEqual(self.ok("credentials", "list", "--json").json["credentials"], [])


class Token2WithPIN(Token2):
    """The model that takes extended APDUs and could have a PIN."""

    NAMES = ("token2pin",)
