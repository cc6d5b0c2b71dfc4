extension BuiltInTemplate {
    /// A letter in thirds: the address shows in the window (DIN 5008 form B, and close enough to that of a US number 10
    /// envelope), the secret is on the part that is folded in.
    static let letterText = #"""
        keyprov-template 1
        layout page
        title "{$letterTitle}"

        logo x=-60 y=12 w=-20 h=18
        text x=25 y=14 w=100 h=6 size=10 bold "{issuer}"
        text x=25 y=51 w=78 h=34 size=11 part=rest "{address}"
        text x=-80 y=51 w=-20 h=5 size=10 align=right "{date}"
        rule x=4 y=33.3333% w=4

        text x=25 y=35% w=-20 h=9 size=15 bold "{$letterTitle}"
        text x=25 y=35%+11 w=-20 h=16 size=10.5 part=rest "{$letterBody}"
        rows x=25 y=35%+29.5 w=-20 h=28 size=10.5 names=account,model,serial,slot,contact
        list x=25 y=35%+60 w=-20 h=22 size=9 part=rest "{$handlingWorth}\n{$handlingKeep}\n{$handlingLost}"

        rule x=0 y=66.6666% w=0 dashed
        text x=25 y=66.6666%-4.5 w=-20 h=4 size=7.5 align=center part=rest "{$fold}"
        qr x=21 y=66.6666%+4 w=48 h=48 correction=Q part=secret
        text x=74 y=66.6666%+7 w=-20 h=5 size=9 part=secret "{$scan}"
        text x=74 y=66.6666%+12 w=-20 h=5 size=9 part=secret "{words}"
        text x=74 y=66.6666%+19 w=-20 h=5 size=9 part=secret "{$byHand}"
        text x=74 y=66.6666%+24 w=80 h=17 size=17 mono bold part=secret "{secret}"
        text x=74 y=66.6666%+41.5 w=-20 h=4 size=8 part=secret "{$alphabet}"
        text x=74 y=66.6666%+46.3 w=-20 h=4.5 size=9 bold part=secret "{$check}: {check}"
        text x=25 y=66.6666%+54 w=-20 h=4.5 size=9 bold part=secret if=codes "{$codesTitle}"
        codes x=25 y=66.6666%+59.5 w=64 h=11 size=9 part=secret
        text x=95 y=66.6666%+59.5 w=-20 h=11 size=8 part=secret if=codes "{$codesNote}"
        text x=-60 y=-10 w=-20 h=4 size=8 align=right "{$sheetOf}"
        """#
}
