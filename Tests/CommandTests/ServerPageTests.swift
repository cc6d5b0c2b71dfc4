import Foundation
import MockDevices
import TestSupport
import Testing

@testable import keyprov

/// A page as the IPI Enterprise Server makes it, in a browser, taken in from its screenshot.
///
/// The server's script draws 57 modules into 150 pixels, each as a box with its outline, and shows the drawing as a
/// picture without a quiet zone; so a module has 2.63 pixels, and a display that is scaled interpolates.
@Suite(
    .enabled(if: BuiltProgram.pictures != nil, "the program that reads pictures stands not beside the tests"),
    .enabled(
        if: ["chromium", "qrencode", "oathtool"].allSatisfy(OutsideProgram.isInstalled),
        "chromium, qrencode or oathtool is not installed"))
struct ServerPageTests {
    static let uri =
        "otpauth://totp/HES.Web:admin@example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=HES.Web&digits=6"

    @Test(arguments: ["white", "#1e1e1e", "black"], ["1", "1.25", "1.5", "2"])
    func `The server's code is taken in from a screenshot`(_ color: String, _ scale: String) throws {
        let stage = try Stage()
        stage.attach([try #require(VirtualModel.named("yubikey5"))])
        let page = stage.folder.appendingPathComponent("page.html")
        try Data(Self.page(Self.modules(), color).utf8).write(to: page)
        let picture = stage.folder.appendingPathComponent("screen.png").path
        // Root has no sandbox; the page is ours.
        _ = try #require(OutsideProgram("timeout")).run([
            "60", "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            "--user-data-dir=\(stage.folder.path)/browser", "--window-size=900,600",
            "--force-device-scale-factor=\(scale)", "--screenshot=\(picture)", page.absoluteString,
        ])
        let result = stage.run(["import", picture, "--profile", "ies-2fa"])
        #expect(result.status == 0, "\(result.speech)")
        #expect(result.speech.contains("found 'HES.Web:admin@example.com': totp, 30 seconds, SHA1, 6 digits"))
        var server = try CodeServer(Self.uri)
        let code = result.outputText.trimmingCharacters(in: .newlines)
        #expect(try server.takes(code, at: stage.time + 20))
        #expect(try !server.takes(code, at: stage.time + 20), "the server takes none twice")
    }

    /// Rows of the code in the size that the server gives it, 1 for a dark module.
    private static func modules() throws -> [[Int]] {
        let text = try #require(OutsideProgram("qrencode")).run(
            ["--type", "ASCII", "--8bit", "--level", "H", "--symversion", "10", "--margin", "0", "--output", "-", uri])
        // Two characters a module.
        let rows = String(decoding: text, as: UTF8.self).split(separator: "\n").map { line in
            stride(from: 0, to: line.count, by: 2).map { offset in
                line[line.index(line.startIndex, offsetBy: offset)] == "#" ? 1 : 0
            }
        }
        #expect(rows.count == 57 && rows.allSatisfy { $0.count == 57 })
        return rows
    }

    private static func page(_ modules: [[Int]], _ color: String) -> String {
        """
        <!doctype html><meta charset="utf-8"><title>Two-factor authentication</title>
        <body style="background: \(color); color: gray; font: 15px sans-serif; margin: 40px">
        <h1>Configure authenticator app</h1>
        <p>Scan the QR code or enter this key:</p>
        <img id="code"> <p><code>gezd gnbv gy3t qojq gezd gnbv gy3t qojq</code></p>
        <script>
        const rows = \(modules), side = 150, canvas = document.createElement("canvas");
        canvas.width = canvas.height = side;
        const pen = canvas.getContext("2d"), size = side / rows.length, outline = Math.round(size);
        rows.forEach((row, y) => row.forEach((isDark, x) => {
          pen.fillStyle = pen.strokeStyle = isDark ? "black" : "white";
          const left = x * size, top = y * size;
          pen.fillRect(left, top, size, size);
          pen.strokeRect(Math.floor(left) + 0.5, Math.floor(top) + 0.5, outline, outline);
          pen.strokeRect(Math.ceil(left) - 0.5, Math.ceil(top) - 0.5, outline, outline);
        }));
        document.getElementById("code").src = canvas.toDataURL();
        </script>
        """
    }
}
