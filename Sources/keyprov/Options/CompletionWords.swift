import ArgumentParser
import MockDevices

extension CompletionKind {
    /// Words that the program knows, and files with one of these ends.
    ///
    /// The program itself is asked for them when somebody completes a line: a script takes either words or files, and no
    /// other start has to make the list.
    static func words(_ words: @escaping @Sendable () -> [String], orFiles ends: [String]? = nil) -> CompletionKind {
        .custom { _, _, typed in words() + (ends.map { paths(typed, ends: $0) } ?? []) }
    }

    /// Folders end in a slash, so that one can go on. No ends stand for all files.
    private static func paths(_ typed: String, ends: [String]) -> [String] {
        let folder = typed.lastIndex(of: "/").map { typed[...$0] } ?? ""
        let start = typed.dropFirst(folder.count)
        let names = (try? Files.names(in: folder.isEmpty ? "." : String(folder))) ?? []
        return names.filter { $0.hasPrefix(start) && (!$0.hasPrefix(".") || start.hasPrefix(".")) }
            .compactMap { name in
                if Files.isFolder(folder + name) { return folder + name + "/" }
                return ends.isEmpty || ends.contains(where: name.hasSuffix) ? folder + name : nil
            }
    }
}

extension Catalog {
    /// Models of virtual keys, for the completions.
    static let virtualNames = CompletionKind.words { virtualModels.map(\.name) }
}
