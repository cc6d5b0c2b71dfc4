"""The closing line of `make test-vm` cannot be better than what the guest told."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Tests" / "VM"))

from harness import image, results  # noqa: E402


def read(*lines):
    outcome = results.Results()
    for line in lines:
        outcome.read(line)
    return outcome


class ResultTests(unittest.TestCase):
    def test_each_outcome_is_counted(self):
        outcome = read("plan a", "plan b", "plan c", "ok a", "not ok b: why", "# ok", "skip c: why", "done")
        self.assertEqual(outcome.closing_line(), "1 passed, 1 failed, 1 skipped")

    def test_a_scenario_that_was_not_told_of_has_failed(self):
        outcome = read("plan a", "plan b", "ok a")
        self.assertEqual(outcome.missing(), ["b"])
        self.assertEqual(outcome.closing_line(), "1 passed, 1 failed, 0 skipped")

    def test_a_guest_that_did_not_reach_its_end_has_failed(self):
        self.assertEqual(read("plan a", "ok a").failed, 1)
        self.assertEqual(read("plan a", "ok a", "done").failed, 0)

    def test_no_scenario_is_a_failure(self):
        self.assertEqual(read("done").failed, 1)
        self.assertEqual(read().failed, 1)


class ImageTests(unittest.TestCase):
    def test_an_entry_of_the_archive_is_padded_to_four_bytes(self):
        entry = image.record(1, "init", 0o100755, b"hello")
        self.assertEqual(entry[:6], b"070701")
        self.assertEqual(int(entry[54:62], 16), 5)
        self.assertEqual(len(entry) % 4, 0)
        self.assertTrue(entry.endswith(b"init\0\0" + b"hello\0\0\0"))


if __name__ == "__main__":
    unittest.main()
