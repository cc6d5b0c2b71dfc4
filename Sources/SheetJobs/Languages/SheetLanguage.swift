/// A language in which sheets are printed.
public enum SheetLanguage: String, CaseIterable, Sendable {
    case english = "en"
    case german = "de"
    case french = "fr"
    case ukrainian = "uk"

    public func text(of phrase: Phrase) -> String {
        switch self {
        case .english: phrase.english
        case .german: phrase.german
        case .french: phrase.french
        case .ukrainian: phrase.ukrainian
        }
    }
}

/// A text of the shipped templates; a template says `{$title}` for it. In some of them values stand, as in a template.
public enum Phrase: String, CaseIterable, Sendable {
    case title, subtitle, sheetOf, pageOf
    // Names of values
    case account, issuer, owner, model, serial, slot, date, contact, check, number, received
    // What the credential is
    case typeTOTP, typeHOTP, digitsCount, everySeconds, fromCounter
    // The secret's part of a page
    case fold, secretTitle, scan, byHand, alphabet, elsewhere
    case codesTitle, codesNote, atCounter, fieldsTitle, recoveryTitle, recoveryNote
    // What to do with the page
    case handlingTitle, handlingWorth, handlingKeep, handlingLost
    case letterTitle, letterBody, inventoryTitle
}
