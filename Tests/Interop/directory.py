"""Daemons of Debian that check codes themselves: FreeRADIUS with rlm_totp, and OpenLDAP with its overlay `otp`."""

import pathlib
import shutil
import socket
import tempfile
import time
import unittest

import install
from listener import Listener, accepts, free_port
from tokens import Importing, Refused, run


class Daemon(Importing):
    """One daemon for all tests of a class."""

    @classmethod
    def setUpClass(cls):
        try:
            install.program("oathtool")
            cls.programs, cls.environment = install.servers(), install.server_environment()
        except install.Missing as missing:
            raise unittest.SkipTest(str(missing)) from missing
        cls.state = pathlib.Path(tempfile.mkdtemp(prefix="keyprov-interop-"))
        cls.addClassCleanup(shutil.rmtree, cls.state, ignore_errors=True)


def early_in_the_step(period=30, needed=10):
    """Waits until a code has some time left: these servers know no neighboring steps."""
    left = period - time.time() % period
    if left < needed:
        time.sleep(left + 0.1)


class FreeRADIUS(Daemon):
    JUDGE, FORMATS = "FreeRADIUS", ("freeradius",)
    SECRET = "testing123"

    CONFIGURATION = """
prefix = {programs}/usr
libdir = {programs}/usr/lib/freeradius
logdir = {state}
run_dir = {state}
raddbdir = {state}
pidfile = {state}/radiusd.pid
client here {{
    ipaddr = 127.0.0.1
    secret = {secret}
}}
modules {{
    files {{
        filename = {users}
    }}
    totp {{
    }}
}}
server here {{
    listen {{
        type = auth
        ipaddr = 127.0.0.1
        port = {port}
    }}
    authorize {{
        files
        update request {{
            &TOTP-Password := "%{{User-Password}}"
        }}
        update control {{
            &Auth-Type := TOTP
        }}
    }}
    authenticate {{
        Auth-Type TOTP {{
            totp
        }}
    }}
}}
"""

    def start(self, users):
        """A server that has read these users."""
        port = free_port(socket.SOCK_DGRAM)
        (self.state / "radiusd.conf").write_text(self.CONFIGURATION.format(
            programs=self.programs, state=self.state, users=users, port=port, secret=self.SECRET))
        server = Listener(
            [self.programs / "usr/sbin/freeradius", "-f", "-l", "stdout", "-d", self.state,
             "-D", self.programs / "usr/share/freeradius"], self.folder / "radius.log", env=self.environment)
        self.addCleanup(server.close)
        server.wait_until(lambda: "Ready to process" in server.tail())
        return port

    def accepts(self, port, user, code):
        request = f'User-Name = "{user}"\nUser-Password = "{code}"\n'
        try:
            answer = run(
                [self.programs / "usr/bin/radclient", "-D", self.programs / "usr/share/freeradius", "-r", 1, "-t", 10,
                 f"127.0.0.1:{port}", "auth", self.SECRET], input=request, env=self.environment)
        except Refused as refused:
            answer = str(refused)
        # When the answer is no, radclient says which one it had expected.
        self.assertIn("Received Access-", answer)
        return "Received Access-Accept" in answer

    def judge(self, path, tokens):
        port = self.start(path)
        early_in_the_step()
        for token in tokens:
            self.assertFalse(self.accepts(port, token.account, token.wrong_code()))
            self.assertTrue(self.accepts(port, token.account, token.code()), token.account)

    def test_accepts_the_codes_of_its_users(self):
        tokens = self.tokens(*[("totp", "SHA1", 6, 30)] * 3)
        self.judge(self.write(tokens, "freeradius"), tokens)

    def test_bugs_are_noticed(self):
        tokens = self.tokens(("totp", "SHA1", 6, 30))
        for bug in ("small letters", "another secret", "another user"):
            with self.subTest(bug):
                path = self.write(tokens, "freeradius", name=bug)
                [token] = tokens
                other = token.secret[:-1] + ("B" if token.secret[-1] == "A" else "A")
                self.patch(path, *{
                    "small letters": (token.secret, token.secret.lower()), "another secret": (token.secret, other),
                    "another user": (token.account, "nobody")}[bug])
                self.assert_noticed(self.judge, path, tokens)


