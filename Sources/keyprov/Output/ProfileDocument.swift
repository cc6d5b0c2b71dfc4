extension JSONWriter {
    /// A profile in a list.
    func value(_ profile: Profile, path: String?) { object { members(profile, path: path) } }

    /// What every document of a profile begins with.
    func members(_ profile: Profile, path: String?) {
        key("name")
        value(profile.name)
        key("title")
        value(profile.title)
        key("role")
        value(profile.role.rawValue)
        key("path")
        value(path)
    }

    /// The document of `profiles NAME --json`, see `Docs/json.md`.
    func document(_ profile: Profile, path: String?) {
        members(profile, path: path)
        key("fields")
        array { for field in profile.fields { value(field) } }
        key("parameters")
        array { for parameter in Parameter.allCases { value(parameter, profile.rules[parameter]) } }
        key("secret")
        object {
            key("case")
            value(profile.spelling.isLowerCase ? "lower" : "upper")
            key("groups")
            if let length = profile.spelling.groupLength { value(length) } else { null() }
            key("padded")
            value(profile.spelling.isPadded)
        }
        key("separator")
        value(String(profile.separator))
        key("qr")
        if let forms = profile.qrForms?.value { list(forms.map(\.rawValue)) } else { null() }
        key("recovery_codes")
        if let shape = profile.recoveryCodes?.value {
            object {
                key("count")
                value(shape.count)
                key("length")
                value(shape.length)
            }
        } else {
            null()
        }
        key("secret_of")
        value(profile.secretOf?.value)
        key("steps")
        array { for step in profile.steps { value(step) } }
        key("notes")
        list(profile.notes.map(\.value))
        key("unknown")
        list(profile.unknowns)
        key("sources")
        array {
            for source in profile.sources {
                object {
                    key("name")
                    value(source.name)
                    key("text")
                    value(source.text)
                }
            }
        }
    }

    func value(_ step: Profile.Step) {
        object {
            key("text")
            value(step.text)
            key("code")
            value(step.code?.rawValue)
            key("job")
            value(step.job?.rawValue)
            key("sources")
            list(step.sources)
        }
    }

    private func value(_ field: FormField) {
        object {
            key("name")
            value(field.name.rawValue)
            key("labels")
            array {
                for (language, label) in field.labels.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                    object {
                        key("language")
                        value(language.rawValue)
                        key("label")
                        value(label)
                    }
                }
            }
            key("needed")
            switch field.need {
            case .optional: value("no")
            case .always: value("yes")
            case .oneOf: value("one")
            }
            key("advanced")
            value(field.isAdvanced)
            key("preset")
            value(field.preset)
            key("sources")
            list(field.sources)
        }
    }

    private func value(_ parameter: Parameter, _ rule: ParameterRule?) {
        object {
            key("name")
            value(parameter.rawValue)
            key("takes")
            if let rule, rule.taken != .unknown { list(rule.values) } else { null() }
            key("except")
            array {
                for exception in rule?.exceptions ?? [] {
                    object {
                        key("values")
                        list(exception.values)
                        key("are")
                        value(exception.others.rawValue)
                    }
                }
            }
            key("others")
            if let rule { value(rule.others?.rawValue) } else { value(ParameterRule.Others.unknown.rawValue) }
            key("sources")
            list(rule?.sources ?? [])
        }
    }

    private func list(_ texts: [String]) { array { for text in texts { value(text) } } }
}
