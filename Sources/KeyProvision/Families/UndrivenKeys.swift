/// The ids: libfido2, `udev/fidodevs`; LudovicRousseau/CCID, `supported_readers.txt`; CCID issue 196 (iShield Key 2);
/// Secalot's firmware; TurtlPass's, `platformio.ini`. For boot loaders also usb.ids and pid.codes.
extension UndrivenKey {
    /// A vendor goes behind all products.
    public static let all = closed + described + madeForElse + bootLoaders + vendors

    private static let closed = [
        // Key 4 is on USB for FIDO alone, under an id that is nowhere published.
        UndrivenKey(name: "ipi-key", title: "IPI Key (Hideez Key)", reason: .filledByServer),
        UndrivenKey(
            name: "ishield", title: "Swissbit iShield Key 2", reason: .closed(program: "iShield Key Manager"),
            products: [0x1370: [0x0911]]),
        UndrivenKey(
            name: "feitian", title: "Feitian ePass or BioPass", reason: .closed(program: nil),
            products: [
                0x096E: [0x0850, 0x0852, 0x0853, 0x0856, 0x0858, 0x085A, 0x085B, 0x085D, 0x0866, 0x0867, 0x0868]
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
        UndrivenKey(
            name: "etoken", title: "Thales SafeNet eToken", reason: .closed(program: nil),
            products: [0x0529: [0x0602, 0x0620], 0x08E6: [0x34CC, 0x34CE, 0x34CF, 0x34D2]]),
        // None is in the lists of ids; those of Identiv's readers are no keys.
        UndrivenKey(
            name: "ishield-pro", title: "Swissbit iShield Key Pro", reason: .closed(program: "iShield Key Manager")),
        UndrivenKey(name: "identiv", title: "Identiv uTrust FIDO2", reason: .closed(program: nil)),
        UndrivenKey(name: "deepnet", title: "Deepnet SafeKey", reason: .closed(program: nil)),
    ]

    /// What is missing to drive each:
    ///
    /// - Crescendo: ISO 7816-3 blocks of T=1 above TPDUs; what the bytes for mode, time step and hash mean.
    /// - hyperFIDO: with which counter a new secret begins; it tells no code that would show it. The rest was watched from outside
    ///   (casept/hyperhotp): HOTP of 20 bytes into one place over U2FHID, at a press of the button, and a serial number of eight
    ///   letters that is written with it and can be read back.
    /// - Secalot: a way to know that a key was taken. It tells digits and type, before a key was set as well
    ///   (secalot.firmware, `otp/src/core/otpCore.c`). It is no longer made. The second id is its boot loader's, which to leave
    ///   is of no use here.
    /// - OnlyKey on a Teensy board: where such an early firmware answers, and whether as the later ones do. It has no interface of
    ///   usage FFAB:02 (trustcrypto/OnlyKey-Firmware, `usb_desc.h` of 2016).
    private static let described = [
        UndrivenKey(
            name: "crescendo", title: "HID Crescendo Key", reason: .needsBlockProtocol,
            products: [0x09C3: [0x0028, 0x0029, 0x002B, 0x002D]]),
        UndrivenKey(
            name: "hyperfido", title: "Hypersecu hyperFIDO", reason: .unknownFirstCounter,
            products: [0x2CCF: [0x0854], 0x096E: [0x0854]]),
        UndrivenKey(
            name: "secalot", title: "Secalot", reason: .listsNothing, products: [0x1209: [0x7000, 0x7001]]),
        UndrivenKey(
            name: "teensy", title: "Teensy board", reason: .board(key: "one of the first OnlyKeys"),
            products: [0x16C0: [0x0486]]),
    ]

    private static let madeForElse = [
        UndrivenKey(
            name: "security-key", title: "Security Key by Yubico", reason: .withoutOneTimePasswords(madeFor: .fido),
            products: [0x1050: [0x0120]]),
        // 42F4 is the boot loader of the Passkey.
        UndrivenKey(
            name: "nitrokey-fido", title: "Nitrokey Passkey or FIDO2",
            reason: .withoutOneTimePasswords(madeFor: .fido), products: [0x20A0: [0x42F3, 0x42F4, 0x42B1, 0x4287]]),
        UndrivenKey(
            name: "titan", title: "Google Titan", reason: .withoutOneTimePasswords(madeFor: .fido),
            products: [0x18D1: [0x5026]]),
        UndrivenKey(
            name: "hyperfido-u2f", title: "Hypersecu hyperFIDO (FIDO only)",
            reason: .withoutOneTimePasswords(madeFor: .fido), products: [0x2CCF: [0x0880], 0x096E: [0x0880]]),
        // Firmware before 3.0 kept secrets for one-time passwords, under the ids of whatever board it ran on
        // (TurtlPass/turtlpass-protobuf, `PROTOCOL.md`).
        UndrivenKey(
            name: "turtlpass", title: "TurtlPass", reason: .withoutOneTimePasswords(madeFor: .passwords),
            products: [0x1209: [0xFA55]]),
    ]

    /// Of keys that are driven otherwise.
    ///
    /// - Nitrokey 3: pynitrokey, `cli/trussed`. One id for each of its two chips.
    /// - Nitrokey Pro: pynitrokey, `cli/pro.py`, which has a command for updating and none for leaving.
    /// - Solo 2: solo2-cli, `README.md`.
    /// - NXP's is in the ROM of the LPC55 that Solo 2 and Nitrokey 3 are made with; a key that its maker gave no ids of its own
    ///   shows it (lpc55-host; nitrokey-3-firmware), as do mice with such a chip.
    /// - Atmel's is that of the UC3 (libnitrokey, `NK_C_API.h`), which audio devices use as well.
    private static let bootLoaders = [
        UndrivenKey(
            name: "nitrokey3-boot", title: "Nitrokey 3", reason: .bootLoader(start: "nitropy nk3 reboot"),
            products: [0x20A0: [0x42DD, 0x42E8]]),
        UndrivenKey(
            name: "nitrokey-pro-boot", title: "Nitrokey Pro", reason: .bootLoader(start: nil),
            products: [0x20A0: [0x42B4]]),
        UndrivenKey(
            name: "solo2-boot", title: "Solo 2", reason: .bootLoader(start: "solo2 bootloader reboot"),
            products: [0x1209: [0xB000]]),
        UndrivenKey(
            name: "nxp-boot", title: "NXP boot loader",
            reason: .bootLoaderOfChip(keys: "Solo 2 or Nitrokey 3", start: nil), products: [0x1FC9: [0x0021]]),
        UndrivenKey(
            name: "atmel-boot", title: "Atmel boot loader",
            reason: .bootLoaderOfChip(keys: "Nitrokey Storage", start: "dfu-programmer at32uc3a3256s launch"),
            products: [0x03EB: [0x2FF1]]),
    ]

    /// Feitian makes keys for many brands, each under product ids of its own, and readers and dongles as well.
    private static let vendors = [
        UndrivenKey(name: "feitian-other", title: "Feitian device", reason: .closed(program: nil), vendor: 0x096E)
    ]
}
