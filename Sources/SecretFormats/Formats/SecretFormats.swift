/// The formats this library knows.
public enum SecretFormats {
    /// The one list: commands, completions and conformance tests go through it. `recognizes` is asked in this order.
    public static let all: [any SecretFormat] = [
        OTPAuthFormat(),
        Base32Format(),
    ]

    public static func named(_ name: String) -> (any SecretFormat)? { all.first { $0.name == name } }

    /// The first format that a file with this start looks like.
    public static func recognizing(_ start: RawSpan) -> (any SecretFormat)? { all.first { $0.recognizes(start) } }
}
