/// The last line that `keyprov-directory` writes; what it wrote before are entries.
///
/// ```
/// end TAB entries TAB references
/// error TAB stage TAB code TAB text
/// ```
///
/// An entry begins with `{`. An answer without this line was cut off.
public enum DirectoryOutcome: Hashable, Sendable {
    /// How many entries there were, and how many references to other servers, which are not followed.
    case done(entries: Int, references: Int)
    case failed(DirectoryFailure)

    public var line: String {
        switch self {
        case .done(let entries, let references): "end\t\(entries)\t\(references)\n"
        case .failed(let failure): "error\t\(failure.stage.rawValue)\t\(failure.code.rawValue)\t\(failure.text)\n"
        }
    }

    /// nil where the line is none of these.
    public init?(line: some StringProtocol) {
        guard line.last == "\n" else { return nil }
        let words = line.dropLast().split(separator: "\t", omittingEmptySubsequences: false)
        switch (words.first.map { String($0) }, words.count) {
        case ("end"?, 3):
            guard let entries = Int(words[1]), let references = Int(words[2]), entries >= 0, references >= 0 else {
                return nil
            }
            self = .done(entries: entries, references: references)
        case ("error"?, 4):
            guard let stage = DirectoryFailure.Stage(rawValue: String(words[1])), let code = Int32(words[2]) else {
                return nil
            }
            self = .failed(DirectoryFailure(stage, DirectoryFailure.Code(rawValue: code), String(words[3])))
        default: return nil
        }
    }
}

/// Why a directory gave no roster.
public struct DirectoryFailure: Error, Hashable, Sendable {
    /// What was being done.
    public enum Stage: String, CaseIterable, Sendable {
        /// Before anything was sent.
        case setup
        /// Our own certificate and its key are read.
        case identifying
        case connecting
        /// The TLS handshake, with the certificate of the server.
        case encrypting
        case binding
        case searching
        /// More entries than are taken.
        case limit
    }

    /// A result code of LDAP (RFC 4511 section 4.1.9), or a negative one of libldap (ldap_error(3)).
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: Int32
        public init(rawValue: Int32) { self.rawValue = rawValue }

        public static let success = Code(rawValue: 0)
        public static let timeLimitExceeded = Code(rawValue: 3)
        public static let sizeLimitExceeded = Code(rawValue: 4)
        public static let authMethodNotSupported = Code(rawValue: 7)
        public static let strongerAuthRequired = Code(rawValue: 8)
        public static let referral = Code(rawValue: 10)
        public static let adminLimitExceeded = Code(rawValue: 11)
        public static let confidentialityRequired = Code(rawValue: 13)
        public static let noSuchObject = Code(rawValue: 32)
        public static let invalidDNSyntax = Code(rawValue: 34)
        public static let inappropriateAuthentication = Code(rawValue: 48)
        public static let invalidCredentials = Code(rawValue: 49)
        public static let insufficientAccessRights = Code(rawValue: 50)
        public static let busy = Code(rawValue: 51)
        public static let unavailable = Code(rawValue: 52)
        public static let unwillingToPerform = Code(rawValue: 53)
        public static let serverDown = Code(rawValue: -1)
        public static let timeout = Code(rawValue: -5)
        public static let filterError = Code(rawValue: -7)
        public static let parameterError = Code(rawValue: -9)
        public static let connectError = Code(rawValue: -11)
    }

    public let stage: Stage
    public let code: Code
    /// What the server or the library says of it, in its words; often nothing.
    public let text: String

    private static let longestText = 300

    /// - Parameter text: is brought into one line without tabs, and cut where it is too long.
    public init(_ stage: Stage, _ code: Code, _ text: String = "") {
        self.stage = stage
        self.code = code
        let line = text.unicodeScalars.map { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: " " as Unicode.Scalar
            default: scalar
            }
        }
        self.text = String(String(String.UnicodeScalarView(line)).prefix(Self.longestText))
    }
}
