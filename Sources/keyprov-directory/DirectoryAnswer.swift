import CLDAP

/// One message of a server.
@safe final class DirectoryAnswer {
    let message: OpaquePointer

    init(owning message: OpaquePointer) { unsafe self.message = message }

    deinit { _ = unsafe ldap_msgfree(message) }

    var isEntry: Bool { unsafe kp_ldap_is_entry(message) != 0 }
    var isReference: Bool { unsafe kp_ldap_is_reference(message) != 0 }
    var isResult: Bool { unsafe kp_ldap_is_result(message) != 0 }

    /// The values of an attribute of an entry; none where it has no such one.
    func values(of name: String, _ directory: Directory) -> [[UInt8]] {
        guard let values = unsafe ldap_get_values_len(directory.handle, message, name) else { return [] }
        defer { unsafe ldap_value_free_len(values) }
        let count = Int(unsafe ldap_count_values_len(values))
        return (0..<count).compactMap { index in unsafe values[index].map { unsafe $0.pointee.bytes } }
    }
}

/// Where the next page begins, in the server's own terms.
struct PageCookie {
    private var bytes: [UInt8] = []

    /// That of the first page, and what comes behind the last one.
    init() {}

    init(copying value: berval) { bytes = unsafe value.bytes }

    var isEmpty: Bool { bytes.isEmpty }

    func withValue<Result>(_ body: (UnsafeMutablePointer<berval>?) -> Result) -> Result {
        guard !bytes.isEmpty else { return body(nil) }
        var copy = bytes.map { CChar(bitPattern: $0) }
        return unsafe copy.withUnsafeMutableBufferPointer { buffer in
            var value = unsafe berval(bv_len: ber_len_t(buffer.count), bv_val: buffer.baseAddress)
            return unsafe body(&value)
        }
    }
}

extension berval {
    fileprivate var bytes: [UInt8] {
        guard let start = unsafe bv_val else { return [] }
        return unsafe UnsafeRawBufferPointer(start: start, count: Int(bv_len)).map { $0 }
    }
}
