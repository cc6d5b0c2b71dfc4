extension Phrase {
    var french: String {
        switch self {
        case .title: "Fiche de remise"
        case .subtitle: "Clé pour mots de passe à usage unique"
        case .sheetOf: "Fiche {n} sur {m}"
        case .pageOf: "Page {page}"
        case .account: "Compte"
        case .issuer: "Service"
        case .owner: "Remise à"
        case .model: "Clé"
        case .serial: "Numéro de série"
        case .slot: "Emplacement"
        case .date: "Date"
        case .contact: "Questions à"
        case .check: "Valeur de contrôle"
        case .number: "N°"
        case .received: "Reçu (signature)"
        case .typeTOTP: "Selon l’heure (TOTP)"
        case .typeHOTP: "Selon un compteur (HOTP)"
        case .digitsCount: "{digits} chiffres"
        case .everySeconds: "nouveau code toutes les {period} secondes"
        case .fromCounter: "à partir du compteur {counter}"
        case .fold: "Plier ici, le secret à l’intérieur"
        case .secretTitle: "Secret"
        case .scan: "Scanner le code là où le compte le demande"
        case .byHand: "ou saisir le secret"
        case .alphabet:
            "Uniquement les lettres A à Z et les chiffres 2 à 7. Ce qui ressemble à 0, 1 ou 8 est O, I ou B."
        case .elsewhere: "sur la fiche du secret"
        case .codesTitle: "Saisie correcte ?"
        case .codesNote: "Le bon secret donne ces codes. Ils sont passés et n’ouvrent rien."
        case .atCounter: "compteur {counter}"
        case .fieldsTitle: "Champs du compte"
        case .recoveryTitle: "Codes de secours"
        case .recoveryNote: "Chacun ne sert qu’une fois. Le rayer après usage."
        case .handlingTitle: "Que faire de cette fiche"
        case .handlingWorth:
            "Qui lit le secret peut produire les codes de la clé. Cette fiche vaut autant que la clé."
        case .handlingKeep:
            "À garder pliée et scellée jusqu’à la création du compte, puis à détruire. Ni copie, ni photo."
        case .handlingLost:
            "Si elle est perdue, ou vous est parvenue ouverte, le signaler aussitôt : la clé recevra un nouveau secret."
        case .letterTitle: "Votre clé pour mots de passe à usage unique"
        case .letterBody:
            "Cette lettre contient les données de votre clé. Sous le second pli se trouve le secret dont la clé tire ses codes. Il sert une seule fois, à la création du compte."
        case .inventoryTitle: "Clés remises"
        }
    }
}
