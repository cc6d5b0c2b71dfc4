extension LabelStock {
    /// Sheets as `share/labels/labels.xml` of LibreOffice 7.4 has them, in hundredths of a millimeter; glabels-data 3.4
    /// (`avery-iso`, `avery-us` and `zweckform-iso-templates.xml`) agrees within 0.2 mm but for the columns of 5160, where
    /// it leaves 5/32 of an inch between labels, and Avery and LibreOffice 1/8. American ones are thirty-seconds and
    /// sixteenths of an inch, converted. Rolls lie as they are read, with the long side across: Dymo's as in glabels-data
    /// (`dymo-other-templates.xml`), Brother's as in `labels.py` of brother_ql 0.9.
    public static let all: [LabelStock] = [
        .sheet(
            "Avery Zweckform", "L4732", .a4, 5, 16, size: (35.56, 16.93), margin: (11.02, 12.99), pitch: (38.1, 16.93)),
        .sheet(
            "Avery Zweckform", "L4736", .a4, 4, 12, size: (45.72, 21.17), margin: (9.75, 21.41), pitch: (48.26, 21.17)),
        .sheet("Avery Zweckform", "3475", .a4, 3, 8, size: (70, 36), margin: (0, 4.43), pitch: (70, 36)),
        .sheet("Avery", "L7651", .a4, 5, 13, size: (38.1, 21.17), margin: (4.67, 10.9), pitch: (40.64, 21.17)),
        .sheet("Avery", "L7160", .a4, 3, 7, size: (63.5, 38.1), margin: (7.2, 15.15), pitch: (66.04, 38.1)),
        .sheet("Avery", "L7162", .a4, 2, 8, size: (99.06, 33.87), margin: (4.67, 13.02), pitch: (101.6, 33.87)),
        .sheet("Avery", "L7163", .a4, 2, 7, size: (99.06, 38.1), margin: (4.67, 15.15), pitch: (101.6, 38.1)),
        .sheet("Avery", "5160", .letter, 3, 10, size: (66.675, 25.4), margin: (4.7625, 12.7), pitch: (69.85, 25.4)),
        .sheet("Avery", "5161", .letter, 2, 10, size: (101.6, 25.4), margin: (3.96875, 12.7), pitch: (106.3625, 25.4)),
        .sheet("Avery", "5163", .letter, 2, 5, size: (101.6, 50.8), margin: (3.96875, 12.7), pitch: (106.3625, 50.8)),
        .sheet("Avery", "5167", .letter, 4, 20, size: (44.45, 12.7), margin: (7.14375, 12.7), pitch: (52.3875, 12.7)),
        .roll("Dymo", "11352", 54, 25),
        .roll("Dymo", "11354", 57, 32),
        .roll("Dymo", "99010", 89, 28),
        .roll("Dymo", "99012", 89, 36),
        .roll("Dymo", "99014", 101, 54),
        .roll("Brother", "DK-11201", 90, 29),
        .roll("Brother", "DK-11204", 54, 17),
        .roll("Brother", "DK-11209", 62, 29),
    ]
}
