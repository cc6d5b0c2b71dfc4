"""Rosters from a directory: OpenLDAP's slapd, with TLS under an authority of the test.

What `keyprov-directory` writes is compared with what was put in, value by value; `keyprov roster check` says how it ends
for a person. Nothing of the machine's LDAP settings counts: the tests set some that would break everything.
"""

import base64
import json
import os
import pathlib
import subprocess
import unittest
import urllib.parse

import install
import tokens
from directory import Daemon
from listener import Listener, accepts, free_port
from tokens import run

BASE = "dc=lab,dc=invalid"
READER, PASSWORD = f"cn=reader,{BASE}", "correct horse"
# People that a server gives at a time, and those that there are.
LIMIT, CROWD = 20, 1500

CONFIGURATION = """{schemas}
modulepath {programs}/usr/lib/ldap
moduleload back_mdb
attributeoptions range= lang-
TLSCACertificateFile {state}/authority.pem
TLSCertificateFile {state}/server.pem
TLSCertificateKeyFile {state}/server.key
TLSVerifyClient try
authz-regexp "^cn=desk$" "{reader}"
sizelimit size.soft={limit} size.hard={limit} size.pr=500 size.prtotal=unlimited
database mdb
maxsize 67108864
suffix {base}
rootdn cn=admin,{base}
rootpw admin
directory {state}/db
limits dn.exact="cn=narrow,{base}" size.soft={limit} size.hard={limit} size.prtotal=disabled
access to attrs=userPassword by anonymous auth by * none
access to dn.subtree="ou=closed,{base}" by dn.exact="{reader}" read
  by dn.exact="gidNumber={group}+uidNumber={user},cn=peercred,cn=external,cn=auth" read by * none
access to * by * read
"""

PEOPLE = [
    {"uid": ["alice"], "cn": ["Alice"], "displayName": ["Alice Adams"], "mail": ["alice@lab.invalid"], "ou": ["Night shift"]},
    {"uid": ["bohdan"], "cn": ["Богдан Їжак"], "ou": ["Відділ безпеки"], "employeeNumber": ["12345678"]},
    {"uid": ["xiaoming"], "cn": ["王曉明"], "displayName": ["王曉明 (財務)"]},
    {"uid": ["quote"], "cn": ['O"Brien, \\ the 2nd'], "mail": ["first@lab.invalid", "second@lab.invalid"]},
    {"uid": ["space"], "cn": [" leading space"]},
]
EXPECTED = [
    {"account": "alice", "name": "Alice Adams", "email": "alice@lab.invalid", "department": "Night shift"},
    {"account": "bohdan", "name": "Богдан Їжак", "department": "Відділ безпеки", "serial": "12345678"},
    {"account": "xiaoming", "name": "王曉明 (財務)"},
    {"account": "quote", "name": 'O"Brien, \\ the 2nd', "email": "first@lab.invalid"},
    {"account": "space", "name": " leading space"},
]


def ldif(name, attributes):
    """An entry; what is not plain goes in base64, as RFC 2849 has it."""
    lines = [f"dn: {name}"]
    for attribute, values in attributes.items():
        for value in values:
            data = value if isinstance(value, bytes) else value.encode()
            is_plain = data.isascii() and data.decode("ascii", "replace").isprintable() and data[:1] not in (b" ", b":", b"<")
            lines.append(f"{attribute}: {value}" if is_plain else f"{attribute}:: {base64.b64encode(data).decode()}")
    return "\n".join(lines) + "\n\n"


def person(unit, attributes):
    uid = attributes["uid"][0]
    return ldif(f"uid={uid},ou={unit},{BASE}", {"objectClass": ["inetOrgPerson"], "sn": ["x"], **attributes})