class OpenLDAP(Daemon):
    JUDGE, FORMATS = "OpenLDAP", ("openldap",)
    BASE, PASSWORD, USERS = "dc=lab,dc=invalid", "secret", 8

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.port = free_port()
        cls.url = f"ldap://127.0.0.1:{cls.port}"
        (cls.state / "db").mkdir()
        schemas = "".join(
            f"include {cls.programs}/etc/ldap/schema/{name}.schema\n" for name in ("core", "cosine", "inetorgperson"))
        configuration = cls.state / "slapd.conf"
        configuration.write_text(
            f"{schemas}modulepath {cls.programs}/usr/lib/ldap\nmoduleload back_mdb\nmoduleload otp\n"
            f"database mdb\nmaxsize 16777216\nsuffix {cls.BASE}\nrootdn cn=admin,{cls.BASE}\nrootpw {cls.PASSWORD}\n"
            f"directory {cls.state}/db\noverlay otp\n"
            "access to attrs=userPassword,oathSecret by anonymous auth by * none\naccess to * by * read\n")
        server = Listener(
            [cls.programs / "usr/sbin/slapd", "-h", cls.url, "-f", configuration, "-d", "0"], cls.state / "slapd.log",
            env=cls.environment)
        cls.addClassCleanup(server.close)
        server.wait_until(lambda: accepts(cls.port))
        entries = [f"dn: {cls.BASE}\nobjectClass: domain\ndc: lab\n"]
        for unit in ("people", "tokens"):
            entries.append(f"dn: ou={unit},{cls.BASE}\nobjectClass: organizationalUnit\nou: {unit}\n")
        base = cls.state / "base.ldif"
        base.write_text("\n".join(entries))
        cls.ldap("ldapadd", "-f", base)

    @classmethod
    def ldap(cls, program, *arguments):
        return run(
            [cls.programs / "usr/bin" / program, "-x", "-H", cls.url, "-D", f"cn=admin,{cls.BASE}", "-w", cls.PASSWORD,
             *arguments], env=cls.environment)

    def tokens(self, *wanted):
        """Each with a user in the directory; the users of other tests are gone."""
        tokens = super().tokens(*wanted)
        people, things = f"ou=people,{self.BASE}", f"ou=tokens,{self.BASE}"
        for unit in (people, things):
            for line in self.ldap("ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-b", unit, "-s", "one", "dn").splitlines():
                if line.startswith("dn: "):
                    self.ldap("ldapdelete", line.removeprefix("dn: "))
        users = self.folder / "users.ldif"
        users.write_text("\n".join(
            f"dn: uid={token.account},{people}\nobjectClass: inetOrgPerson\nuid: {token.account}\ncn: User\nsn: User\n"
            f"userPassword: password\n" for token in tokens))
        self.ldap("ldapadd", "-f", users)
        return tokens

    def binds(self, token, code):
        """Whether the user's password with a code behind it is right."""
        try:
            run([self.programs / "usr/bin/ldapwhoami", "-x", "-H", self.url, "-D", f"uid={token.account},ou=people,{self.BASE}",
                 "-w", "password" + code], env=self.environment)
        except Refused as refused:
            self.assertIn("Invalid credentials", str(refused))
            return False
        return True

    def judge(self, path, tokens):
        self.ldap("ldapmodify", "-f", path)
        for token in tokens:
            self.assertFalse(self.binds(token, ""), "without a code")
            self.assertFalse(self.binds(token, token.wrong_code()))
            code = token.code()
            self.assertTrue(self.binds(token, code), token.account)
            self.assertFalse(self.binds(token, code), "again")

    KINDS = (
        ("totp", "SHA1", 6, 30), ("totp", "SHA256", 8, 60), ("totp", "SHA512", 7, 30), ("hotp", "SHA1", 6, 0),
        ("hotp", "SHA256", 8, 42))

    def test_binds_users_with_their_codes(self):
        tokens = self.tokens(*self.KINDS)
        self.judge(self.write(tokens, "openldap", "--realm", "lab.invalid"), tokens)
        exported = self.folder / "exported.ldif"
        exported.write_text(self.ldap("ldapsearch", "-LLL", "-b", self.BASE))
        # Whoever reads a directory knows the login and not the issuer; the counters have moved on.
        expected = [
            token.uri.replace("Example:", "").replace("&issuer=Example", "").replace("counter=0", "counter=1")
            .replace("counter=42", "counter=43") for token in tokens]
        self.assertEqual(sorted(self.read_back(exported, "openldap")), sorted(expected))

    def test_bugs_are_noticed(self):
        for kind, bug, old, new in (
                (("hotp", "SHA256", 8, 42), "counter", "oathHOTPCounter: 41", "oathHOTPCounter: 42"),
                (("totp", "SHA256", 8, 60), "algorithm", "113549.2.9", "113549.2.7"),
                (("totp", "SHA1", 6, 60), "period", "Period: 60", "Period: 61"),
                (("totp", "SHA1", 6, 30), "digits", "Length: 6", "Length: 8"),
                (("totp", "SHA1", 6, 30), "owner", "-\nadd: oathTOTPToken", "-\nadd: oathHOTPToken")):
            with self.subTest(bug):
                tokens = self.tokens(kind)
                path = self.write(tokens, "openldap", "--realm", "lab.invalid", name=bug)
                self.patch(path, old, new)
                self.assert_noticed(self.judge, path, tokens)
