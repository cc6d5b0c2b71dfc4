#!/usr/bin/env python3
"""Checks what the compiler does not: layers, imports, file lengths, and what the program is linked to.

Each rule is a function from a `Tree` to the sentences about what breaks it. `Scripts/tests/test_check_sources.py` breaks
each rule once.
"""

import argparse
import dataclasses
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Lines in a file of code; what is longer holds more than one idea.
LONGEST_FILE = 400
# path: why it may be longer.
LONG_FILES = {}

CODE = re.compile(r"\.(swift|c|h|py|sh)$|^(Scripts|Benchmarks|\.ci)/[^.]+$|^Makefile$")
# Folders of one machine. In a text for people /tmp is an example; in code it is a file that others can foresee.
MACHINE_PATH = re.compile(r"(?<![\w.$})])/(?:work|root|opt/swift|home/\w+)(?=/|\b)")
TEMPORARY_PATH = re.compile(r"(?<![\w.$})])/tmp/\w")

IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\(\w+\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+"
    r"(?:(?:struct|class|enum|protocol|typealias|func|let|var)\s+)?(\w+)",
    re.MULTILINE)

# Which target must not see which, however many targets lie between.
APART = [
    ("SecretFormats", "USBTransport"),
    ("USBTransport", "SecretFormats"),
    ("Sealing", "USBTransport"),
    ("SecretFormats", "Sealing"),
    # A virtual key that shared the encoder that it tests would agree with its mistakes.
    ("MockDevices", "KeyProvision"),
    ("MockDevices", "SecretFormats"),
    ("KeyProvision", "MockDevices"),
    # Drawing and printing bring some 60 shared objects, which would slow the start of every command.
    ("keyprov", "EnrollmentSheets"),
    ("keyprov", "CCUPS"),
    ("keyprov", "CLDAP"),
    ("SheetJobs", "CCairo"),
]
# GRDB brings all of Foundation, which only the program that keeps the ledger carries.
APART += [(name, "GRDB") for name in ("KeyProvision", "Sealing", "keyprov-pictures", "keyprov-sheets", "keyprov-print")]
# Decoders of pictures run in a process of their own.
APART += [("keyprov", module) for module in ("PictureReader", "CGdkPixbuf", "CPoppler", "CZBar")]
LIBUSB, LIBUSB_FOLDER = "CLibUSB", "Sources/USBTransport/LibUSB/"

# What the release binary may ask the system for. No libswift and no libFoundation: the runtime is linked in.
RELEASE_LIBRARIES = {
    "libusb-1.0.so.0", "libcrypto.so.3", "libqrencode.so.4", "libpng16.so.16", "libxml2.so.2",
    "libargon2.so.1", "libsodium.so.23", "libsqlite3.so.0",
    "libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1",
}
# Beside these, what a program that does one job may ask for by itself.
COMPANION_LIBRARIES = {
    "keyprov-pictures": {
        "libzbar.so.0", "libgdk_pixbuf-2.0.so.0", "libpoppler-glib.so.8", "libcairo.so.2", "libglib-2.0.so.0",
        "libgobject-2.0.so.0",
    },
    "keyprov-sheets": {
        "libcairo.so.2", "libpango-1.0.so.0", "libpangocairo-1.0.so.0", "libharfbuzz.so.0", "librsvg-2.so.2",
        "libgdk_pixbuf-2.0.so.0", "libgio-2.0.so.0", "libglib-2.0.so.0", "libgobject-2.0.so.0", "libzbar.so.0",
    },
    "keyprov-print": {"libcups.so.2"},
    "keyprov-directory": {"libldap-2.5.so.0", "liblber-2.5.so.0"},
}
# Full Foundation, linked in, adds more than 40 MB and shows in no list of libraries.
RELEASE_LIMIT = 24_000_000
# What has it: GRDB imports it, with the tables of ICU.
FOUNDATION_LIMITS = {"keyprov": 76_000_000}
# Full Foundation, when it is not linked in.
FOUNDATION_LIBRARY = re.compile(r"libFoundation(Networking|XML|Internationalization)?\.so|lib_FoundationICU\.so")


@dataclasses.dataclass
class Target:
    path: str
    dependencies: set


@dataclasses.dataclass
class Tree:
    """Texts of the project's files, and the targets of its manifest."""

    files: dict
    targets: dict

    def swift_files(self, target):
        prefix = target.path.rstrip("/") + "/"
        return {path: text for path, text in self.files.items() if path.startswith(prefix) and path.endswith(".swift")}

    def reachable(self, name):
        seen, rest = set(), [name]
        while rest:
            for dependency in self.targets.get(rest.pop(), Target("", set())).dependencies - seen:
                seen.add(dependency)
                rest.append(dependency)
        return seen


def imports(text):
    return set(IMPORT.findall(text))


