import Foundation
import Testing
import USBTransport

@testable import KeyProvision
@testable import keyprov

/// The committed rules are those that the families make.
@Suite struct UdevRulesTests {
    @Test func theCommittedFileIsFresh() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let committed = try String(
            contentsOf: root.appendingPathComponent("udev/\(UdevRules.fileName)"), encoding: .utf8)
        #expect(committed == UdevRules.text, "run 'make udev'")
    }

    @Test func everyDrivenIDHasOneRule() {
        for id in Catalog.entries.flatMap(\.family.usbIDs) {
            let vendor = "ATTR{idVendor}==\"\(String(id.description.prefix(4)))\""
            let product = "ATTR{idProduct}==\"\(String(id.description.suffix(4)))\""
            let rules = UdevRules.text.split(separator: "\n").filter { $0.contains(vendor) && $0.contains(product) }
            #expect(rules.count == 1, "\(id)")
            #expect(rules.first?.hasSuffix("TAG+=\"uaccess\"") == true)
        }
    }

    /// The tag is acted on by 73-seat-late.rules, so the file has to sort before it.
    @Test func theNameSortsBeforeTheSeatRules() { #expect(UdevRules.fileName < "73-seat-late.rules") }
}
