/// The ids: libfido2, `udev/fidodevs`; LudovicRousseau/CCID, `supported_readers.txt`; CCID issue 196 (iShield Key 2);
/// Secalot's firmware.
extension UndrivenKey {
    public static let all = closed + described + fidoOnly

    private static let closed = [
        // Key 4 is on USB for FIDO alone, under an id that is nowhere published.
        UndrivenKey(name: "ipi-key", title: "IPI Key (Hideez Key)", reason: .filledByServer, products: [:]),
        UndrivenKey(
            name: "ishield", title: "Swissbit iShield Key 2", reason: .closed(program: "iShield Key Manager"),
            products: [0x1370: [0x0911]]),
        UndrivenKey(
            name: "feitian", title: "Feitian ePass or BioPass", reason: .closed(program: nil),
            products: [
                0x096E: [0x0850, 0x0852, 0x0853, 0x0856, 0x0858, 0x085A, 0x085B, 0x085D, 0x0866, 0x0867]
            ]),
        UndrivenKey(
            name: "trustkey", title: "TrustKey or eWBM", reason: .closed(program: nil),
            products: [0x311F: [0x4A1A, 0x4A2A, 0x4C2A, 0x5C2F, 0xA6E9, 0xA7F9, 0xF47C]]),
        UndrivenKey(
            name: "thetis", title: "Thetis key", reason: .closed(program: "Thetis Manager"),
            products: [0x1EA8: [0xF025, 0xFC25]]),
        UndrivenKey(
            name: "gotrust", title: "GoTrust Idem Key", reason: .closed(program: nil),
            products: [0x32A3: [0x3201], 0x1FC9: [0xF143]]),
    ]

    /// What is missing to drive each:
    ///
    /// - Crescendo: ISO 7816-3 blocks of T=1 above TPDUs; what the bytes for mode, time step and hash mean.
    /// - hyperFIDO: with which counter a new secret begins; it tells no code that would show it. The rest was watched from outside
    ///   (casept/hyperhotp): HOTP of 20 bytes into one place over U2FHID, at a press of the button, and a serial number of eight
    ///   letters that is written with it and can be read back.
    /// - Mooltipass BLE: a list of what is on it that can be had without a confirmation for each. A write is confirmed on the
    ///   device, and so is each code that is asked for.
    /// - Secalot: a way to know that a key was taken. It tells digits and type, before a key was set as well
    ///   (secalot.firmware, `otp/src/core/otpCore.c`). It is no longer made.
    private static let described = [
        UndrivenKey(
            name: "crescendo", title: "HID Crescendo Key", reason: .needsBlockProtocol,
            products: [0x09C3: [0x0028, 0x0029, 0x002B, 0x002D]]),
        UndrivenKey(
            name: "hyperfido", title: "Hypersecu hyperFIDO", reason: .unknownFirstCounter,
            products: [0x2CCF: [0x0854], 0x096E: [0x0854]]),
        UndrivenKey(
            name: "mooltipass", title: "Mooltipass BLE", reason: .listsNothing, products: [0x1209: [0x4321]]),
        UndrivenKey(
            name: "secalot", title: "Secalot", reason: .listsNothing, products: [0x1209: [0x7000]]),
    ]

    private static let fidoOnly = [
        UndrivenKey(
            name: "security-key", title: "Security Key by Yubico", reason: .withoutOneTimePasswords,
            products: [0x1050: [0x0120]]),
        UndrivenKey(
            name: "nitrokey-fido", title: "Nitrokey Passkey or FIDO2", reason: .withoutOneTimePasswords,
            products: [0x20A0: [0x42F3, 0x42B1, 0x4287]]),
        UndrivenKey(
            name: "titan", title: "Google Titan", reason: .withoutOneTimePasswords, products: [0x18D1: [0x5026]]),
        UndrivenKey(
            name: "hyperfido-u2f", title: "Hypersecu hyperFIDO (FIDO only)", reason: .withoutOneTimePasswords,
            products: [0x2CCF: [0x0880], 0x096E: [0x0880]]),
    ]
}
