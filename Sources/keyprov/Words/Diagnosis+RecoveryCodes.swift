extension Diagnosis {
    init(_ error: RecoveryCodeError) {
        let place = error.line.map { "line \($0): " } ?? ""
        self.init(.badInput, "recovery codes: \(place)\(error.reason.text)")
    }
}

extension RecoveryCodes {
    static let heading = "Recovery codes, each of which works once:"
}

extension RecoveryCodeError.Reason {
    var text: String {
        switch self {
        case .character: "a character that is no letter and no digit"
        case .length(let length, let expected): "a code of \(length) characters, where all have \(expected)"
        case .repeated(let line): "the same code as on line \(line)"
        case .tooMany(let expected): "more than \(expected) codes"
        case .tooFew(let count, let expected): "\(count) of \(expected) codes"
        }
    }
}
