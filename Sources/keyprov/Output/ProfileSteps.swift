/// The steps of a profile, said when their time has come: between them the codes are handed out.
struct ProfileSteps {
    private let steps: [Profile.Step]
    private let notes: [String]
    /// What this run does, and so nobody has to be told to do.
    private let done: Set<Profile.Step.Job>
    private let console: Console
    /// The first step that was not told. Those up to the one that takes the secret over are past.
    private var next: Int

    init(_ profile: Profile, done: Set<Profile.Step.Job>, _ console: Console) {
        steps = profile.steps
        notes = profile.notes.map(\.value)
        self.done = done
        self.console = console
        next = profile.steps.firstIndex { $0.job == .takeOver }.map { $0 + 1 } ?? 0
    }

    /// Whether the system asks for a code at that point, which was not told yet.
    func isAhead(_ use: Profile.Step.CodeUse) -> Bool { steps[next...].contains { $0.code == use } }

    /// Says the step that asks for a code, and those before it.
    mutating func tell(through use: Profile.Step.CodeUse) {
        guard let index = steps[next...].firstIndex(where: { $0.code == use }) else { return }
        tell(to: index + 1)
    }

    mutating func tellRest() {
        tell(to: steps.endIndex)
        for note in notes { console.note("note: " + note.withoutFullStop) }
    }

    private mutating func tell(to end: Int) {
        for index in next..<end where !(steps[index].job.map(done.contains) ?? false) {
            console.note("step \(index + 1) of \(steps.count): \(steps[index].text.withoutFullStop)")
            if let hint = steps[index].job?.hint { console.note("hint: " + hint) }
        }
        next = end
    }
}

extension String {
    /// As lines end that this program says.
    fileprivate var withoutFullStop: String { hasSuffix(".") ? String(dropLast()) : self }
}
