extension BuiltInTemplate {
    /// Who has which key, to be signed. It never has a secret.
    static let inventoryText = """
        keyprov-template 1
        layout list
        title "{$inventoryTitle}"

        text x=15 y=13 w=130 h=9 size=17 bold "{$inventoryTitle}"
        text x=-70 y=16 w=-15 h=5 size=9 align=right "{$pageOf}"
        logo x=-50 y=8 w=-15 h=7
        table x=15 y=27 w=-15 h=-15 size=9 columns=number,owner,account,model,serial,date,received
        """
}
