"""CUPS takes the pages of `keyprov sheet --print` and prints them to a PDF file, on which zbarimg reads the codes.

The server is Debian's cupsd with a configuration of its own in a temporary folder, on a free port of 127.0.0.1. The backend
of printer-driver-cups-pdf reads /etc/cups wherever the server has its files, so the server gets a file system of its own
(unshare) in which that is the temporary folder: nothing outside of it is written.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

import install
import listener
import tokens
from tokens import Importing, run

BACKEND = pathlib.Path("/usr/lib/cups/backend/cups-pdf")
MODEL = pathlib.Path("/usr/share/ppd/cups-pdf/CUPS-PDF_opt.ppd")
QUEUE = "paper"
FAR = "far"

SERVER = """Listen 127.0.0.1:{port}
Browsing No
WebInterface No
DefaultAuthType None
PreserveJobFiles No
<Location />
  Allow from 127.0.0.1
</Location>
<Policy default>
  <Limit All>
    Allow from 127.0.0.1
  </Limit>
</Policy>
"""
FOLDERS = """ServerRoot {state}/server
RequestRoot {state}/requests
CacheDir {state}/cache
StateDir {state}/state
TempDir {state}/temporary
ErrorLog {state}/log
AccessLog {state}/access
PageLog {state}/pages
"""
PRINTER = """Out {state}/out
AnonDirName {state}/out
Spool {state}/spool
Log {state}
"""


class Printing(Importing):
    @classmethod
    def setUpClass(cls):
        os.environ["PATH"] += os.pathsep + "/usr/sbin"
        try:
            install.program("cupsd", "lpadmin", "unshare", "pdftoppm", "zbarimg")
        except install.Missing as missing:
            raise unittest.SkipTest(str(missing)) from missing
        if os.geteuid() != 0:
            raise unittest.SkipTest("the backend of printer-driver-cups-pdf runs as root only")
        if not BACKEND.exists() or not MODEL.exists():
            raise unittest.SkipTest("printer-driver-cups-pdf is not installed")
        if subprocess.run(["unshare", "--mount", "true"], check=False, stderr=subprocess.DEVNULL).returncode:
            raise unittest.SkipTest("no file system of its own can be had here (unshare --mount)")
        cls.start()

    @classmethod
    def start(cls):
        cls.state = state = pathlib.Path(tempfile.mkdtemp(prefix="keyprov-interop-"))
        cls.addClassCleanup(shutil.rmtree, state, ignore_errors=True)
        # Filters run as another user.
        state.chmod(0o755)
        for name in ("server", "requests", "cache", "state", "temporary", "out", "spool"):
            (state / name).mkdir()
            (state / name).chmod(0o1777 if name in ("temporary", "out") else 0o755)
        cls.address = f"127.0.0.1:{listener.free_port()}"
        (state / "cupsd.conf").write_text(SERVER.format(port=cls.address.partition(":")[2]))
        (state / "cups-files.conf").write_text(FOLDERS.format(state=state))
        (state / "server" / "cups-pdf.conf").write_text(PRINTER.format(state=state))
        cls.server = listener.Listener(
            ["unshare", "--mount", "sh", "-c", 'mount --bind "$1/server" /etc/cups && shift && exec cupsd "$@"', "sh",
             state, "-f", "-c", state / "cupsd.conf", "-s", state / "cups-files.conf"], state / "output")
        cls.addClassCleanup(cls.server.close)
        cls.environment = {**os.environ, "CUPS_SERVER": cls.address}
        # It exits with 0 whatever it says.
        cls.server.wait_until(lambda: "is running" in run(["lpstat", "-r"], env=cls.environment))
        run(["lpadmin", "-p", QUEUE, "-E", "-v", "cups-pdf:/", "-P", MODEL], env=cls.environment)
        # An address of RFC 5737, behind which there is nobody; the queue takes no jobs.
        run(["lpadmin", "-p", FAR, "-v", "socket://192.0.2.1:9100", "-P", MODEL], env=cls.environment)

    def printed(self):
        """The file that the printer made, once it is whole."""
        end = time.monotonic() + tokens.PATIENCE
        while time.monotonic() < end:
            jobs = run(["lpstat", "-W", "not-completed", "-o"], env=self.environment)
            files = list((self.state / "out").rglob("*.pdf"))
            if files and not jobs.strip():
                self.addCleanup(files[0].unlink)
                return files[0]
            time.sleep(0.2)
        self.fail("nothing was printed:\n" + (self.state / "log").read_text(errors="replace")[-4000:])

    def sheet(self, *arguments, status=0):
        answer = subprocess.run(
            [tokens.KEYPROV, "sheet", *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=False, env=self.environment)
        self.assertEqual(answer.returncode, status, answer.stderr)
        return answer

    def codes(self, file):
        pages = self.folder / "page"
        run(["pdftoppm", "-r", "150", "-gray", file, pages])
        read = run(["zbarimg", "--quiet", "--raw", *sorted(self.folder.glob("page*.pgm"))])
        return read.split()

    def credentials(self):
        source = self.folder / "credentials"
        self.keyprov(
            "generate", "--issuer", "Example", "--account", "user{n}", "--count", "3", "--out", source, "--quiet")
        return source

    def test_the_queues_are_listed(self):
        queues = json.loads(self.sheet("--list-queues", "--json").stdout)["queues"]
        self.assertEqual(queues, [
            {"name": FAR, "default": False, "clear": True}, {"name": QUEUE, "default": False, "clear": False}])

    def test_one_is_warned_of_a_queue_without_encryption(self):
        source = self.credentials()
        answer = self.sheet("--from", source, "--print", FAR, status=1)
        self.assertIn(f"warning: the pages go to '{FAR}' over the network without encryption", answer.stderr)
        answer = self.sheet("--from", source, "--print", QUEUE)
        self.assertNotIn("without encryption", answer.stderr)
        self.printed()

    def test_the_codes_are_on_the_paper_and_no_name_is_in_the_queue(self):
        source = self.credentials()
        answer = self.sheet("--from", source, "--print", QUEUE)
        self.assertRegex(answer.stderr, rf"printing on '{QUEUE}' as job \d+")
        self.assertEqual(self.codes(self.printed()), source.read_text().split())
        jobs = run(["lpstat", "-W", "all", "-l", "-o"], env=self.environment)
        self.assertFalse(re.search(r"user\d|Example|credentials", jobs), jobs)
        log = (self.state / "log").read_text(errors="replace")
        self.assertNotIn("user1", log)

    def test_a_page_that_is_not_drawn_is_not_printed(self):
        template = self.folder / "covered.template"
        template.write_text(
            'keyprov-template 1\nqr x=20 y=20 w=40\ntext x=22 y=24 w=60 h=40 size=90 bold "XXX"\n')
        before = run(["lpstat", "-W", "all", "-o"], env=self.environment)
        self.sheet("--from", self.credentials(), "--template", template, "--print", QUEUE, status=1)
        self.assertEqual(run(["lpstat", "-W", "all", "-o"], env=self.environment), before)

    def test_a_queue_that_is_not_there_is_an_error(self):
        answer = self.sheet("--from", self.credentials(), "--print", "elsewhere", status=1)
        self.assertIn("elsewhere", answer.stderr)
