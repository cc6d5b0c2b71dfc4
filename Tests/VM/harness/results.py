"""What the guest reports, a line a scenario."""

import re

LINE = re.compile(r"(ok|not ok|skip|plan|done) ?(.*)")


class Results:
    """Scenarios and what became of them.

    The guest first names the scenarios (`plan NAME`), then tells of each (`ok NAME`, `not ok NAME: why`,
    `skip NAME: why`) and ends with `done`. What was planned and not told of has failed.
    """

    def __init__(self):
        self.outcomes = {}
        self.is_complete = False

    def read(self, line):
        """Takes one line in. Lines that begin with '#' explain the one before and are only for people."""
        found = LINE.fullmatch(line)
        if not found:
            return
        word, rest = found.groups()
        name = rest.split(": ")[0]
        if word == "done":
            self.is_complete = True
        elif word == "plan":
            self.outcomes.setdefault(name, "missing")
        else:
            self.outcomes[name] = word

    def count(self, *words):
        return sum(outcome in words for outcome in self.outcomes.values())

    def missing(self):
        return [name for name, outcome in self.outcomes.items() if outcome == "missing"]

    @property
    def failed(self):
        """What failed; a run that has nothing else to show for itself counts as one."""
        told = self.count("not ok", "missing")
        return told or int(not self.is_complete or not self.outcomes)

    def closing_line(self):
        return f"{self.count('ok')} passed, {self.failed} failed, {self.count('skip')} skipped"
