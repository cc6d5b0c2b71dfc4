/// Tells of the line in words, a line for each event.
struct LineVoice: LineAudience {
    let console: Console

    func hear(_ event: LineEvent) {
        guard let text = event.text else { return }
        if event.isWarning { console.warn(text) } else { console.note(text) }
        guard event.isWarning || !console.options.quiet else { return }
        for hint in event.hints { console.say("hint: " + hint) }
    }
}

/// Tells several.
struct LineAudiences: LineAudience {
    let all: [any LineAudience]

    func hear(_ event: LineEvent) { for audience in all { audience.hear(event) } }
}
