extension LabelStock {
    /// Sizes as the makers state them on their boxes and in their templates; American ones are thirty-seconds and
    /// sixteenths of an inch, converted. Rolls lie as they are read, with the long side across.
    public static let all: [LabelStock] = [
        .sheet("Avery Zweckform", "L4732", .a4, 5, 16, size: (35.6, 16.9), margin: (11, 13.3), pitch: (38.1, 16.9)),
        .sheet("Avery Zweckform", "L4736", .a4, 4, 12, size: (45.7, 21.2), margin: (9.7, 21.5), pitch: (48.3, 21.2)),
        .sheet("Avery Zweckform", "3475", .a4, 3, 8, size: (70, 36), margin: (0, 4.5), pitch: (70, 36)),
        .sheet("Avery", "L7651", .a4, 5, 13, size: (38.1, 21.2), margin: (4.7, 10.9), pitch: (40.6, 21.2)),
        .sheet("Avery", "L7160", .a4, 3, 7, size: (63.5, 38.1), margin: (7.2, 15.15), pitch: (66.05, 38.1)),
        .sheet("Avery", "L7162", .a4, 2, 8, size: (99.1, 33.9), margin: (4.65, 12.9), pitch: (101.6, 33.9)),
        .sheet("Avery", "L7163", .a4, 2, 7, size: (99.1, 38.1), margin: (4.65, 15.15), pitch: (101.6, 38.1)),
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
