import ByteBuffers
import CLDAP
import DirectoryExchange
import Glibc

/// A search of the whole subtree, page by page (RFC 2696), so that neither side holds more than one.
///
/// A server that knows no pages gives all at once; entries are passed on as they come all the same.
@safe struct DirectorySearch {
    private let directory: Directory
    private let request: DirectoryRequest
    private var pageLength: Int
    private var entries = 0
    private var references = 0

    /// Seconds without a further entry.
    private static let patience = 60
    /// A server may give fewer entries than were asked for, but not one page after another without any.
    private static let mostEmptyPages = 100

    init(_ directory: Directory, _ request: DirectoryRequest) {
        (self.directory, self.request) = (directory, request)
        pageLength = request.pageLength
    }

    /// - Returns: entries, and references to other servers.
    mutating func run(writing output: LineOutput) throws(DirectoryFailure) -> (entries: Int, references: Int) {
        var emptyPages = 0
        var cookie = PageCookie()
        repeat {
            let before = entries
            cookie = try page(cookie, writing: output)
            emptyPages = entries == before ? emptyPages + 1 : 0
            guard emptyPages < Self.mostEmptyPages else { throw DirectoryFailure(.limit, .timeLimitExceeded) }
        } while !cookie.isEmpty
        return (entries, references)
    }

    /// - Returns: where the next page begins; an empty cookie behind the last one.
    private mutating func page(
        _ cookie: PageCookie, writing output: LineOutput
    ) throws(DirectoryFailure) -> PageCookie {
        while true {
            do throws(DirectoryFailure) {
                let message = try send(cookie)
                while true {
                    let answer = try next(of: message)
                    if answer.isResult { return try finish(answer) }
                    try take(answer, output)
                }
            } catch {
                // A server may have a bound for the length of a page, which it tells in no way that a program could read.
                guard error.code == .adminLimitExceeded, entries == 0, pageLength > 1 else { throw error }
                pageLength /= 2
            }
        }
    }

    private mutating func take(_ answer: DirectoryAnswer, _ output: LineOutput) throws(DirectoryFailure) {
        if answer.isReference { references += 1 }
        guard answer.isEntry else { return }
        entries += 1
        guard entries <= DirectoryRequest.mostEntries else { throw DirectoryFailure(.limit, .sizeLimitExceeded) }
        output.write(row(answer).line())
    }

    /// Asks for a page; the number of the message that answers belong to.
    private func send(_ cookie: PageCookie) throws(DirectoryFailure) -> Int32 {
        // Not critical: a server that has no pages may still have few enough entries.
        var control: UnsafeMutablePointer<LDAPControl>?
        try directory.check(
            unsafe cookie.withValue {
                unsafe ldap_create_page_control(directory.handle, ber_int_t(pageLength), $0, 0, &control)
            }, .searching)
        defer { unsafe ldap_control_free(control) }
        var controls = unsafe [control, nil]
        var names = unsafe request.attributes.map { unsafe strdup($0.name) } + [nil]
        defer { unsafe names.forEach { unsafe free($0) } }
        var message: Int32 = 0
        try directory.check(
            unsafe ldap_search_ext(
                directory.handle, request.base, Int32(LDAP_SCOPE_SUBTREE), request.filter, &names, 0, &controls, nil,
                nil,
                0, &message), .searching)
        return message
    }

    private func next(of message: Int32) throws(DirectoryFailure) -> DirectoryAnswer {
        var limit = timeval(tv_sec: Self.patience, tv_usec: 0)
        var answer: OpaquePointer?
        let kind = unsafe ldap_result(directory.handle, message, LDAP_MSG_ONE, &limit, &answer)
        guard kind > 0, let answer = unsafe answer else {
            throw DirectoryFailure(.searching, kind == 0 ? .timeout : .serverDown)
        }
        return unsafe DirectoryAnswer(owning: answer)
    }

    private func row(_ entry: DirectoryAnswer) -> DirectoryRow {
        var row = DirectoryRow()
        for attribute in request.attributes {
            row.add(attribute.column, entry.values(of: attribute.name, directory))
        }
        return row
    }

    /// - Returns: where the next page begins; an empty cookie behind the last one.
    private func finish(_ result: DirectoryAnswer) throws(DirectoryFailure) -> PageCookie {
        var code: Int32 = 0
        var text: UnsafeMutablePointer<CChar>?
        var controls: UnsafeMutablePointer<UnsafeMutablePointer<LDAPControl>?>?
        try directory.check(
            unsafe ldap_parse_result(directory.handle, result.message, &code, nil, &text, nil, &controls, 0), .searching
        )
        defer {
            unsafe ldap_memfree(text)
            unsafe ldap_controls_free(controls)
        }
        guard code == LDAP_SUCCESS else {
            let words = unsafe text.map { unsafe String(cString: $0) } ?? ""
            throw DirectoryFailure(.searching, .init(rawValue: code), words)
        }
        guard let page = unsafe ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls, nil) else { return PageCookie() }
        var (count, cookie) = unsafe (ber_int_t(), berval())
        try directory.check(
            unsafe ldap_parse_pageresponse_control(directory.handle, page, &count, &cookie), .searching)
        defer { unsafe ber_memfree(cookie.bv_val) }
        return unsafe PageCookie(copying: cookie)
    }
}
