import ByteBuffers
import CLDAP
import DirectoryExchange
import Glibc

/// A connection to a server, encrypted unless the request says otherwise.
@safe final class Directory {
    let handle: OpaquePointer

    /// Seconds until a server that says nothing is given up.
    private static let connectSeconds = 15
    private static let answerSeconds = 60
    /// What Debian trusts by default (ca-certificates).
    private static let systemAuthorities = "/etc/ssl/certs/ca-certificates.crt"

    /// Connects.
    init(_ request: DirectoryRequest) throws(DirectoryFailure) {
        var created: OpaquePointer?
        let code = unsafe ldap_initialize(&created, request.url)
        guard let created = unsafe created, code == LDAP_SUCCESS else {
            throw DirectoryFailure(.setup, .init(rawValue: code))
        }
        unsafe handle = created
        try setOptions(request)
        if request.isLocal {
            try connect(.connecting)
        } else if request.isEncrypted {
            // One call connects and encrypts; only a failed handshake has a text.
            try connect(.encrypting)
        } else {
            try connect(.connecting)
            if request.startsTLS { try check(unsafe ldap_start_tls_s(handle, nil, nil), .encrypting) }
        }
    }

    deinit { _ = unsafe ldap_unbind_ext_s(handle, nil, nil) }

    private func connect(_ stage: DirectoryFailure.Stage) throws(DirectoryFailure) {
        let code = unsafe ldap_connect(handle)
        guard code != LDAP_SUCCESS else { return }
        let text = diagnosticText
        throw DirectoryFailure(text.isEmpty ? .connecting : stage, .init(rawValue: code), text)
    }

    private func setOptions(_ request: DirectoryRequest) throws(DirectoryFailure) {
        try set(LDAP_OPT_PROTOCOL_VERSION, to: Int32(LDAP_VERSION3))
        // A server that is referred to would be sent the password, and was not chosen by anybody here.
        try check(unsafe ldap_set_option(handle, LDAP_OPT_REFERRALS, nil), .setup)
        try set(LDAP_OPT_NETWORK_TIMEOUT, to: timeval(tv_sec: Self.connectSeconds, tv_usec: 0))
        try set(LDAP_OPT_TIMEOUT, to: timeval(tv_sec: Self.answerSeconds, tv_usec: 0))
        if request.isEncrypted || request.startsTLS, !request.isLocal { try setEncryption(request) }
    }

    private func setEncryption(_ request: DirectoryRequest) throws(DirectoryFailure) {
        try set(LDAP_OPT_X_TLS_REQUIRE_CERT, to: Int32(LDAP_OPT_X_TLS_HARD))
        try set(LDAP_OPT_X_TLS_PROTOCOL_MIN, to: Int32(kp_ldap_tls12()))
        let authorities = request.authorityFile ?? Self.systemAuthorities
        try check(unsafe ldap_set_option(handle, LDAP_OPT_X_TLS_CACERTFILE, authorities), .setup)
        // The settings so far become those of this connection; a file that holds no certificate shows here.
        try set(LDAP_OPT_X_TLS_NEWCTX, to: Int32(0), .encrypting)
        guard let identity = request.identity else { return }
        try check(unsafe ldap_set_option(handle, LDAP_OPT_X_TLS_CERTFILE, identity.certificateFile), .setup)
        try check(unsafe ldap_set_option(handle, LDAP_OPT_X_TLS_KEYFILE, identity.keyFile), .setup)
        // Anew, so that what is wrong with these is told from what is wrong with those.
        try set(LDAP_OPT_X_TLS_NEWCTX, to: Int32(0), .identifying)
    }

    private func set<Value: BitwiseCopyable>(
        _ option: Int32, to value: Value, _ stage: DirectoryFailure.Stage = .setup
    ) throws(DirectoryFailure) {
        var value = value
        try check(unsafe ldap_set_option(handle, option, &value), stage)
    }

    /// Anonymous without a name; SASL EXTERNAL (RFC 4422 appendix A) where the socket, or a certificate of ours, tells who it is.
    func bind(_ request: DirectoryRequest, password: WipedBuffer) throws(DirectoryFailure) {
        guard let name = request.bindName else {
            guard request.isLocal || request.identity != nil else { return }
            return try check(bind(name: nil, mechanism: "EXTERNAL", WipedBuffer()), .binding)
        }
        // A name without a password would be let in as nobody, and look like a success (RFC 4513 section 5.1.2).
        guard !password.isEmpty else { throw DirectoryFailure(.binding, .inappropriateAuthentication) }
        try check(bind(name: name, mechanism: nil, password), .binding)
    }

    /// - Parameter mechanism: of SASL; nil for a name and its password.
    private func bind(name: String?, mechanism: String?, _ secret: WipedBuffer) -> Int32 {
        let count = secret.count
        // A value of no bytes is sent as such, where a missing one would have the server ask for it.
        let text = WipedBuffer(capacity: count + 1)
        text.append(contentsOf: secret)
        text.append(0)
        return text.withBytes { bytes in
            unsafe bytes.withUnsafeBytes { bytes in
                let start = unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress)
                var credential = unsafe berval(
                    bv_len: ber_len_t(count), bv_val: start?.assumingMemoryBound(to: CChar.self))
                return unsafe ldap_sasl_bind_s(handle, name, mechanism, &credential, nil, nil, nil)
            }
        }
    }

    func check(_ code: Int32, _ stage: DirectoryFailure.Stage) throws(DirectoryFailure) {
        guard code != LDAP_SUCCESS else { return }
        throw DirectoryFailure(stage, .init(rawValue: code), diagnosticText)
    }

    /// What the server, or the library for TLS, said of the latest failure.
    private var diagnosticText: String {
        var text: UnsafeMutablePointer<CChar>?
        guard unsafe ldap_get_option(handle, LDAP_OPT_DIAGNOSTIC_MESSAGE, &text) == LDAP_OPT_SUCCESS,
            let text = unsafe text
        else { return "" }
        defer { unsafe ldap_memfree(text) }
        return unsafe String(cString: text)
    }
}
