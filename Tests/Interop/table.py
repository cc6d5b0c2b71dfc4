"""What `keyprov convert --list-formats` says about judges is what runs here."""

from tokens import Importing


def judges(case=Importing):
    """All classes that have a program judge formats."""
    for each in case.__subclasses__():
        if each.JUDGE:
            yield each
        yield from judges(each)


class Table(Importing):
    def test_names_the_judges_that_run_here(self):
        formats = self.formats()
        here = {judge.JUDGE: set() for judge in judges()}
        for judge in judges():
            # KeePassXC has a format of its own only where there is one.
            here[judge.JUDGE] |= set(judge.FORMATS) & set(formats)
        said = {name: {format for format, entry in formats.items() if name in entry["judged_by"]} for name in here}
        self.assertEqual(said, here)
