import KeyProvision
import SecretFormats

extension KeyTable.Row {
    /// See `Docs/json.md`.
    func members(_ json: JSONWriter) {
        func array(_ key: StaticString, _ texts: [String]) { json.members(key, texts) }
        func number(_ key: StaticString, _ value: Int?) {
            json.key(key)
            if let value { json.value(value) } else { json.null() }
        }
        json.key("family")
        json.value(family.name)
        json.key("title")
        json.value(family.title)
        array("ids", ids)
        array("idle_ids", idleIDs)
        json.key("driven")
        json.value(true)
        json.key("experimental")
        json.value(features.isExperimental)
        func range(_ key: StaticString, _ value: ClosedRange<Int>?) {
            json.key(key)
            guard let value else { return json.null() }
            json.array {
                json.value(value.lowerBound)
                json.value(value.upperBound)
            }
        }
        json.key("types")
        json.array {
            for (name, kind) in kinds {
                json.object {
                    json.key("type")
                    json.value(name)
                    array("algorithms", kind.algorithms.map(\.rawValue))
                    json.key("digits")
                    json.array { for digits in kind.digits { json.value(digits) } }
                    json.key("periods")
                    if let periods = kind.periods {
                        json.array { for period in periods { json.value(period) } }
                    } else {
                        json.null()
                    }
                    json.key("verified")
                    json.value(kind.proof.rawValue)
                    number("longest_period", kind.longestPeriod)
                    range("slots", kind.slots)
                }
            }
        }
        number("longest_secret", features.longestSecret)
        json.key("counters")
        json.array {
            json.value(features.minCounter)
            json.value(features.maxCounter)
        }
        json.key("counter_step")
        json.value(features.counterStep)
        range("slots", features.slots)
        number("capacity", features.capacity)
        json.key("capacity_since")
        json.array {
            for capacity in capacities {
                json.object {
                    json.key("firmware")
                    json.value(capacity.since.description)
                    number("credentials", capacity.count)
                }
            }
        }
        json.key("earlier")
        if let earlier = features.earlier {
            json.object {
                json.key("before")
                json.value(earlier.before.description)
                number("longest_secret", earlier.longestSecret)
                json.key("verified")
                json.value(earlier.proof.rawValue)
            }
        } else {
            json.null()
        }
        number("longest_name", features.longestName)
        json.key("names")
        json.value(features.names.rawValue)
        json.key("touch")
        json.value(touch)
        json.key("approves_on_display")
        json.value(features.approvesOnDisplay)
        json.key("access_code")
        json.value(code)
        json.key("pins")
        json.array {
            for use in features.pins {
                json.object {
                    json.key("pin")
                    json.value(use.pin.rawValue)
                    array("for", use.jobs.map(\.rawValue))
                    json.key("always")
                    json.value(use.isAlwaysNeeded)
                }
            }
        }
        json.key("new_pins")
        json.array {
            for new in features.newPINs {
                json.object {
                    json.key("pin")
                    json.value(new.pin.rawValue)
                    range("bytes", new.lengths)
                }
            }
        }
        json.key("needs")
        json.array {
            for need in needs {
                json.object {
                    json.key("feature")
                    json.value(need.feature)
                    json.key("firmware")
                    json.value(need.version.description)
                }
            }
        }
        array("refused", refusals)
        number("transfers", features.enrollmentTransfers)
        number("least_transfers", features.leastTransfers)
        array("virtual", virtualModels)
    }
}

extension UndrivenKey {
    /// See `Docs/json.md`.
    func members(_ json: JSONWriter) {
        json.key("family")
        json.value(name)
        json.key("title")
        json.value(title)
        json.members("ids", ids)
        json.key("driven")
        json.value(false)
        json.key("reason")
        json.value(reason.text)
        json.members("hints", reason.hints)
    }
}

extension JSONWriter {
    fileprivate func members(_ key: StaticString, _ texts: [String]) {
        self.key(key)
        array { for text in texts { value(text) } }
    }
}
