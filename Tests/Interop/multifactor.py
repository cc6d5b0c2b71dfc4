"""privacyIDEA and eduMFA as they come from PyPI, with a database of their own, on 127.0.0.1.

eduMFA is a fork: the same requests and files, other names of commands and settings.
"""

import json
import os
import re
import secrets
import subprocess
import urllib.error
import urllib.parse
import urllib.request
import uuid

import install
from listener import Listener, free_port
from tokens import PATIENCE, Refused

# Runs with the server's Python. Each of the server's own commands takes seconds to start, so they share a process.
SETUP = """
import contextlib, io, sys
module, steps = sys.argv[1], sys.argv[2:]
cli = getattr(__import__(module, fromlist=["cli"]), "cli")
for step in steps:
    with contextlib.suppress(SystemExit):
        cli.main(step.split("\\x1f"), standalone_mode=False)
"""

WSGI = """
from {package}.app import create_app
application = create_app(config_name="production", config_file={configuration!r}, silent=True)
"""


class Product:
    """How the two differ."""

    def __init__(self, name, package, module, prefix, setup, resolver, realm, export):
        self.name, self.package, self.module, self.prefix = name, package, module, prefix
        self.setup, self.resolver, self.realm, self.export = setup, resolver, realm, export


PRIVACYIDEA = Product(
    "privacyidea", "privacyidea", "privacyidea.cli.pimanage", "PI",
    (("setup", "create_enckey"), ("setup", "create_audit_keys"), ("setup", "create_tables")),
    ("config", "resolver"), ("config", "realm"),
    ("pi-tokenjanitor", "find", "export", "--format", "pskc"))
EDUMFA = Product(
    "edumfa", "edumfa", "edumfa.commands.manage.main", "EDUMFA",
    (("create_enckey",), ("create_audit_keys",), ("create_tables",)), ("resolver",), ("realm",),
    ("edumfa-token-janitor", "find", "--action", "export"))


class Server:
    RESOLVER, REALM = "labfile", "lab"

    def __init__(self, product, state, users):
        self.product, self.state = product, state
        self.programs = install.environment(product.name)
        self.password = secrets.token_urlsafe(16)
        self.port = free_port()
        self.configure(users)
        self.listener = Listener(
            [self.programs / "gunicorn", "--chdir", state, "--bind", f"127.0.0.1:{self.port}", "--workers", "1",
             "--worker-class", "gthread", "--threads", "2", "--no-control-socket", "wsgi:application"],
            state / "server.log", env=self.environment)
        try:
            self.listener.wait_until(self.answers)
            answer = self.request("/auth", {"username": "admin", "password": self.password})
            self.authorization = {"Authorization": answer["result"]["value"]["token"]}
        except BaseException:
            self.close()
            raise

    def configure(self, users):
        prefix, state = self.product.prefix, self.state
        configuration = state / "server.cfg"
        configuration.write_text(
            f"import logging\nSUPERUSER_REALM = ['adminrealm']\nSECRET_KEY = {secrets.token_urlsafe(32)!r}\n"
            f"SQLALCHEMY_DATABASE_URI = 'sqlite:///{state}/server.db'\n{prefix}_PEPPER = {secrets.token_urlsafe(32)!r}\n"
            f"{prefix}_ENCFILE = '{state}/enckey'\n{prefix}_AUDIT_KEY_PRIVATE = '{state}/private.pem'\n"
            f"{prefix}_AUDIT_KEY_PUBLIC = '{state}/public.pem'\n{prefix}_LOGFILE = '{state}/messages.log'\n"
            f"{prefix}_AUDIT_MODULE = '{self.product.package}.lib.auditmodules.sqlaudit'\n"
            f"{prefix}_LOGLEVEL = logging.WARNING\n{prefix}_NODE = 'here'\n{prefix}_UUID_FILE = '{state}/uuid'\n")
        (state / "wsgi.py").write_text(
            WSGI.format(package=self.product.package, configuration=str(configuration)))
        (state / "passwd").write_text("".join(
            f"{user}:x:{number}:1000:User,,,,{user}@example.invalid:/nonexistent:/bin/false\n"
            for number, user in enumerate(users, start=10001)))
        (state / "resolver.json").write_text(json.dumps({"fileName": str(state / "passwd")}))
        self.environment = dict(os.environ, **{f"{self.product.package.upper()}_CONFIGFILE": str(configuration)})
        steps = (
            *self.product.setup, ("admin", "add", "admin", "-e", "admin@example.invalid", "-p", self.password),
            (*self.product.resolver, "create", self.RESOLVER, "passwdresolver", str(state / "resolver.json")),
            (*self.product.realm, "create", self.REALM, self.RESOLVER),
            (*self.product.realm, "set_default", self.REALM))
        outcome = subprocess.run(
            [self.programs / "python", "-c", SETUP, self.product.module, *("\x1f".join(step) for step in steps)],
            cwd=state, env=self.environment, capture_output=True, text=True, timeout=5 * PATIENCE)
        if outcome.returncode != 0:
            raise AssertionError(f"{self.product.name} cannot be set up: {outcome.stdout}{outcome.stderr}")

    def close(self):
        self.listener.close()

    def answers(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/auth/rights", timeout=5):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    def request(self, path, form=None, headers=None, body=None):
        """The answer as JSON; what is no success raises Refused."""
        data = body if body is not None else urllib.parse.urlencode(form).encode() if form is not None else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers or {})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Refused(f"{path}: {error.code} {error.read().decode(errors='replace')[:500]}") from error

    def load(self, path, type, **fields):
        """Imports a file; how many tokens it says that it took."""
        boundary = uuid.uuid4().hex
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in {"type": type, **fields}.items()]
        parts.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"\r\n'
            f"Content-Type: application/octet-stream\r\n\r\n{path.read_text()}\r\n--{boundary}--\r\n")
        headers = {**self.authorization, "Content-Type": f"multipart/form-data; boundary={boundary}"}
        answer = self.request(f"/token/load/{path.name}", headers=headers, body="".join(parts).encode())
        value = answer["result"]["value"]
        return value["n_imported"] if isinstance(value, dict) else value

    def accepts(self, code, **who):
        return self.request("/validate/check", {"pass": code, **who})["result"]["value"] is True

    def owners(self):
        """Logins by serial numbers."""
        answer = self.request("/token/?pagesize=1000", headers=self.authorization)
        return {token["serial"]: token["username"] for token in answer["result"]["value"]["tokens"]}

    def delete_all(self):
        for serial in self.owners():
            request = urllib.request.Request(
                f"http://127.0.0.1:{self.port}/token/{serial}", method="DELETE", headers=self.authorization)
            urllib.request.urlopen(request, timeout=PATIENCE).close()

    def export_pskc(self, target, key):
        """Has the server's own command write all tokens to a file, and the key of that file to another."""
        program, *arguments = self.product.export
        outcome = subprocess.run(
            [self.programs / program, *arguments], cwd=self.state, env=self.environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=5 * PATIENCE)
        if outcome.returncode != 0:
            raise Refused(outcome.stdout + outcome.stderr)
        [digits] = re.findall(r"^\s+([0-9a-f]{32})$", outcome.stderr, re.MULTILINE)
        key.write_text(digits + "\n")
        target.write_text(outcome.stdout)