def libusb_stays_in_its_folder(tree):
    for path, text in tree.files.items():
        if path.endswith(".swift") and LIBUSB in imports(text) and not path.startswith(LIBUSB_FOLDER):
            yield f"{path}: imports {LIBUSB}; only {LIBUSB_FOLDER} does"


def sources_do_not_import_foundation(tree):
    for path, text in tree.files.items():
        if path.startswith("Sources/") and path.endswith(".swift") and "Foundation" in imports(text):
            yield f"{path}: imports Foundation; FoundationEssentials is what there is, at most"


def imports_are_declared(tree):
    """Also of system libraries, which the compiler finds by the flags of any target that it has seen."""
    known = set(tree.targets) | {name for target in tree.targets.values() for name in target.dependencies}
    for name, target in tree.targets.items():
        for path, text in tree.swift_files(target).items():
            for module in sorted((imports(text) & known) - target.dependencies - {name}):
                yield f"{path}: imports {module}, which Package.swift does not give to {name}"


def layers_stay_apart(tree):
    for name, other in APART:
        if other in tree.reachable(name):
            yield f"Package.swift: {name} must not depend on {other}, nor on what does"
    for name, target in tree.targets.items():
        if LIBUSB in target.dependencies and not LIBUSB_FOLDER.startswith(target.path + "/"):
            yield f"Package.swift: {name} must not depend on {LIBUSB}"


def paths_are_of_no_machine(tree):
    for path, text in tree.files.items():
        patterns = [MACHINE_PATH] + ([TEMPORARY_PATH] if CODE.search(path) else [])
        for number, line in enumerate(text.splitlines(), 1):
            if any(pattern.search(line) for pattern in patterns):
                yield f"{path}:{number}: has a path of one machine"


def files_are_short(tree):
    for path, text in tree.files.items():
        length = len(text.splitlines())
        if CODE.search(path) and length > LONGEST_FILE and path not in LONG_FILES:
            yield f"{path}: has {length} lines, more than {LONGEST_FILE}"
    for path in LONG_FILES:
        if len(tree.files.get(path, "").splitlines()) <= LONGEST_FILE:
            yield f"Scripts/check_sources.py: {path} need not stand in LONG_FILES"


RULES = [
    libusb_stays_in_its_folder,
    sources_do_not_import_foundation,
    imports_are_declared,
    layers_stay_apart,
    paths_are_of_no_machine,
    files_are_short,
]


def release_is_self_contained(libraries, size, name="keyprov"):
    allowed = RELEASE_LIBRARIES | COMPANION_LIBRARIES.get(name, set())
    for library in sorted(libraries - allowed):
        yield f"needs {library}"
    limit = FOUNDATION_LIMITS.get(name, RELEASE_LIMIT)
    if size > limit:
        yield f"has {size} bytes, more than {limit}: is all of Foundation linked in?"


def debug_has_no_foundation(libraries):
    for library in sorted(filter(FOUNDATION_LIBRARY.match, libraries)):
        yield f"needs {library}"


def output(*command):
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


def read_targets(manifest):
    """Targets from the output of `swift package dump-package`."""
    targets = {}
    for target in json.loads(manifest)["targets"]:
        dependencies = {reference[0] for entry in target["dependencies"] for reference in entry.values()}
        folder = "Tests" if target["type"] == "test" else "Sources"
        targets[target["name"]] = Target(target.get("path") or f"{folder}/{target['name']}", dependencies)
    return targets


def read_tree(swift):
    listed = output("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    files = {}
    for path in filter(None, listed):
        try:
            files[path] = (ROOT / path).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # no text, or deleted and not committed yet
    return Tree(files, read_targets(output(swift, "package", "dump-package")))


def needed_libraries(binary):
    return set(re.findall(r"\(NEEDED\).*\[(.*)\]", output("readelf", "--dynamic", "--wide", str(binary))))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--swift", default="swift", help="the Swift driver")
    parser.add_argument("--release", type=pathlib.Path, nargs="*", default=[], help="also check these release binaries")
    parser.add_argument("--debug", type=pathlib.Path, nargs="*", default=[], help="also check these debug binaries")
    arguments = parser.parse_args()

    tree = read_tree(arguments.swift)
    findings = [finding for rule in RULES for finding in rule(tree)]
    for path in arguments.release:
        release = path.resolve()
        found = release_is_self_contained(needed_libraries(release), release.stat().st_size, release.name)
        findings += [f"{path}: {finding}" for finding in found]
    for path in arguments.debug:
        findings += [f"{path}: {finding}" for finding in debug_has_no_foundation(needed_libraries(path.resolve()))]
    for finding in findings:
        print(finding, file=sys.stderr)
    print(f"checked {len(tree.files)} files: {len(findings) or 'no'} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
