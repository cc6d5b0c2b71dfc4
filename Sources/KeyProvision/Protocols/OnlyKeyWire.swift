import USBTransport

/// Numbers and words of the OnlyKey's messages, under the names of its firmware and of its client (trustcrypto/libraries,
/// `okcore.cpp`; trustcrypto/python-onlykey, `client.py`).
enum OnlyKeyWire {
    static let vendor: UInt16 = 0x1D50
    static let product: UInt16 = 0x60FC

    /// The interface that answers.
    static let usage = HIDUsage(page: 0xFFAB, id: 0x02)
    static let reportLength = 64
    static let header: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]

    enum Message {
        static let setTime: UInt8 = 0xE4
        static let getLabels: UInt8 = 0xE5
        static let setSlot: UInt8 = 0xE6
        static let wipeSlot: UInt8 = 0xE7
    }

    enum Field {
        static let label: UInt8 = 1
        static let totpKey: UInt8 = 9
    }

    static let longestLabel = 16
    static let longestKey = 57

    /// Slots 1a to 6a, then 1b to 6b.
    static let slots = 1...12
    /// The Duo's: six under each of four colors.
    static let duoSlots = 1...24

    enum Answer {
        static let uninitialized = "UNINITIALIZED"
        /// Initialized, and waiting for its PIN.
        static let locked = "INITIALIZED"
        static let unlocked = "UNLOCKED"
        static let success = "Successfully"
        static let error = "Error"
        static let errorLocked = "Error device locked"
        static let errorUninitialized = "Error OnlyKey must be initialized first"
    }

    /// The letter behind the firmware version: which hardware it is.
    enum Hardware {
        static let duoWithPIN: Character = "p"
        static let duoWithoutPIN: Character = "n"
    }
}
