extension Phrase {
    var english: String {
        switch self {
        case .title: "Enrollment sheet"
        case .subtitle: "One-time password key"
        case .sheetOf: "Sheet {n} of {m}"
        case .pageOf: "Page {page}"
        case .account: "Account"
        case .issuer: "Service"
        case .owner: "Handed to"
        case .model: "Key"
        case .serial: "Serial number"
        case .slot: "Slot"
        case .date: "Date"
        case .contact: "Questions to"
        case .check: "Check value"
        case .number: "No."
        case .received: "Received (signature)"
        case .typeTOTP: "Time-based (TOTP)"
        case .typeHOTP: "Counter-based (HOTP)"
        case .digitsCount: "{digits} digits"
        case .everySeconds: "new code every {period} seconds"
        case .fromCounter: "starts at counter {counter}"
        case .fold: "Fold here, the secret inside"
        case .secretTitle: "Secret"
        case .scan: "Scan the code where the account asks for it"
        case .byHand: "or type the secret"
        case .alphabet: "Only the letters A to Z and the digits 2 to 7. What looks like 0, 1 or 8 is O, I or B."
        case .elsewhere: "on the sheet with the secret"
        case .codesTitle: "Was it typed right?"
        case .codesNote: "The right secret makes these codes. They are past and open nothing."
        case .atCounter: "counter {counter}"
        case .fieldsTitle: "Fields of the account"
        case .recoveryTitle: "Recovery codes"
        case .recoveryNote: "Each works once. Cross it out when it is used."
        case .handlingTitle: "How to handle this sheet"
        case .handlingWorth:
            "Whoever reads the secret can make the codes of the key. The sheet is worth as much as the key."
        case .handlingKeep:
            "Keep it folded and sealed until the account is set up, then destroy it. Make no copy and no photo."
        case .handlingLost:
            "If it is lost, or was open when it reached you, say so at once: the key then gets a new secret."
        case .letterTitle: "Your key for one-time passwords"
        case .letterBody:
            "With this letter you receive the data of your key. The part below the second fold holds the secret from which the key makes its codes. It is needed once, when the account is set up."
        case .inventoryTitle: "Keys handed out"
        }
    }
}
