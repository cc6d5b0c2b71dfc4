/// Numbers of the Molto2's commands, under the names of its maker's specification (token2/molto2-tools,
/// `docs/MOLTO2-PROTOCOL.md`).
enum Molto2Wire {
    static let vendor: UInt16 = 0x349E
    static let product: UInt16 = 0x0300
    static let earlyVendor: UInt16 = 0x1EA8
    static let earlyProduct: UInt16 = 0x800F

    static let plainClass: UInt8 = 0x80
    static let secureClass: UInt8 = 0x84

    enum Instruction {
        static let readPublicData: UInt8 = 0x41
        static let getChallenge: UInt8 = 0x4B
        static let answerChallenge: UInt8 = 0xCE
        static let writeSeed: UInt8 = 0xC5
        static let writeConfiguration: UInt8 = 0xD4
        static let writeTitle: UInt8 = 0xD5
        static let deleteSeed: UInt8 = 0xE6
    }

    enum Tag {
        static let publicData: UInt8 = 0x95
        static let seedInfo: UInt8 = 0x70
        static let systemConfiguration: UInt8 = 0x81
        static let screenTimeout: UInt8 = 0x1F
        static let utcTime: UInt8 = 0x0F
        static let totpParameters: UInt8 = 0x86
        static let totpHMAC: UInt8 = 0x0A
        static let codeLength: UInt8 = 0x0B
        static let timeStep: UInt8 = 0x0D
    }

    /// P1 of each command, where it is not zero.
    enum P1 {
        static let challengeLength: UInt8 = 0x08
        static let seed: UInt8 = 0x01
        static let configuration: UInt8 = 0x01
    }

    static let profiles = 0...99
    static let longestTitle = 12
    static let longestSeed = 63
    static let challengeLength = 8
    static let macLength = 4
    /// Of a wrong customer key.
    static let mostTries = 10
    static let paddingMark: UInt8 = 0x80

    static let sha1: UInt8 = 1
    static let sha256: UInt8 = 2
    /// Seconds that the screen stays on: 15, 30, 60 and 120 are 0 to 3.
    static let screenOn30Seconds: UInt8 = 1

    /// The customer key of a new device.
    static let defaultCustomerKey = "TOKEN2MOLTO1-KEY"
}
