"""OnlyKey's own client judges the virtual key: its messages go through hidapi and the real libusb."""

from environments import Environment
from scenarios import Scenario

# PyPI; not in Debian.
CLIENT = Environment("onlykey", "onlykey==1.2.10")


class OnlyKeyClient(Scenario):
    NAMES = ("onlykey",)

    def setUp(self):
        reason = CLIENT.obstacle()
        if reason:
            self.skipTest(reason)
        super().setUp()

    def client(self, *arguments, **options):
        return self.assert_exit(self.bus.run(CLIENT.program("onlykey-cli"), *arguments, **options), 0).output

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
