// swift-tools-version: 6.2
import PackageDescription

func systemLibrary(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let package = Package(
    name: "keyprov",
    products: [
        .executable(name: "keyprov", targets: ["keyprov"]),
        .executable(name: "keyprov-pictures", targets: ["keyprov-pictures"]),
        .executable(name: "keyprov-sheets", targets: ["keyprov-sheets"]),
        .executable(name: "keyprov-print", targets: ["keyprov-print"]),
        .executable(name: "keyprov-directory", targets: ["keyprov-directory"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        systemLibrary("CLibUSB", pkgConfig: "libusb-1.0", apt: "libusb-1.0-0-dev"),
        systemLibrary("COpenSSL", pkgConfig: "libcrypto", apt: "libssl-dev"),
        systemLibrary("CQREncode", pkgConfig: "libqrencode", apt: "libqrencode-dev"),
        systemLibrary("CPNG", pkgConfig: "libpng", apt: "libpng-dev"),
        systemLibrary("CLibXML2", pkgConfig: "libxml-2.0", apt: "libxml2-dev"),
        systemLibrary("CArgon2", pkgConfig: "libargon2", apt: "libargon2-dev"),
        systemLibrary("CZBar", pkgConfig: "zbar", apt: "libzbar-dev"),
        systemLibrary("CGdkPixbuf", pkgConfig: "gdk-pixbuf-2.0", apt: "libgdk-pixbuf-2.0-dev"),
        systemLibrary("CPoppler", pkgConfig: "poppler-glib", apt: "libpoppler-glib-dev"),
        systemLibrary("CCairo", pkgConfig: "cairo", apt: "libcairo2-dev"),
        systemLibrary("CPango", pkgConfig: "pangocairo", apt: "libpango1.0-dev"),
        systemLibrary("CRSVG", pkgConfig: "librsvg-2.0", apt: "librsvg2-dev"),
        .systemLibrary(name: "CCUPS", providers: [.apt(["libcups2-dev"])]),
        systemLibrary("CLDAP", pkgConfig: "ldap", apt: "libldap-dev"),
        systemLibrary("CSodium", pkgConfig: "libsodium", apt: "libsodium-dev"),

        .target(name: "ByteBuffers"),
        .target(name: "USBTransport", dependencies: ["ByteBuffers", "CLibUSB"]),
        .target(
            name: "SecretFormats",
            dependencies: ["ByteBuffers", "CArgon2", "CLibXML2", "COpenSSL", "CPNG", "CQREncode", "CSodium"]),
        .target(name: "Sealing", dependencies: ["ByteBuffers", "COpenSSL", "SecretFormats"]),
        .target(name: "PictureExchange", dependencies: ["ByteBuffers"]),
        .target(
            name: "PictureReader", dependencies: ["ByteBuffers", "CGdkPixbuf", "CPoppler", "CZBar", "PictureExchange"]),
        // A program of its own, so that picture decoders neither slow down the start of the other one nor share its
        // memory.
        .executableTarget(
            name: "keyprov-pictures", dependencies: ["ByteBuffers", "PictureExchange", "PictureReader"]),
        // Sheets: what they say, drawn by a program of its own, printed by another.
        .target(name: "SheetJobs", dependencies: ["ByteBuffers", "SecretFormats"]),
        .target(
            name: "EnrollmentSheets",
            dependencies: ["ByteBuffers", "CCairo", "CPango", "CRSVG", "CZBar", "SecretFormats", "SheetJobs"]),
        .executableTarget(
            name: "keyprov-sheets", dependencies: ["ByteBuffers", "EnrollmentSheets", "SheetJobs"]),
        .executableTarget(name: "keyprov-print", dependencies: ["ByteBuffers", "CCUPS"]),
        // A directory of people, searched by a program of its own.
        .target(name: "DirectoryExchange", dependencies: ["ByteBuffers"]),
        .executableTarget(name: "keyprov-directory", dependencies: ["ByteBuffers", "CLDAP", "DirectoryExchange"]),
        .target(name: "KeyProvision", dependencies: ["ByteBuffers", "SecretFormats", "USBTransport"]),
        .target(
            name: "SQLiteLedger",
            dependencies: [
                "ByteBuffers", "KeyProvision", "SecretFormats", .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .target(name: "MockDevices", dependencies: ["ByteBuffers", "COpenSSL", "USBTransport"]),
        .executableTarget(
            name: "keyprov",
            dependencies: [
                "ByteBuffers", "DirectoryExchange", "KeyProvision", "MockDevices", "PictureExchange", "SQLiteLedger",
                "Sealing", "SecretFormats", "SheetJobs", "USBTransport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            resources: [.embedInCode("Profiles/BuiltIn")]),

        .target(
            name: "TestSupport", dependencies: ["ByteBuffers", "USBTransport"], path: "Tests/TestSupport"),
        // Run by Tests/VM in a guest, where there is no test runner.
        .executableTarget(
            name: "BusProbe",
            dependencies: ["ByteBuffers", "KeyProvision", "MockDevices", "SecretFormats", "USBTransport"],
            path: "Tests/VM/BusProbe"),
        .testTarget(
            name: "FormatTests",
            dependencies: ["ByteBuffers", "SecretFormats", "TestSupport"],
            resources: [.copy("Vectors")]),
        .testTarget(
            name: "PictureTests",
            dependencies: ["ByteBuffers", "PictureExchange", "PictureReader", "TestSupport"]),
        .testTarget(
            name: "SheetTests",
            dependencies: ["ByteBuffers", "CPNG", "EnrollmentSheets", "SecretFormats", "SheetJobs", "TestSupport"],
            resources: [.copy("Golden")]),
        .testTarget(
            name: "SealingTests",
            dependencies: ["ByteBuffers", "Sealing", "SecretFormats", "TestSupport"],
            resources: [.copy("Vectors")]),
        // A process for the tests of several on one ledger.
        .executableTarget(
            name: "LedgerStation", dependencies: ["KeyProvision", "SQLiteLedger", "SecretFormats"],
            path: "Tests/LedgerStation"),
        .testTarget(
            name: "LedgerTests",
            dependencies: [
                "ByteBuffers", "KeyProvision", "LedgerStation", "SQLiteLedger", "SecretFormats", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .testTarget(
            name: "RosterTests",
            dependencies: ["ByteBuffers", "DirectoryExchange", "KeyProvision", "SecretFormats", "TestSupport"]),
        .testTarget(
            name: "TransportTests",
            dependencies: ["ByteBuffers", "TestSupport", "USBTransport"],
            resources: [.copy("Vectors")]),
        .testTarget(
            name: "MockDeviceTests",
            dependencies: [
                "ByteBuffers", "KeyProvision", "MockDevices", "SecretFormats", "TestSupport", "USBTransport", "keyprov",
            ],
            resources: [.copy("Vectors")]),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "ByteBuffers", "DirectoryExchange", "KeyProvision", "MockDevices", "PictureExchange", "SQLiteLedger",
                "Sealing", "SecretFormats", "SheetJobs", "TestSupport", "USBTransport", "keyprov", "keyprov-pictures",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            resources: [.copy("Transcripts")]),
    ],
    swiftLanguageModes: [.v6]
)

// One loop for all: what the next language mode will ask for holds here already.
for target in package.targets where target.type != .system {
    var settings = target.swiftSettings ?? []
    settings += [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("ImmutableWeakCaptures"),
        .enableUpcomingFeature("InferIsolatedConformances"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .treatAllWarnings(as: .error),
    ]
    // Each call into C shows itself as `unsafe`; the macros of Swift Testing would have to as well.
    if target.type != .test { settings.append(.strictMemorySafety()) }
    target.swiftSettings = settings
}
