"""The genuine PAM modules, which pamtester asks without root: pam_wrapper gives it services of its own, nss_wrapper users."""

import ctypes.util
import glob
import os
import subprocess
import threading

import install
from tokens import PATIENCE, Importing


class Login(Importing):
    MODULE = None
    # pam_wrapper looks for a free folder name and then takes it: a second one that starts in between takes the same.
    TURN = threading.Lock()
    # pam_strerror(3) of PAM_AUTH_ERR and PAM_USER_UNKNOWN.
    REFUSALS = ("Authentication failure", "User not known to the underlying authentication module")

    def setUp(self):
        super().setUp()
        try:
            install.program("pamtester", "oathtool")
        except install.Missing as missing:
            self.skipTest(str(missing))
        if not glob.glob(f"/lib/*/security/{self.MODULE}"):
            self.skipTest(f"{self.MODULE} is not installed")
        if not all(ctypes.util.find_library(name) for name in ("pam_wrapper", "nss_wrapper")):
            self.skipTest("pam_wrapper or nss_wrapper is not installed")

    def accepts(self, user, code, options):
        """Whether the module lets a user in."""
        service = self.folder / "services"
        service.mkdir(exist_ok=True)
        (service / "keyprov").write_text(
            f"auth required {self.MODULE} {options}\naccount required pam_permit.so\n")
        (service / "other").write_text("auth required pam_deny.so\n")
        me = f"{os.geteuid()}:{os.getegid()}::{self.folder}:/bin/sh\n"
        (self.folder / "passwd").write_text(f"me:x:{me}{user}:x:60001:60001::/:/bin/sh\n")
        (self.folder / "group").write_text(f"users:x:{os.getegid()}:\n")
        environment = dict(
            os.environ, PAM_WRAPPER="1", PAM_WRAPPER_SERVICE_DIR=str(service),
            NSS_WRAPPER_PASSWD=str(self.folder / "passwd"), NSS_WRAPPER_GROUP=str(self.folder / "group"),
            LD_PRELOAD="libpam_wrapper.so libnss_wrapper.so")
        with self.TURN:
            outcome = subprocess.run(
                ["pamtester", "keyprov", user, "authenticate"], input=code + "\n", capture_output=True, text=True,
                timeout=PATIENCE, env=environment)
        if outcome.returncode and not any(words in outcome.stderr for words in self.REFUSALS):
            # No answer of the module's, so not what a test may take for a refusal either.
            raise RuntimeError(f"pamtester did not come to ask the module: {outcome.stderr}")
        return outcome.returncode == 0


class LibpamOATH(Login):
    JUDGE, FORMATS = "libpam-oath", ("users-oath",)
    MODULE = "pam_oath.so"
    KINDS = (
        ("totp", "SHA1", 6, 30), ("totp", "SHA1", 8, 60), ("totp", "SHA1", 7, 30), ("hotp", "SHA1", 6, 0),
        ("hotp", "SHA1", 8, 42))

    def judge(self, path, tokens):
        for token in tokens:
            # No look-ahead, so that the counter is the one that was asked for; for time, the neighboring steps.
            options = f"usersfile={path} window={0 if token.type == 'hotp' else 1}"
            self.assertFalse(self.accepts(token.account, token.wrong_code(), options), token.account)
            code = token.code()
            self.assertTrue(self.accepts(token.account, code, options), token.account)
            self.assertFalse(self.accepts(token.account, code, options), f"{token.account} again")

    def test_logs_users_in_once(self):
        tokens = self.tokens(*self.KINDS)
        path = self.write(tokens, "users-oath")
        self.judge(path, tokens)
        # The module has written the counters and the codes into it.
        moved = [uri for uri in self.read_back(path, "users-oath") if "counter=" in uri]
        self.assertEqual([uri.rpartition("counter=")[2] for uri in moved], ["1", "43"])

    def test_bugs_are_noticed(self):
        # Not the digits: the module goes by the length of what was typed.
        for kind, bug, old, new in (
                (("hotp", "SHA1", 8, 42), "counter", "\t42", "\t43"),
                (("totp", "SHA1", 6, 60), "period", "T60/6", "T30/6"),
                (("totp", "SHA1", 6, 30), "type", "HOTP/T30", "TOTP/T30")):
            with self.subTest(bug):
                tokens = self.tokens(kind)
                path = self.write(tokens, "users-oath", name=bug)
                self.patch(path, old, new)
                self.assert_noticed(self.judge, path, tokens)


class LibpamGoogleAuthenticator(Login):
    JUDGE, FORMATS = "libpam-google-authenticator", ("google-authenticator",)
    MODULE = "pam_google_authenticator.so"

    def judge(self, path, token):
        options = f"secret={path} user=me"
        code = token.code()
        self.assertTrue(self.accepts(token.account, code, options))
        self.assertFalse(self.accepts(token.account, code, options), "again")

    def test_logs_a_user_in_once(self):
        for kind in (("totp", "SHA1", 6, 30), ("totp", "SHA1", 6, 60), ("hotp", "SHA1", 6, 1), ("hotp", "SHA1", 6, 42)):
            with self.subTest(kind):
                [token] = self.tokens(kind)
                path = self.write([token], "google-authenticator", name="-".join(map(str, kind)))
                self.judge(path, token)
                # The module has written into it.
                options = ("--account", token.account, "--issuer", "Example")
                [uri] = self.read_back(path, "google-authenticator", *options)
                self.assertIn(token.secret, uri)
                if token.type == "hotp":
                    # A wrong code, which the second try is, moves the counter on as well.
                    self.assertIn(f"counter={token.moving + 2}", uri)

    def test_bugs_are_noticed(self):
        for kind, bug, old, new in (
                (("totp", "SHA1", 6, 60), "period", "STEP_SIZE 60", "STEP_SIZE 30"),
                (("hotp", "SHA1", 6, 42), "counter", "COUNTER 42", "COUNTER 43"),
                (("totp", "SHA1", 6, 30), "no type", '" TOTP_AUTH\n', "")):
            with self.subTest(bug):
                [token] = self.tokens(kind)
                path = self.write([token], "google-authenticator", name=bug)
                self.patch(path, old, new)
                self.assert_noticed(self.judge, path, token)
