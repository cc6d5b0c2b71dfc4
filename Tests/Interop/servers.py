"""privacyIDEA and eduMFA import files and check codes. That an import counts as done proves nothing: see the reference of
each format."""

import json
import pathlib
import secrets
import shutil
import tempfile
import unittest

import install
import multifactor
from tokens import Importing, run

PASSWORD = "correct horse battery staple"
KEY = "00112233445566778899aabbccddeeff"
KINDS = (
    ("totp", "SHA1", 6, 30), ("totp", "SHA256", 8, 60), ("totp", "SHA512", 6, 30), ("hotp", "SHA1", 6, 0),
    ("hotp", "SHA256", 8, 42))


class Server:
    """Tests that both servers have to pass."""

    PRODUCT = None

    @classmethod
    def setUpClass(cls):
        state = pathlib.Path(tempfile.mkdtemp(prefix="keyprov-interop-"))
        cls.addClassCleanup(shutil.rmtree, state, ignore_errors=True)
        try:
            install.program("oathtool")
            cls.server = multifactor.Server(cls.PRODUCT, state, [f"user{number:04}" for number in range(1, 10)])
        except install.Missing as missing:
            raise unittest.SkipTest(str(missing)) from missing
        cls.addClassCleanup(cls.server.close)

    def setUp(self):
        super().setUp()
        self.addCleanup(self.server.delete_all)

    def judge(self, path, tokens, type, **fields):
        self.assertEqual(self.server.load(path, type, **fields), len(tokens))
        for token in tokens:
            code = token.code()
            self.assertTrue(self.server.accepts(code, serial=token.serial), token.serial)
            self.assertFalse(self.server.accepts(code, serial=token.serial), f"{token.serial} again")

    def test_imports_oath_csv(self):
        tokens = self.tokens(*KINDS)
        self.judge(self.write(tokens, "privacyidea"), tokens, "oathcsv")

    def test_imports_oath_csv_with_users(self):
        tokens = self.tokens(*KINDS[:3])
        path = self.write(tokens, "privacyidea-users", "--realm", self.server.REALM)
        self.assertEqual(self.server.load(path, "oathcsv"), len(tokens))
        self.assertEqual(self.server.owners(), {token.serial: token.account for token in tokens})
        for token in tokens:
            self.assertTrue(self.server.accepts(token.code(), user=token.account, realm=self.server.REALM))

    def test_imports_pskc_in_clear(self):
        tokens = self.tokens(*KINDS)
        self.judge(self.write(tokens, "pskc"), tokens, "pskc")

    def test_imports_pskc_with_a_pre_shared_key(self):
        tokens = self.tokens(*KINDS)
        self.judge(self.write(tokens, "pskc-psk", passphrase=KEY), tokens, "pskc", psk=KEY)

    def test_imports_pskc_with_a_password(self):
        tokens = self.tokens(*KINDS)
        self.judge(self.write(tokens, "pskc", passphrase=PASSWORD), tokens, "pskc", password=PASSWORD)

    def yubico_tokens(self, format):
        """Two keys for Yubico OTP, in a format; and what they are: public identity, private identity and key."""
        self.assertIn(format, self.FORMATS)
        keys = [("vvvvvvcucrlc", "ca62baca62ba", secrets.token_hex(16)), ("vvvvvvcucrld", "010203040506", secrets.token_hex(16))]
        source, target = self.folder / "keys.csv", self.folder / f"keys.{format}"
        source.write_text("".join(
            f"{number},{','.join(key)},000000000000,2026-11-21T12:00:00,\n" for number, key in enumerate(keys, 12345678)))
        self.keyprov("convert", source, "--from", "yubico", "--to", format, "--out", target, "--quiet")
        return target, keys

    def judge_yubico(self, path, keys, type):
        self.assertEqual(self.server.load(path, type), len(keys))
        serials = sorted(self.server.owners())
        self.assertEqual(len(serials), len(keys))
        tools = install.environment("tools")
        for serial, key in zip(serials, keys):
            password = json.loads(run([tools / "python", install.HERE / "guest.py", "yubico", *key, "1"]))
            self.assertTrue(self.server.accepts(password, serial=serial), serial)
            self.assertFalse(self.server.accepts(password, serial=serial), f"{serial} again")

    def test_imports_yubico_logs(self):
        for format in ("yubico", "yubico-traditional"):
            with self.subTest(format):
                self.judge_yubico(*self.yubico_tokens(format), "yubikeycsv")
                self.server.delete_all()

    def test_a_wrong_key_of_a_yubico_log_is_noticed(self):
        path, keys = self.yubico_tokens("yubico")
        self.patch(path, keys[0][2], keys[1][2])
        self.assert_noticed(self.judge_yubico, path, keys, "yubikeycsv")

    def test_bugs_in_csv_are_noticed(self):
        for kind, bug, old, new in (
                (("hotp", "SHA1", 6, 42), "counter", ",42", ",43"), (("totp", "SHA1", 8, 30), "digits", ",8,", ",6,"),
                (("totp", "SHA1", 6, 60), "period", ",60", ",61"), (("totp", "SHA256", 6, 30), "key", "KP0001,", "KP0001,00")):
            with self.subTest(bug):
                tokens = self.tokens(kind)
                path = self.write(tokens, "privacyidea", name=bug)
                self.patch(path, old, new)
                self.assert_noticed(self.judge, path, tokens, "oathcsv")
                self.server.delete_all()

    def test_bugs_in_pskc_are_noticed(self):
        for kind, bug, old, new in (
                (("totp", "SHA256", 6, 30), "algorithm", "Suite>SHA256<", "Suite>SHA1<"),
                (("totp", "SHA256", 6, 30), "spelling", "Suite>SHA256<", "Suite>HMAC-SHA256<"),
                (("totp", "SHA1", 6, 30), "MAC", "ValueMAC>", "ValueMAC>AA")):
            with self.subTest(bug):
                tokens = self.tokens(kind)
                path = self.write(tokens, "pskc-psk", passphrase=KEY, name=bug)
                self.patch(path, old, new)
                self.assert_noticed(lambda: self.judge(path, tokens, "pskc", psk=KEY))
                self.server.delete_all()

    def test_what_it_exports_as_pskc_is_read(self):
        tokens = self.tokens(*KINDS)
        self.assertEqual(self.server.load(self.write(tokens, "pskc"), "pskc"), len(tokens))
        exported, key = self.folder / "exported.xml", self.folder / "key"
        self.server.export_pskc(exported, key)
        # It has no names of users in there; the serial number stands in.
        expected = [
            token.uri.replace(f"Example:{token.account}", f"{self.JUDGE}:{token.serial}")
            .replace("issuer=Example", f"issuer={self.JUDGE}") for token in tokens]
        self.assertEqual(sorted(self.read_back(exported, "pskc", "--passphrase-file", key)), sorted(expected))


class PrivacyIDEA(Server, Importing):
    JUDGE, FORMATS = "privacyIDEA", (
        "privacyidea", "privacyidea-users", "pskc", "pskc-psk", "yubico", "yubico-traditional")
    PRODUCT = multifactor.PRIVACYIDEA


class EduMFA(Server, Importing):
    JUDGE, FORMATS = "eduMFA", (
        "privacyidea", "privacyidea-users", "pskc", "pskc-psk", "yubico", "yubico-traditional")
    PRODUCT = multifactor.EDUMFA
