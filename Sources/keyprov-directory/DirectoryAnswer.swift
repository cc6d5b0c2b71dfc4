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
    ///
    /// Active Directory gives the first part of very many values under the name with an option, and nothing under the name
    /// itself ([MS-ADTS] section 3.1.1.3.1.3.3). No further part is asked for: of several values a roster takes the first or
    /// refuses them all.
    func values(of name: String, _ directory: Directory) -> [[UInt8]] {
        let values = values(exactly: name, directory)
        guard values.isEmpty else { return values }
        let start = (name + Self.rangeOption).lowercased()
        return names(directory).first { $0.lowercased().hasPrefix(start) }.map { self.values(exactly: $0, directory) }
            ?? []
    }

    private static let rangeOption = ";range="

    /// The descriptions of an entry's attributes, with their options.
    private func names(_ directory: Directory) -> [String] {
        var position: OpaquePointer?
        defer { unsafe ber_free(position, 0) }
        var names: [String] = []
        var next = unsafe ldap_first_attribute(directory.handle, message, &position)
        while let name = unsafe next {
            names.append(unsafe String(cString: name))
            unsafe ldap_memfree(name)
            unsafe next = ldap_next_attribute(directory.handle, message, position)
        }
        return names
    }

    private func values(exactly name: String, _ directory: Directory) -> [[UInt8]] {
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
