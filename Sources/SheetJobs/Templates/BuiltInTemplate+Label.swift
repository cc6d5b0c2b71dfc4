extension BuiltInTemplate {
    /// For the key itself or its bag: serial number first, as that is what people look for.
    static let labelText = """
        keyprov-template 1
        layout label
        title "{$model}"

        text x=6% y=9% w=88% h=32% size=14 bold mono valign=middle part=open "{serial}"
        text x=6% y=44% w=88% h=25% size=9 valign=middle part=open "{owner}"
        text x=6% y=71% w=62% h=20% size=7 valign=middle part=open "{model}"
        text x=60% y=71% w=34% h=20% size=7 align=right valign=middle part=open "{date}"

        qr x=2% y=4% w=43% h=92% part=secret
        text x=47% y=10% w=49% h=26% size=12 bold mono valign=middle part=secret "{serial}"
        text x=47% y=38% w=49% h=22% size=8 valign=middle part=secret "{owner}"
        text x=47% y=61% w=49% h=17% size=7 valign=middle part=secret "{model}"
        text x=47% y=78% w=49% h=16% size=7 valign=middle part=secret "{date}"
        """
}
