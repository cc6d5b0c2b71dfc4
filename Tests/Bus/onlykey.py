"""OnlyKey's own client judges the virtual key: its messages go through hidapi and the real libusb."""

import functools
import shutil
import subprocess
import sys
import threading

from bus import BUILD
from scenarios import Scenario

# PyPI; not in Debian.
CLIENT_VERSION = "1.2.10"
CLIENT = BUILD / "onlykey" / "bin" / "onlykey-cli"
INSTALLING = threading.Lock()


def install():
    """Why the client cannot be run, or None."""
    with INSTALLING:
        return install_once()


@functools.cache
def install_once():
    if CLIENT.exists():
        return None
    folder = CLIENT.parent.parent
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True, capture_output=True)
        subprocess.run(
            [str(folder / "bin" / "pip"), "install", "--quiet", f"onlykey=={CLIENT_VERSION}"], check=True,
            capture_output=True, timeout=600)
    except (OSError, subprocess.SubprocessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        return f"onlykey-cli cannot be installed: {error}"
    return None


class OnlyKeyClient(Scenario):
    NAMES = ("onlykey",)

    def setUp(self):
        reason = install()
        if reason:
            self.skipTest(reason)
        super().setUp()

    def client(self, *arguments, **options):
        return self.assert_exit(self.bus.run(CLIENT, *arguments, **options), 0).output

    def labels(self):
        """What the client lists, by slot."""
        lines = [line for line in self.client("getlabels").splitlines() if line.startswith("Slot ")]
        return dict(line.removeprefix("Slot ").split(": ", 1) for line in lines)

    def test_an_empty_key_has_twelve_empty_slots(self):
        self.assertEqual(set(self.labels().values()), {"<empty>"})
        self.assertEqual(len(self.labels()), 12)

    def test_the_client_finds_what_was_enrolled(self):
        self.ok("enroll", "--issuer", "Example", "--account", "alice", "--slot", "8")
        labels = self.labels()
        self.assertEqual(labels["2b"], "Example:alice")
        self.assertEqual([name for name, label in labels.items() if label != "<empty>"], ["2b"])

    def test_what_the_client_writes_is_listed(self):
        self.client("setslot", "3a", "label", "mine")
        self.assertIn("slot 3: mine", self.ok("credentials", "list").output)
        self.client("wipeslot", "3a")
        self.assertEqual(self.ok("credentials", "list").output, "")
