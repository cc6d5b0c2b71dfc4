"""Tests of run_tests.py: what it makes of the event streams of Swift Testing and of the lines of the bus."""

import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from run_tests import FAILED, PASSED, SKIPPED, Outcomes, concluded, filters_for, read_bus, read_events  # noqa: E402


def test(identity, kind="function"):
    return {"kind": "test", "payload": {"id": identity, "kind": kind, "name": f"`{identity}`()", "displayName": identity}}


def event(kind, identity, symbol="pass", **more):
    messages = [{"symbol": symbol, "text": f"{identity} {kind}"}]
    return {"kind": "event", "payload": {"kind": kind, "testID": identity, "messages": messages, **more}}


def outcomes(*records):
    return read_events(json.dumps(record) for record in records)


class EventStreamTests(unittest.TestCase):
    def test_a_suite_is_not_a_test(self):
        found = outcomes(test("M.S", "suite"), test("M.S/a"), event("testEnded", "M.S/a"), event("testEnded", "M.S"))
        self.assertEqual(found.closing_line(), "1 passed, 0 failed, 0 skipped")

    def test_a_recorded_issue_is_a_failure(self):
        found = outcomes(test("a"), event("testEnded", "a", symbol="fail"))
        self.assertEqual(found.closing_line(), "0 passed, 1 failed, 0 skipped")

    def test_a_known_issue_is_none(self):
        found = outcomes(test("a"), event("testEnded", "a", symbol="passWithKnownIssue"))
        self.assertEqual(found.count(PASSED), 1)

    def test_a_test_that_went_down_with_the_process_failed(self):
        found = outcomes(test("a"), test("b"), event("testEnded", "a"), event("testStarted", "b"))
        self.assertEqual(found.closing_line(), "1 passed, 1 failed, 0 skipped")

    def test_a_skipped_test_keeps_its_reason(self):
        found = outcomes(test("a"), event("testSkipped", "a", _comments=["no such program"]))
        self.assertEqual(found.tests["a"], (SKIPPED, "a", "no such program"))

    def test_a_test_that_failed_before_it_was_canceled_failed(self):
        found = outcomes(test("a"), event("testCancelled", "a"), event("testEnded", "a", symbol="fail"))
        self.assertEqual(found.count(FAILED), 1)


class OutcomesTests(unittest.TestCase):
    def test_a_test_counts_once_over_all_stages(self):
        both = Outcomes()
        both.update(outcomes(test("a"), test("b"), event("testSkipped", "a"), event("testEnded", "b")))
        both.update(outcomes(test("a"), event("testEnded", "a")))
        self.assertEqual(both.closing_line(), "2 passed, 0 failed, 0 skipped")

    def test_a_failure_is_not_made_good_by_a_later_stage(self):
        both = Outcomes()
        both.update(outcomes(test("a"), event("testEnded", "a", symbol="fail")))
        both.update(outcomes(test("a"), event("testEnded", "a")))
        self.assertEqual(both.count(FAILED), 1)


class StageTests(unittest.TestCase):
    def test_no_test_is_a_failure(self):
        self.assertEqual(concluded("s", outcomes(), 0).count(FAILED), 1)

    def test_only_skipped_tests_are_a_failure(self):
        self.assertEqual(concluded("s", outcomes(test("a"), event("testSkipped", "a")), 0).count(FAILED), 1)

    def test_a_bad_exit_code_is_a_failure_even_if_all_tests_passed(self):
        self.assertEqual(concluded("s", outcomes(test("a"), event("testEnded", "a")), 1).count(FAILED), 1)

    def test_a_bad_exit_code_is_not_counted_beside_the_test_that_caused_it(self):
        found = concluded("s", outcomes(test("a"), event("testEnded", "a", symbol="fail")), 1)
        self.assertEqual(found.count(FAILED), 1)


class FilterTests(unittest.TestCase):
    def test_tests_of_a_suite_are_selected_by_the_suite(self):
        tests = ["M.S/Inner/`a b`()/File.swift:1:2", "M.S/Inner/`c`()/File.swift:3:4", "M.T/`d`()/File.swift:5:6"]
        self.assertEqual(filters_for(tests), [r"^M\.S/Inner", r"^M\.T"])


class BusLinesTests(unittest.TestCase):
    def test_each_word_is_read(self):
        outcomes = read_bus(
            ["passed  Jobs: enroll, 0.4 s", "failed  Faults: a stall, 1.0 s", "Traceback …",
             "skipped  Clients: ykman, 0.0 s: ykman is missing"])
        self.assertEqual(outcomes.closing_line(), "1 passed, 1 failed, 1 skipped")
        self.assertEqual(list(outcomes.with_outcome("skipped").values())[0][2], "ykman is missing")

    def test_a_bus_that_cannot_be_built_is_skipped(self):
        outcomes = read_bus(["not run: there is no C compiler", "0 passed, 0 failed, 12 skipped"])
        self.assertEqual(outcomes.closing_line(), "0 passed, 0 failed, 1 skipped")


if __name__ == "__main__":
    unittest.main()
