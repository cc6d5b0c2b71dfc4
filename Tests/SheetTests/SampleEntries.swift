import EnrollmentSheets
import SecretFormats
import SheetJobs
import TestSupport

@testable import ByteBuffers

/// Entries for pages, the same in every run.
enum Sample {
    static let unixTime: UInt64 = 1_795_299_200
    static let names = [
        "Ada Lovelace", "Олена Шевченко", "Ζωή Παπαδοπούλου", "山田 太郎", "محمد علي", "דוד כהן",
        "Z\u{301}o\u{308}e\u{302}",
    ]

    static func credential(_ number: Int, kind: Credential.Kind = .totp(period: 30)) throws -> Credential {
        var generator = SeededGenerator(seed: UInt64(number))
        let secret = Secret(WipedBuffer((0..<20).map { _ in UInt8.random(in: .min ... .max, using: &generator) }))
        return try Credential(
            label: Label(issuer: "Example", account: "user\(number)@example.com"), kind: kind, secret: secret)
    }

    /// - Parameter owner: a name from the list where none is given.
    static func entry(
        _ number: Int, owner: String? = nil, kind: Credential.Kind = .totp(period: 30)
    ) throws -> SheetEntry {
        let credential = try credential(number, kind: kind)
        var entry = try SheetEntry(
            credential,
            fields: [
                .init(label: "Account name", value: .text(credential.label.account)),
                .init(label: "OTP Secret", value: .secret(Base32.groups(of: credential.secret))),
                .init(label: "Digits", value: .text("6")),
            ])
        entry.texts[.owner] = owner ?? names[number % names.count]
        entry.texts[.address] = entry.texts[.owner]
        entry.texts[.model] = "YubiKey 5 NFC"
        entry.texts[.serial] = String(30_210_000 + number)
        entry.texts[.slot] = "2"
        entry.texts[.date] = "2026-11-21"
        entry.texts[.contact] = "IT service desk, room 2.14"
        return entry
    }

    static func recoveryCodes() -> [Secret] {
        (0..<10).map { Secret(WipedBuffer(Array("c0de000\($0)".utf8))) }
    }
}

/// Draws in process.
enum Drawn {
    static func pdf(
        _ template: BuiltInTemplate, _ entries: [SheetEntry], medium: Medium = .paper(.a4),
        language: SheetLanguage = .english, secrecy: SheetJob.Secrecy = .whole
    ) throws -> [UInt8] {
        try documents(
            SheetJob(
                medium: medium, language: language, template: Array(template.text.utf8), total: entries.count,
                secrecy: secrecy, unixTime: Sample.unixTime), entries
        ).first ?? []
    }

    static func pdf(text: String, _ entries: [SheetEntry], medium: Medium = .paper(.a4)) throws -> [UInt8] {
        try documents(
            SheetJob(
                medium: medium, template: Array(text.utf8), total: entries.count, unixTime: Sample.unixTime), entries
        ).first ?? []
    }

    static func documents(_ job: SheetJob, _ entries: [SheetEntry]) throws -> [[UInt8]] {
        var documents: [[UInt8]] = [[]]
        func append(_ block: WipedBuffer) { documents[documents.count - 1] += block.withBytes { [UInt8](copying: $0) } }
        let (parts, assembly) = (try SheetParts(job), PDFAssembly())
        for index in 0..<parts.count(of: entries.count) {
            let (part, length) = parts.part(index)
            for output in try outputs(job, part, Array(entries.dropFirst(part.entriesBefore).prefix(length))) {
                switch output {
                case .codes(let stream): assembly.add(codes: stream)
                case .block(let block): append(job.output == .pdf ? try assembly.add(block) : block)
                case .documentEnd: documents.append([])
                }
            }
            if job.output == .pdf { try assembly.endPart() }
        }
        if job.output == .pdf { try assembly.end(append) } else { documents.removeLast() }
        return documents
    }

    /// Of one part, by a renderer that draws nothing else.
    static func outputs(
        _ job: SheetJob, _ part: SheetPart, _ entries: [SheetEntry]
    ) throws -> [SheetRenderer.Output] {
        var outputs: [SheetRenderer.Output] = []
        let renderer = try SheetRenderer(job) { outputs.append($0) }
        try renderer.begin(part)
        for entry in entries { try renderer.add(entry) }
        try renderer.endPart()
        return outputs
    }
}

extension Secret {
    /// The bytes as text, for comparing with what programs print.
    var textForComparison: String { withBytes { String(decoding: $0) } }
}