def entries():
    text = ldif(BASE, {"objectClass": ["domain"], "dc": ["lab"]})
    for name in ("reader", "narrow"):
        text += ldif(f"cn={name},{BASE}", {
            "objectClass": ["applicationProcess", "simpleSecurityObject"], "cn": [name], "userPassword": [PASSWORD]})
    for unit in ("people", "crowd", "closed", "odd", "ranged", "elsewhere"):
        text += ldif(f"ou={unit},{BASE}", {"objectClass": ["organizationalUnit"], "ou": [unit]})
    text += "".join(person("people", attributes) for attributes in PEOPLE)
    text += "".join(
        person("crowd", {"uid": [f"user{number:05}"], "cn": [f"User {number}"]}) for number in range(CROWD))
    text += person("closed", {"uid": ["secret"], "cn": ["Secret"]})
    text += person("odd", {"uid": ["two", "names"], "cn": ["Two"], "mail": ["same@lab.invalid"]})
    text += person("odd", {"uid": ["picture"], "cn": ["Picture"], "jpegPhoto": [b"\xff\xd8\xff"], "mail": ["SAME@lab.invalid"]})
    # As Active Directory names the first part of many values.
    text += person("ranged", {
        "uid": ["many"], "cn": ["Many"], "mail;range=0-1": ["first@lab.invalid", "second@lab.invalid"],
        "employeeNumber;range=0-0": ["1"], "displayName;lang-uk": ["Багато"]})
    text += person("elsewhere", {"uid": ["here"], "cn": ["Here"]})
    text += ldif(f"ou=branch,ou=elsewhere,{BASE}", {
        "objectClass": ["referral", "extensibleObject"], "ou": ["branch"], "ref": ["ldap://192.0.2.1/ou=branch,dc=far"]})
    return text


