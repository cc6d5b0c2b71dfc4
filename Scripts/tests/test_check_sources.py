"""Tests of check_sources.py: a good tree passes, and each rule finds what it is there for."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import check_sources as checks  # noqa: E402
from check_sources import Target, Tree  # noqa: E402


def tree(**files):
    """A small good tree; arguments are further files, with `_` for `/` and `.swift` left out."""
    targets = {
        "CLibUSB": Target("Sources/CLibUSB", set()),
        "COpenSSL": Target("Sources/COpenSSL", set()),
        "USBTransport": Target("Sources/USBTransport", {"CLibUSB"}),
        "SecretFormats": Target("Sources/SecretFormats", {"COpenSSL"}),
        "Sealing": Target("Sources/Sealing", {"COpenSSL", "SecretFormats"}),
        "KeyProvision": Target("Sources/KeyProvision", {"SecretFormats", "USBTransport"}),
        "MockDevices": Target("Sources/MockDevices", {"COpenSSL", "USBTransport"}),
        "keyprov": Target("Sources/keyprov", {"KeyProvision", "MockDevices", "ArgumentParser"}),
        "FormatTests": Target("Tests/FormatTests", {"SecretFormats"}),
    }
    contents = {
        "Sources/USBTransport/LibUSB/Host.swift": "internal import CLibUSB\nimport Glibc\n",
        "Sources/SecretFormats/Base32.swift": "public import COpenSSL\nimport FoundationEssentials\n",
        "Sources/KeyProvision/Session.swift": "import SecretFormats\npublic import USBTransport\n",
        "Tests/FormatTests/Tests.swift": "import Foundation\nimport Testing\n@testable import SecretFormats\n",
    }
    contents.update({path.replace("_", "/") + ".swift": text for path, text in files.items()})
    return Tree(contents, targets)


class RuleTests(unittest.TestCase):
    def assertFound(self, rule, where, in_tree):
        findings = list(rule(in_tree))
        self.assertEqual(len(findings), 1, findings)
        self.assertTrue(findings[0].startswith(where), findings)

    def test_a_good_tree_passes(self):
        for rule in checks.RULES:
            self.assertEqual(list(rule(tree())), [], rule.__name__)

    def test_libusb_outside_of_its_folder(self):
        bad = tree(Sources_USBTransport_Connections="private import CLibUSB\n")
        self.assertFound(checks.libusb_stays_in_its_folder, "Sources/USBTransport/Connections.swift", bad)

    def test_foundation_in_sources(self):
        for line in ["import Foundation", "public import Foundation", "import struct Foundation.Date",
                     "@preconcurrency import Foundation", "  internal import Foundation // for dates"]:
            bad = tree(Sources_keyprov_Dates=line + "\n")
            self.assertFound(checks.sources_do_not_import_foundation, "Sources/keyprov/Dates.swift", bad)

    def test_formats_and_transport_do_not_import_each_other(self):
        bad = tree(Sources_SecretFormats_A="import USBTransport\n")
        self.assertFound(checks.imports_are_declared, "Sources/SecretFormats/A.swift: imports USBTransport", bad)
        bad = tree(Sources_USBTransport_A="import SecretFormats\n")
        self.assertFound(checks.imports_are_declared, "Sources/USBTransport/A.swift: imports SecretFormats", bad)

    def test_a_virtual_key_does_not_import_what_it_tests(self):
        for module in ["KeyProvision", "SecretFormats"]:
            bad = tree(Sources_MockDevices_A=f"import {module}\n")
            self.assertFound(checks.imports_are_declared, f"Sources/MockDevices/A.swift: imports {module}", bad)

    def test_system_libraries_only_where_declared(self):
        bad = tree(Sources_KeyProvision_A="import COpenSSL\n")
        self.assertFound(checks.imports_are_declared, "Sources/KeyProvision/A.swift: imports COpenSSL", bad)

    def test_packages_only_where_declared(self):
        bad = tree(Sources_KeyProvision_A="import ArgumentParser\n")
        self.assertFound(checks.imports_are_declared, "Sources/KeyProvision/A.swift: imports ArgumentParser", bad)

    def test_tests_declare_their_imports(self):
        bad = tree(Tests_FormatTests_A="@testable import USBTransport\n")
        self.assertFound(checks.imports_are_declared, "Tests/FormatTests/A.swift: imports USBTransport", bad)

    def test_a_layer_in_between_is_no_way_round(self):
        for name, other in checks.APART:
            bad = tree()
            bad.targets["Between"] = Target("Sources/Between", {other})
            bad.targets.setdefault(name, Target(f"Sources/{name}", set())).dependencies.add("Between")
            self.assertIn(f"Package.swift: {name} must not depend on {other}, nor on what does",
                          list(checks.layers_stay_apart(bad)))

    def test_no_other_target_may_have_libusb(self):
        bad = tree()
        bad.targets["keyprov"].dependencies.add("CLibUSB")
        self.assertFound(checks.layers_stay_apart, "Package.swift: keyprov must not depend on CLibUSB", bad)

    def test_paths_of_one_machine(self):
        for path in ["/" + "work/shared", "/" + "root/.pyenv", "/" + "home/alice", "/" + "opt/swift/usr/bin", "/" + "tmp/x"]:
            bad = tree(Sources_keyprov_Path=f'// fine\nlet path = "{path}"\n')
            self.assertFound(checks.paths_are_of_no_machine, "Sources/keyprov/Path.swift:2:", bad)

    def test_an_example_for_people_may_be_a_temporary_file(self):
        good = tree()
        good.files["README.md"] = "keyprov generate --out /" + "tmp/secrets\n"
        self.assertEqual(list(checks.paths_are_of_no_machine(good)), [])

    def test_long_files(self):
        bad = tree(Sources_keyprov_Long="\n" * (checks.LONGEST_FILE + 1))
        self.assertFound(checks.files_are_short, "Sources/keyprov/Long.swift: has 401 lines", bad)

    def test_a_reason_for_a_file_that_is_not_long(self):
        checks.LONG_FILES["Sources/keyprov/Short.swift"] = "generated"
        self.addCleanup(checks.LONG_FILES.clear)
        self.assertFound(checks.files_are_short, "Scripts/check_sources.py", tree(Sources_keyprov_Short="\n"))


class BinaryTests(unittest.TestCase):
    def test_a_release_binary_needs_only_known_libraries(self):
        self.assertEqual(list(checks.release_is_self_contained({"libusb-1.0.so.0", "libc.so.6"}, 1)), [])
        for library in ["libFoundation.so", "libswiftCore.so", "libcurl.so.4"]:
            self.assertEqual(len(list(checks.release_is_self_contained({library}, 1))), 1)

    def test_only_the_program_that_reads_pictures_needs_their_decoders(self):
        decoders = {"libzbar.so.0", "libgdk_pixbuf-2.0.so.0"}
        self.assertEqual(list(checks.release_is_self_contained(decoders, 1, "keyprov-pictures")), [])
        self.assertEqual(len(list(checks.release_is_self_contained(decoders, 1))), 2)
        self.assertEqual(len(list(checks.release_is_self_contained({"libcurl.so.4"}, 1, "keyprov-pictures"))), 1)

    def test_a_release_binary_is_not_too_large(self):
        for name, limit in {"keyprov-sheets": checks.RELEASE_LIMIT, **checks.FOUNDATION_LIMITS}.items():
            self.assertEqual(list(checks.release_is_self_contained(set(), limit, name)), [])
            self.assertEqual(len(list(checks.release_is_self_contained(set(), limit + 1, name))), 1)

    def test_a_debug_binary_does_not_load_foundation(self):
        self.assertEqual(list(checks.debug_has_no_foundation({"libFoundationEssentials.so"})), [])
        for library in ["libFoundation.so", "libFoundationNetworking.so"]:
            self.assertEqual(len(list(checks.debug_has_no_foundation({library}))), 1)


class ReadingTests(unittest.TestCase):
    def test_targets_come_from_the_manifest(self):
        manifest = """{"targets": [
            {"name": "A", "type": "regular", "dependencies": [{"byName": ["B", null]},
                {"product": ["P", "package", null, null]}]},
            {"name": "T", "type": "test", "path": "Tests/Elsewhere", "dependencies": [{"target": ["A", null]}]}]}"""
        targets = checks.read_targets(manifest)
        self.assertEqual(targets["A"], Target("Sources/A", {"B", "P"}))
        self.assertEqual(targets["T"], Target("Tests/Elsewhere", {"A"}))


if __name__ == "__main__":
    unittest.main()
