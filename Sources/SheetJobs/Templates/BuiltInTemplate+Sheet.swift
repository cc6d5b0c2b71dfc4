extension BuiltInTemplate {
    /// Above the fold who has which key and how to handle the sheet, below it the secret.
    static let sheetText = #"""
        keyprov-template 1
        layout page
        title "{$title}"

        # Head
        text x=20 y=13 w=100 h=5 size=9 "{issuer}"
        text x=-70 y=13 w=-20 h=5 size=9 align=right "{$sheetOf}"
        rule x=20 y=19.5 w=-20 thickness=0.35
        logo x=-60 y=24 w=-20 h=16

        # Who, and which key
        text x=20 y=24.5 w=125 h=12 size=24 bold "{$title}"
        text x=20 y=37 w=125 h=7 size=12 "{$subtitle}"
        rows x=20 y=50 w=-20 h=46 size=11 names=owner,issuer,account,model,serial,slot,date

        # What to do with it
        text x=20 y=101 w=-20 h=6 size=11 bold "{$handlingTitle}"
        list x=20 y=107.5 w=-20 h=21 size=9.5 "{$handlingWorth}\n{$handlingKeep}\n{$handlingLost}"
        text x=20 y=129 w=-20 h=5 size=9.5 "{$contact}: {contact}"

        # The fold
        rule x=0 y=50% w=0 dashed
        text x=20 y=50%-4.5 w=-20 h=4 size=7.5 align=center part=rest "{$fold}"

        # The secret
        text x=20 y=50%+6 w=50 h=8 size=15 bold part=secret "{$secretTitle}"
        text x=76 y=50%+7.5 w=-20 h=6 size=11 bold part=secret "{account}"
        qr x=16.5 y=50%+13.5 w=54 h=54 correction=Q part=secret
        text x=76 y=50%+16.5 w=-20 h=5 size=9 part=secret "{$scan}"
        text x=76 y=50%+22 w=-20 h=5 size=9 part=secret "{words}"
        text x=76 y=50%+30.5 w=-20 h=5 size=9 part=secret "{$byHand}"
        text x=76 y=50%+36 w=85 h=18 size=18 mono bold part=secret "{secret}"
        text x=76 y=50%+53.5 w=-20 h=4.2 size=8 part=secret "{$alphabet}"
        text x=76 y=50%+59 w=-20 h=5 size=9 bold part=secret "{$check}: {check}"

        # The account's form, and codes to check the typing by
        rule x=20 y=50%+70 w=-20 if=fields
        text x=20 y=50%+72.5 w=98 h=5 size=10 bold if=fields "{$fieldsTitle}"
        fields x=20 y=50%+79 w=104 h=37 size=9
        text x=126 y=50%+72.5 w=-20 h=5 size=10 bold part=secret if=codes "{$codesTitle}"
        codes x=126 y=50%+79 w=-20 h=12 size=9 part=secret
        text x=126 y=50%+90.5 w=-20 h=9 size=8 part=secret if=codes "{$codesNote}"
        text x=20 y=50%+117 w=40 h=5 size=10 bold part=secret if=recovery "{$recoveryTitle}"
        text x=62 y=50%+117.5 w=-20 h=4.5 size=8 part=secret if=recovery "{$recoveryNote}"
        recovery x=20 y=50%+122.5 w=-20 h=10 size=9 part=secret
        """#
}
