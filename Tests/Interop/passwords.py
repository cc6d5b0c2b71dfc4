"""Password managers that make codes: KeePassXC and pass with its extension for one-time passwords."""

import base64
import os
import secrets
import subprocess
from xml.sax.saxutils import escape

import install
from tokens import Importing, run

PASSWORD = "correct horse"
KINDS = (("totp", "SHA1", 6, 30), ("totp", "SHA256", 8, 60), ("totp", "SHA512", 6, 30))


class Manager(Importing):
    PROGRAMS = ()

    def setUp(self):
        super().setUp()
        try:
            install.program("oathtool", *self.PROGRAMS)
        except install.Missing as missing:
            self.skipTest(str(missing))

    def assert_current(self, code, token, before):
        """That a code is that of now, or of when it was asked for."""
        self.assertIn(code, (before, token.code()))


class KeePassXC(Manager):
    """Its attribute `otp` takes URIs. A HOTP one it computes as TOTP, and a period above 60 as 60, without a word."""

    JUDGE, FORMATS = "KeePassXC", ("otpauth", "keepassxc")
    PROGRAMS = ("keepassxc-cli",)

    def cli(self, *arguments, input=PASSWORD + "\n"):
        return run(["keepassxc-cli", *arguments], input=input, env=dict(os.environ, QT_QPA_PLATFORM="offscreen"))

    def database(self, path, tokens):
        """A database with the URIs of a file, through KeePass's XML, in which the attribute can be set."""
        entries = "".join(
            f"<Entry><UUID>{base64.b64encode(secrets.token_bytes(16)).decode()}</UUID>"
            f"<String><Key>Title</Key><Value>{token.account}</Value></String>"
            f'<String><Key>otp</Key><Value ProtectInMemory="True">{escape(uri)}</Value></String></Entry>'
            for token, uri in zip(tokens, path.read_text().splitlines(), strict=True))
        group = base64.b64encode(secrets.token_bytes(16)).decode()
        source, target = path.with_suffix(".xml"), path.with_suffix(".kdbx")
        source.write_text(
            '<?xml version="1.0" encoding="UTF-8"?><KeePassFile><Meta><Generator>keyprov</Generator></Meta><Root><Group>'
            f"<UUID>{group}</UUID><Name>Root</Name>{entries}</Group></Root></KeePassFile>")
        return self.imported(source, target)

    def imported(self, source, target):
        self.cli("import", "--set-password", source, target, input=f"{PASSWORD}\n{PASSWORD}\n")
        return target

    def judge(self, database, tokens):
        for token in tokens:
            before = token.code()
            code = self.cli("show", "--quiet", "--totp", database, token.account).strip()
            self.assert_current(code, token, before)

    def test_makes_the_codes_of_the_uris(self):
        tokens = self.tokens(*KINDS)
        self.judge(self.database(self.write(tokens, "otpauth"), tokens), tokens)

    def test_imports_the_xml_and_exports_what_is_read(self):
        tokens = self.tokens(*KINDS)
        # Entries of one issuer have one title, and the command line goes by titles: a database for each.
        for token in tokens:
            path = self.write([token], "keepassxc", name=token.account)
            database = self.imported(path, self.folder / f"{token.account}.kdbx")
            name = self.cli("ls", "--quiet", "--recursive", "--flatten", database).strip().split("\n")[-1]
            before = token.code()
            self.assert_current(self.cli("show", "--quiet", "--totp", database, name).strip(), token, before)
        database = self.imported(self.write(tokens, "keepassxc"), self.folder / "tokens.kdbx")
        exported = self.folder / "exported.xml"
        exported.write_text(self.cli("export", "--quiet", "--format", "xml", database))
        self.assertEqual(sorted(self.read_back(exported, "keepassxc")), sorted(token.uri for token in tokens))

    def test_bugs_are_noticed(self):
        tokens = self.tokens(KINDS[1])
        for bug, old, new in (
                ("digits", "digits=8", "digits=6"), ("period", "period=60", "period=59"), ("algorithm", "SHA256", "SHA1")):
            with self.subTest(bug):
                path = self.write(tokens, "otpauth", name=bug)
                self.patch(path, old, new)
                self.assert_noticed(self.judge, self.database(path, tokens), tokens)


class Pass(Manager):
    JUDGE, FORMATS = "pass-otp", ("otpauth",)
    PROGRAMS = ("pass", "gpg", "gpgconf")
    ME = "keyprov-interop@example.invalid"

    def setUp(self):
        super().setUp()
        if not os.path.exists("/usr/lib/password-store/extensions/otp.bash"):
            self.skipTest("pass-extension-otp is not installed")
        # The agent's socket is below it, and must have a short path.
        keys = self.folder / "g"
        keys.mkdir(mode=0o700)
        self.environment = dict(
            os.environ, GNUPGHOME=str(keys), PASSWORD_STORE_DIR=str(self.folder / "store"),
            PASSWORD_STORE_GPG_OPTS="--batch --no-tty")
        self.addCleanup(
            subprocess.run, ["gpgconf", "--kill", "all"], env=self.environment, capture_output=True)
        run(["gpg", "--batch", "--quiet", "--passphrase", "", "--quick-generate-key", self.ME, "default", "default", "never"],
            env=self.environment)
        self.run_pass("init", self.ME)

    def run_pass(self, *arguments, **options):
        return run(["pass", *arguments], env=self.environment, **options)

    def judge(self, path, tokens):
        for token, uri in zip(tokens, path.read_text().splitlines(), strict=True):
            self.run_pass("otp", "insert", "--force", token.account, input=uri + "\n")
            if token.type == "hotp":
                # It counts on before it makes a code.
                self.assertEqual(self.run_pass("otp", token.account).strip(), token.code(1))
            else:
                before = token.code()
                self.assert_current(self.run_pass("otp", token.account).strip(), token, before)

    def test_makes_the_codes_of_the_uris(self):
        # It counts with SHA1 only.
        tokens = self.tokens(*KINDS, ("hotp", "SHA1", 6, 0), ("hotp", "SHA1", 8, 42))
        self.judge(self.write(tokens, "otpauth"), tokens)

    def test_what_it_has_is_read(self):
        # Not a HOTP one: where bash is 5.2 or later, pass-otp 1.2.0 spoils it when it counts.
        [token] = self.tokens(KINDS[1])
        self.judge(self.write([token], "otpauth"), [token])
        kept = self.folder / "kept"
        kept.write_text(self.run_pass("otp", "uri", token.account))
        self.assertEqual(self.read_back(kept, "otpauth"), [token.uri])

    def test_bugs_are_noticed(self):
        tokens = self.tokens(("hotp", "SHA1", 8, 42))
        for bug, old, new in (("counter", "counter=42", "counter=43"), ("type", "//hotp/", "//HOTP/")):
            with self.subTest(bug):
                path = self.write(tokens, "otpauth", name=bug)
                self.patch(path, old, new)
                self.assert_noticed(self.judge, path, tokens)
