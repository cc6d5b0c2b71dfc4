"""Programs and libraries that read a file and need no server: python-pskc, pskctool, pyotp, ykman, django-otp, oathtool."""

import base64
import json
import re

import install
from tokens import Importing, Token, oathtool, run

MOMENT = 2000000000  # 2033-05-18 03:33:20 UTC
PASSWORD = "correct horse battery staple"
KEY = "00112233445566778899aabbccddeeff"
KINDS = (
    ("totp", "SHA1", 6, 30), ("totp", "SHA256", 8, 60), ("totp", "SHA512", 7, 45), ("hotp", "SHA1", 6, 0),
    ("hotp", "SHA256", 8, 42))


class Reader(Importing):
    def setUp(self):
        super().setUp()
        try:
            install.program("oathtool", *self.PROGRAMS)
            self.tools = install.environment("tools")
        except install.Missing as missing:
            self.skipTest(str(missing))

    PROGRAMS = ()

    def guest(self, *arguments):
        """What guest.py finds with a library."""
        return json.loads(run([self.tools / "python", install.HERE / "guest.py", *arguments]))

    def code(self, secret, type, algorithm, digits, moving):
        """The code of values that a program has read: at `MOMENT`, or at the counter."""
        text = base64.b32encode(bytes.fromhex(secret)).decode()
        return Token(0, None, text, type, algorithm, digits, moving).code(at=MOMENT)

    def codes(self, tokens):
        return [token.code(at=MOMENT) for token in tokens]


class PythonPSKC(Reader):
    JUDGE, FORMATS = "python-pskc", ("pskc", "pskc-psk", "pskc-multiotp", "pskc-strong", "pskc-strong-psk")
    def judge(self, path, tokens, *opening):
        keys = self.guest("pskc", path, *opening)
        codes = []
        for key in keys:
            type = key["algorithm"].rpartition(":")[2]
            algorithm = (key["suite"] or "SHA1").removeprefix("HMAC-")
            moving = key["counter"] if type == "hotp" else key["period"]
            self.assertIsNotNone(moving, "neither counter nor period")
            codes.append(self.code(key["secret"], type, algorithm, key["digits"], moving))
        self.assertEqual(codes, self.codes(tokens))
        self.assertEqual([key["serial"] for key in keys], [token.serial for token in tokens])
        self.assertEqual({key["manufacturer"] for key in keys}, {"Example"})

    def opening(self, format):
        return ("key" if format.endswith("psk") else "password", self.folder / "passphrase")

    def test_reads_a_file_in_clear(self):
        tokens = self.tokens(*KINDS)
        self.judge(self.write(tokens, "pskc"), tokens)
        self.judge(self.write(tokens, "pskc-multiotp"), tokens)

    def test_opens_what_is_encrypted(self):
        tokens = self.tokens(*KINDS)
        for format, secret in (
                ("pskc", PASSWORD), ("pskc-psk", KEY), ("pskc-strong", PASSWORD), ("pskc-strong-psk", KEY + KEY)):
            with self.subTest(format):
                self.judge(self.write(tokens, format, passphrase=secret), tokens, *self.opening(format))

    def test_bugs_in_a_file_in_clear_are_noticed(self):
        tokens = self.tokens(*KINDS)
        for bug, old, new in (
                ("digits", 'Length="8"', 'Length="6"'),
                ("counter", "<pskc:PlainValue>42<", "<pskc:PlainValue>41<"),
                ("period", "<pskc:PlainValue>60<", "<pskc:PlainValue>61<"),
                ("algorithm", "Suite>SHA256<", "Suite>SHA512<"),
                ("type", "keyprov:pskc:totp\"", "keyprov:pskc:hotp\"")):
            with self.subTest(bug):
                path = self.write(tokens, "pskc", name=bug)
                self.patch(path, old, new)
                self.assert_noticed(self.judge, path, tokens)

    def test_a_wrong_mac_and_a_changed_secret_are_noticed(self):
        tokens = self.tokens(KINDS[0])
        for element in ("ValueMAC", "CipherValue"):
            with self.subTest(element):
                path = self.write(tokens, "pskc-psk", passphrase=KEY, name=element)
                value = re.findall(f"{element}>([^<]+)<", path.read_text())[-1]
                self.patch(path, value, ("B" if value[0] == "A" else "A") + value[1:])
                self.assert_noticed(self.judge, path, tokens, *self.opening("pskc-psk"))

    def test_what_it_writes_is_read(self):
        tokens = self.tokens(*KINDS)
        keys, secret = self.folder / "keys.json", self.folder / "secret"
        keys.write_text(json.dumps([
            {"serial": token.serial, "secret": token.raw.hex(), "response_encoding": "DECIMAL",
             "algorithm": f"urn:ietf:params:xml:ns:keyprov:pskc:{token.type}", "response_length": token.digits,
             "algorithm_suite": f"HMAC-{token.algorithm}", "friendly_name": token.account, "issuer": "Example",
             "counter" if token.type == "hotp" else "time_interval": token.moving} for token in tokens]))
        for kind, text, options in (
                ("plain", "", ()), ("password", PASSWORD, ("--passphrase-file", secret)),
                ("key", KEY, ("--passphrase-file", secret))):
            with self.subTest(kind):
                secret.write_text(text + "\n")
                path = self.folder / f"{kind}.xml"
                self.guest("write-pskc", path, kind, secret, keys)
                self.assertEqual(self.read_back(path, "pskc", *options), [token.uri for token in tokens])