class Roster(Daemon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        try:
            install.program("openssl")
        except install.Missing as missing:
            raise unittest.SkipTest(str(missing)) from missing
        cls.certificates()
        ports = cls.port, cls.secure_port = free_port(), free_port()
        cls.url, cls.secure = f"ldap://127.0.0.1:{cls.port}", f"ldaps://127.0.0.1:{cls.secure_port}"
        cls.socket = "ldapi://" + urllib.parse.quote(str(cls.state / "socket"), safe="")
        (cls.state / "db").mkdir()
        schemas = "\n".join(
            f"include {cls.programs}/etc/ldap/schema/{name}.schema" for name in ("core", "cosine", "inetorgperson"))
        configuration = cls.state / "slapd.conf"
        configuration.write_text(CONFIGURATION.format(
            schemas=schemas, programs=cls.programs, state=cls.state, base=BASE, reader=READER, limit=LIMIT,
            user=os.geteuid(), group=os.getegid()))
        (cls.state / "entries.ldif").write_text(entries())
        slapd = cls.programs / "usr/sbin/slapd"
        run(["bash", "-c", 'exec -a slapadd "$@"', "-", slapd, "-q", "-f", configuration, "-l", cls.state / "entries.ldif"],
            env=cls.environment)
        server = Listener(
            [slapd, "-h", f"{cls.url}/ {cls.secure}/ {cls.socket}", "-f", configuration, "-d", "0"], cls.state / "log",
            env=cls.environment)
        cls.addClassCleanup(server.close)
        server.wait_until(lambda: all(map(accepts, ports)))
        (cls.state / "password").write_text(PASSWORD + "\n")
        # Settings that would let any certificate pass, if they were read.
        cls.settings = {**os.environ, "LDAPTLS_REQCERT": "never", "LDAPURI": "ldap://192.0.2.1", "LDAPSIZELIMIT": "1"}

    @classmethod
    def certificates(cls):
        """An authority that signs for 127.0.0.1, and one that has nothing to do with it."""
        def openssl(*arguments):
            run(["openssl", *arguments], cwd=cls.state)

        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        for name in ("authority", "stranger"):
            openssl("req", "-x509", *key, "-days", "2", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")
        (cls.state / "names").write_text("subjectAltName=IP:127.0.0.1\n")
        openssl("req", *key, "-subj", "/CN=directory", "-keyout", "server.key", "-out", "server.csr")
        openssl("x509", "-req", "-days", "2", "-in", "server.csr", "-CA", "authority.pem", "-CAkey", "authority.key",
                "-CAcreateserial", "-extfile", "names", "-out", "server.pem")
        # Certificates of clients: one that the server knows, one that it does not, one of somebody else's authority.
        for name, subject, authority in (("desk", "desk", "authority"), ("guest", "guest", "authority"),
                                         ("forged", "desk", "stranger")):
            openssl("req", *key, "-subj", f"/CN={subject}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
            openssl("x509", "-req", "-days", "2", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey",
                    f"{authority}.key", "-CAcreateserial", "-out", f"{name}.pem")
        (cls.state / "both.pem").write_text((cls.state / "desk.pem").read_text() + (cls.state / "desk.key").read_text())

    # What is asked

    def check(self, url, unit, *arguments, status=0, authority="authority"):
        """`keyprov roster check`; what it prints as JSON, and what it says."""
        trust = ("--ca-file", self.state / f"{authority}.pem") if authority else ()
        answer = subprocess.run(
            list(map(str, [tokens.KEYPROV, "roster", "check", "--from-ldap", url, "--base", f"ou={unit},{BASE}", "--json",
                           *trust, *arguments])),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, env=self.settings, cwd=self.folder,
            timeout=tokens.PATIENCE)
        self.assertEqual(answer.returncode, status, answer.stderr)
        return json.loads(answer.stdout) if answer.stdout else None, answer.stderr

    def rows(self, unit, *arguments):
        """What `keyprov-directory` writes, as objects; the last line apart."""
        program = pathlib.Path(tokens.KEYPROV).with_name("keyprov-directory")
        columns = (
            "account:uid", "name:displayName", "name:cn", "email:mail", "department:ou", "serial:employeeNumber")
        lines = run(
            [program, f"url={self.secure}", f"base=ou={unit},{BASE}", "filter=(objectClass=person)",
             f"ca={self.state}/authority.pem", *(f"attribute={column}" for column in columns), *arguments]).splitlines()
        return [json.loads(line) for line in lines[:-1]], lines[-1]

    def login(self, name=READER, password="password"):
        return "--bind-dn", name, "--bind-password-file", self.state / password

    # What comes back

    def test_names_in_every_script_come_through(self):
        rows, end = self.rows("people")
        self.assertEqual(rows, EXPECTED)
        self.assertEqual(end, f"end\t{len(EXPECTED)}\t0")

    def test_more_entries_than_the_server_gives_at_a_time(self):
        for length in (7, 500, 1000):
            rows, end = self.rows("crowd", f"page={length}")
            self.assertEqual([row["account"] for row in rows], [f"user{number:05}" for number in range(CROWD)])
            self.assertEqual(end, f"end\t{CROWD}\t0")
        found, _ = self.check(self.url, "crowd")
        self.assertEqual((found["entries"], found["rows"], found["problems"]), (CROWD, CROWD, []))

    def test_a_part_of_the_entries_is_no_roster(self):
        _, said = self.check(self.url, "crowd", *self.login(f"cn=narrow,{BASE}"), status=1)
        self.assertIn("error: the directory gives only a part of the entries", said)

    def test_a_filter_and_other_attributes(self):
        found, _ = self.check(
            self.url, "people", "--filter", "(mail=*)", "--ldap-attribute", "account=mail", "--ldap-attribute",
            "account=uid", status=65)
        self.assertEqual([problem["kind"] for problem in found["problems"]], ["other kind"])
        found, _ = self.check(self.url, "people", "--filter", "(uid=alice)", "--ldap-attribute", "serial=uid")
        self.assertEqual((found["entries"], found["serials"]), (1, 1))
        found, _ = self.check(
            self.url, "people", "--filter", "(cn=Богдан Їжак)", "--ldap-attribute", "serial=employeeNumber")
        self.assertEqual((found["entries"], found["serials"]), (1, 1))
        _, said = self.check(self.url, "people", "--filter", "(uid=nobody)", status=65)
        self.assertIn("has one problem", said)

    def test_what_is_no_roster_entry_is_told(self):
        found, _ = self.check(self.url, "odd", "--ldap-attribute", "name=jpegPhoto", status=65)
        self.assertEqual(
            [(problem["row"], problem["line"], problem["column"], problem["kind"]) for problem in found["problems"]],
            [(1, None, "account", "other kind"), (2, None, "name", "not text")])
        found, _ = self.check(self.url, "odd", "--ldap-attribute", "account=mail", status=65)
        [problem] = found["problems"]
        self.assertEqual(problem["text"], "entry 2 ('SAME@lab.invalid'): account: the same as in entry 1")

    def test_the_first_part_of_many_values_is_no_missing_attribute(self):
        rows, _ = self.rows("ranged")
        self.assertEqual(rows, [
            {"account": "many", "name": "Many", "email": "first@lab.invalid", "serial": "1"}])
        # Where a second value counts, it is there.
        found, _ = self.check(self.url, "ranged", "--ldap-attribute", "account=mail", status=65)
        self.assertEqual(
            [(problem["column"], problem["kind"]) for problem in found["problems"]], [("account", "other kind")])

    def test_references_to_other_servers_are_told_and_not_followed(self):
        found, said = self.check(self.url, "elsewhere")
        self.assertEqual(found["entries"], 1)
        self.assertIn("warning: the directory refers to another server, which was not asked", said)

    # Who is let in, and by whom

    def test_with_tls_from_the_start_and_later(self):
        for url in (self.url, self.secure):
            found, _ = self.check(url, "closed", *self.login())
            self.assertEqual(found["entries"], 1)

    def test_a_certificate_of_somebody_else_is_refused(self):
        for url in (self.url, self.secure):
            for authority in ("stranger", None):
                for login in ((), self.login()):
                    _, said = self.check(url, "people", *login, status=74, authority=authority)
                    self.assertIn("error: no encrypted connection to", said)

    def test_a_certificate_for_another_name_is_refused(self):
        for url in (self.url, self.secure):
            _, said = self.check(url.replace("127.0.0.1", "localhost"), "people", status=74)
            self.assertIn("error: no encrypted connection to", said)

    def certificate(self, name, key=None):
        return "--ldap-certificate", self.state / f"{name}.pem", *(("--ldap-key", self.state / f"{key}.key") if key else ())

    def test_a_certificate_logs_in(self):
        for url in (self.url, self.secure):
            for identity in (self.certificate("desk", "desk"), self.certificate("both")):
                found, _ = self.check(url, "closed", *identity)
                self.assertEqual(found["entries"], 1)

    def test_a_certificate_that_opens_nothing_is_refused(self):
        _, said = self.check(self.url, "closed", *self.certificate("guest", "guest"), status=65)
        self.assertIn("error: the directory has no such --base", said)
        for url in (self.url, self.secure):
            _, said = self.check(url, "closed", *self.certificate("forged", "forged"), status=77)
        for identity in (self.certificate("desk", "guest"), self.certificate("desk")):
            _, said = self.check(self.url, "closed", *identity, status=65)
            self.assertIn("error: --ldap-certificate and --ldap-key cannot be used", said)

    def test_a_wrong_password_is_refused(self):
        (self.state / "wrong").write_text("battery staple\n")
        (self.state / "empty").write_text("\n")
        _, said = self.check(self.url, "closed", *self.login(password="wrong"), status=77)
        self.assertIn("error: the directory does not take the name and password", said)
        _, said = self.check(self.url, "closed", *self.login(name=f"cn=nobody,{BASE}"), status=77)
        _, said = self.check(self.url, "closed", *self.login(password="empty"), status=77)
        self.assertIn("error: there is no password for", said)
        self.assertNotIn("battery", said)

    def test_nobody_sees_what_is_closed(self):
        _, said = self.check(self.url, "closed", status=65)
        self.assertIn("error: the directory has no such --base", said)

    def test_the_user_of_a_socket_is_known(self):
        found, _ = self.check(self.socket, "closed", authority=None)
        self.assertEqual(found["entries"], 1)

    def test_without_encryption_where_that_is_asked_for(self):
        found, _ = self.check(self.url, "people", "--no-starttls", authority=None)
        self.assertEqual(found["entries"], len(PEOPLE))

    def test_mistakes_are_told_apart(self):
        _, said = self.check(self.url, "people", "--filter", "(uid=", status=65)
        self.assertIn("error: --filter is no filter", said)
        _, said = self.check(self.url, "missing", status=65)
        self.assertIn("error: the directory has no such --base", said)
        _, said = self.check(f"ldap://127.0.0.1:{free_port()}", "people", status=74)
        self.assertIn("does not answer", said)
        _, said = self.check(self.url, "people", status=74, authority="missing")
        self.assertIn("error: cannot read", said)
        (self.state / "text.pem").write_text("no certificate\n")
        _, said = self.check(self.url, "people", status=74, authority="text")
        self.assertIn("error: no encrypted connection to", said)
