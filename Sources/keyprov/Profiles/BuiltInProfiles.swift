/// The files of the folder `BuiltIn`, which the build puts into the program.
enum BuiltInProfiles {
    struct File: Sendable {
        let name: String
        /// A closure, so that only the file that is asked for is unpacked.
        let text: @Sendable () -> [UInt8]
    }

    static let all: [File] = [
        File(name: "authy") { PackageResources.authy_profile },
        File(name: "generic") { PackageResources.generic_profile },
        File(name: "google-authenticator") { PackageResources.google_authenticator_profile },
        File(name: "hes-3.6") { PackageResources.hes_3_6_profile },
        File(name: "hes-3.8") { PackageResources.hes_3_8_profile },
        File(name: "ies") { PackageResources.ies_profile },
        File(name: "ies-2fa") { PackageResources.ies_2fa_profile },
        File(name: "ies-account") { PackageResources.ies_account_profile },
        File(name: "ipi-authenticator") { PackageResources.ipi_authenticator_profile },
        File(name: "ipi-client") { PackageResources.ipi_client_profile },
        File(name: "ipi-key") { PackageResources.ipi_key_profile },
        File(name: "lastpass-authenticator") { PackageResources.lastpass_authenticator_profile },
        File(name: "microsoft-authenticator") { PackageResources.microsoft_authenticator_profile },
        File(name: "pexip-control-center") { PackageResources.pexip_control_center_profile },
        File(name: "pexip-partner-analytics") { PackageResources.pexip_partner_analytics_profile },
        File(name: "pexip-partner-portal") { PackageResources.pexip_partner_portal_profile },
        File(name: "provconnect") { PackageResources.provconnect_profile },
    ]
}