class Pskctool(Reader):
    JUDGE, FORMATS = "pskctool", ("pskc", "pskc-psk", "pskc-multiotp", "pskc-strong", "pskc-strong-psk")
    PROGRAMS = ("pskctool",)

    def judge(self, path, tokens):
        self.assertIn("OK", run(["pskctool", "--validate", path]))
        text = run(["pskctool", "--info", path])
        secrets = re.findall(r"Key Secret \(base64\): (\S+)", text)
        self.assertEqual([base64.b64decode(secret) for secret in secrets], [token.raw for token in tokens])
        lengths = re.findall(r"Response Format Length: (\d+)", text)
        self.assertEqual([int(length) for length in lengths], [token.digits for token in tokens])

    def test_reads_a_file_in_clear(self):
        tokens = self.tokens(*KINDS)
        self.judge(self.write(tokens, "pskc"), tokens)
        self.judge(self.write(tokens, "pskc-multiotp"), tokens)

    def test_finds_encrypted_files_valid(self):
        for format, secret in (
                ("pskc", PASSWORD), ("pskc-psk", KEY), ("pskc-strong", PASSWORD), ("pskc-strong-psk", KEY + KEY)):
            path = self.write(self.tokens(KINDS[0]), format, passphrase=secret)
            self.assertIn("OK", run(["pskctool", "--validate", path]))

    def test_bugs_are_noticed(self):
        tokens = self.tokens(KINDS[0])
        for old, new in (("pskc:Data>", "pskc:Date>"), ('Length="6"', 'Length="7"')):
            path = self.write(tokens, "pskc", name=new[5:9])
            path.write_text(path.read_text().replace(old, new))
            self.assert_noticed(self.judge, path, tokens)


class Pyotp(Reader):
    JUDGE, FORMATS = "pyotp", ("otpauth",)
    def judge(self, path, tokens):
        self.assertEqual(self.guest("pyotp", path, MOMENT), self.codes(tokens))

    def test_makes_the_codes_of_the_uris(self):
        tokens = self.tokens(*KINDS)
        self.judge(self.write(tokens, "otpauth"), tokens)

    def test_bugs_are_noticed(self):
        tokens = self.tokens(*KINDS)
        for bug, old, new in (
                ("digits", "digits=8", "digits=7"), ("counter", "counter=42", "counter=43"),
                ("period", "period=60", "period=30"), ("algorithm", "SHA512", "SHA256"), ("label", "Example:", "Other:"),
                ("small letters", "algorithm=SHA256", "algorithm=sha256")):
            with self.subTest(bug):
                path = self.write(tokens, "otpauth", name=bug)
                self.patch(path, old, new)
                self.assert_noticed(self.judge, path, tokens)


class Ykman(Reader):
    JUDGE, FORMATS = "ykman", ("otpauth",)
    def judge(self, path, tokens):
        found = self.guest("ykman", path)
        codes = [
            self.code(data["secret"], data["type"], data["algorithm"], data["digits"],
                      data["counter"] if data["type"] == "hotp" else data["period"]) for data in found]
        self.assertEqual(codes, self.codes(tokens))
        self.assertEqual([data["name"] for data in found], [token.account for token in tokens])
        self.assertEqual({data["issuer"] for data in found}, {"Example"})

    def test_would_write_what_the_uris_say(self):
        tokens = self.tokens(*KINDS)
        self.judge(self.write(tokens, "otpauth"), tokens)

    def test_bugs_are_noticed(self):
        tokens = self.tokens(*KINDS)
        for bug, old, new in (("counter", "counter=42", "counter=41"), ("secret", "secret=", "secret=A")):
            with self.subTest(bug):
                path = self.write(tokens, "otpauth", name=bug)
                self.patch(path, old, new)
                self.assert_noticed(self.judge, path, tokens)


class Oathtool(Reader):
    JUDGE, FORMATS = "oathtool", ("base32",)
    PROGRAMS = ("oathtool",)

    def judge(self, path, tokens):
        self.assertEqual([oathtool(line, "--totp", f"--now=@{MOMENT}") for line in path.read_text().split()],
                         self.guest("pyotp", self.folder / "tokens.uris", MOMENT))

    def test_takes_bare_secrets(self):
        tokens = self.tokens(*[KINDS[0]] * 3)
        self.judge(self.write(tokens, "base32"), tokens)

    def test_a_changed_secret_is_noticed(self):
        tokens = self.tokens(KINDS[0])
        path = self.write(tokens, "base32")
        text = path.read_text()
        path.write_text(("B" if text[0] == "A" else "A") + text[1:])
        self.assert_noticed(self.judge, path, tokens)


class DjangoOTP(Reader):
    """It has no importer; its devices hold a key in hexadecimal, as the columns of privacyIDEA's file are."""

    JUDGE, FORMATS = "django-otp", ("privacyidea",)
    KINDS = (("totp", "SHA1", 6, 30), ("totp", "SHA1", 8, 60), ("hotp", "SHA1", 6, 0), ("hotp", "SHA1", 8, 42))

    def judge(self, path, tokens):
        answers = self.guest("django", path, *[token.code() for token in tokens])
        self.assertEqual(answers, [[True, False]] * len(tokens), "each code is taken once")

    def test_takes_the_codes_of_keys_in_hexadecimal(self):
        tokens = self.tokens(*self.KINDS)
        self.judge(self.write(tokens, "privacyidea"), tokens)

    def test_bugs_are_noticed(self):
        tokens = self.tokens(*self.KINDS)
        for bug, old, new in (("counter", ",8,42", ",8,41"), ("digits", "totp,8,60", "totp,6,60"), ("period", ",6,30", ",6,31")):
            with self.subTest(bug):
                path = self.write(tokens, "privacyidea", name=bug)
                self.patch(path, old, new)
                self.assert_noticed(self.judge, path, tokens)
