"""privacyIDEA and eduMFA import files and check codes. That an import counts as done proves nothing: see the reference of
each format."""

import pathlib
import shutil
import tempfile
import unittest

import install
import multifactor
from tokens import Importing

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
    JUDGE, FORMATS = "privacyIDEA", ("privacyidea", "privacyidea-users", "pskc", "pskc-psk")
    PRODUCT = multifactor.PRIVACYIDEA


class EduMFA(Server, Importing):
    JUDGE, FORMATS = "eduMFA", ("privacyidea", "privacyidea-users", "pskc", "pskc-psk")
    PRODUCT = multifactor.EDUMFA
