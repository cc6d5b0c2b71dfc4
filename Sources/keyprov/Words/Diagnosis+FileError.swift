import Glibc

extension Diagnosis {
    init(_ error: FileError) {
        switch (error.operation, error.number) {
        case (_, EINTR): self = .interrupted
        case (.read, _) where MistakenSecret.isLikely(error.path):
            self.init(
                .inputOutput, "cannot read a file whose name looks like a secret: \(error.reason.lowercased())",
                hints: [MistakenSecret.hint])
        case (.create, EEXIST):
            self.init(
                .inputOutput, "'\(error.path)' exists already", hints: ["nothing is overwritten: choose another name"])
        case (_, EACCES), (_, EPERM): self.init(.noPermission, Self.text(error))
        default: self.init(.inputOutput, Self.text(error))
        }
    }

    private static func text(_ error: FileError) -> String {
        "cannot \(error.operation.rawValue) '\(error.path)': \(error.reason.lowercased())"
    }
}
