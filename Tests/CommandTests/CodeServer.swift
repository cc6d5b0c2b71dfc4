import Foundation
import TestSupport

/// A server that checks codes as ASP.NET Core Identity does (two steps to either side), and takes none twice (RFC 6238
/// section 5.2). It knows nothing of our code: oathtool computes.
struct CodeServer {
    private let secret: String
    private let options: [String]
    private let period: UInt64
    /// Of the last code that was taken.
    private var lastStep: UInt64 = 0

    private static let window: UInt64 = 2

    struct Unreadable: Error {}

    /// - Parameter text: an otpauth URI, or a secret as a page shows it.
    init(_ text: String) throws {
        let items = URLComponents(string: text)?.queryItems ?? []
        func parameter(_ name: String) -> String? { items.first { $0.name == name }?.value }
        secret = parameter("secret") ?? text.uppercased().filter { $0.isLetter || $0.isNumber }
        period = parameter("period").flatMap { UInt64($0) } ?? 30
        options = [
            "--totp=\(parameter("algorithm")?.lowercased() ?? "sha1")", "--digits", parameter("digits") ?? "6",
            "--time-step-size", "\(period)s", "--base32",
        ]
        guard !secret.isEmpty, period > 0 else { throw Unreadable() }
    }

    /// - Parameter time: seconds since 1970.
    mutating func takes(_ code: String, at time: UInt64) throws -> Bool {
        guard let oathtool = OutsideProgram("oathtool") else { throw Unreadable() }
        let step = time / period
        for step in (step - Self.window)...(step + Self.window) where step > lastStep {
            let output = try oathtool.run(options + ["--now", "@\(step * period)", secret])
            guard String(decoding: output, as: UTF8.self).trimmingCharacters(in: .newlines) == code else { continue }
            lastStep = step
            return true
        }
        return false
    }
}
