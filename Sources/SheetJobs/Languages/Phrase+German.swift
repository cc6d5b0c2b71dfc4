extension Phrase {
    var german: String {
        switch self {
        case .title: "Ausgabeblatt"
        case .subtitle: "Schlüssel für Einmalkennwörter"
        case .sheetOf: "Blatt {n} von {m}"
        case .pageOf: "Seite {page}"
        case .account: "Konto"
        case .issuer: "Dienst"
        case .owner: "Ausgegeben an"
        case .model: "Schlüssel"
        case .serial: "Seriennummer"
        case .slot: "Speicherplatz"
        case .date: "Datum"
        case .contact: "Fragen an"
        case .check: "Prüfwert"
        case .number: "Nr."
        case .received: "Erhalten (Unterschrift)"
        case .typeTOTP: "Zeitbasiert (TOTP)"
        case .typeHOTP: "Zählerbasiert (HOTP)"
        case .digitsCount: "{digits} Stellen"
        case .everySeconds: "neuer Code alle {period} Sekunden"
        case .fromCounter: "beginnt bei Zähler {counter}"
        case .fold: "Hier falten, das Geheimnis nach innen"
        case .secretTitle: "Geheimnis"
        case .scan: "Den Code scannen, wo das Konto danach fragt"
        case .byHand: "oder das Geheimnis eintippen"
        case .alphabet:
            "Nur die Buchstaben A bis Z und die Ziffern 2 bis 7. Was wie 0, 1 oder 8 aussieht, ist O, I oder B."
        case .elsewhere: "auf dem Blatt mit dem Geheimnis"
        case .codesTitle: "Richtig getippt?"
        case .codesNote: "Das richtige Geheimnis ergibt diese Codes. Sie sind vergangen und öffnen nichts."
        case .atCounter: "Zähler {counter}"
        case .fieldsTitle: "Felder des Kontos"
        case .recoveryTitle: "Wiederherstellungscodes"
        case .recoveryNote: "Jeder gilt einmal. Nach Gebrauch durchstreichen."
        case .handlingTitle: "Umgang mit diesem Blatt"
        case .handlingWorth:
            "Wer das Geheimnis liest, kann die Codes des Schlüssels erzeugen. Das Blatt ist so viel wert wie der Schlüssel."
        case .handlingKeep:
            "Gefaltet und verschlossen halten, bis das Konto eingerichtet ist, dann vernichten. Nicht kopieren, nicht fotografieren."
        case .handlingLost:
            "Ist es verloren oder kam es offen an, sofort melden: Der Schlüssel bekommt dann ein neues Geheimnis."
        case .letterTitle: "Ihr Schlüssel für Einmalkennwörter"
        case .letterBody:
            "Mit diesem Brief erhalten Sie die Daten Ihres Schlüssels. Unter dem zweiten Falz steht das Geheimnis, aus dem der Schlüssel seine Codes erzeugt. Es wird einmal gebraucht, wenn das Konto eingerichtet wird."
        case .inventoryTitle: "Ausgegebene Schlüssel"
        }
    }
}
