import KeyProvision
import SecretFormats

extension KeyTable.Row {
    /// See `Docs/json.md`.
    func members(_ json: JSONWriter) {
        func array(_ key: StaticString, _ texts: [String]) {
            json.key(key)
            json.array { for text in texts { json.value(text) } }
        }
        func number(_ key: StaticString, _ value: Int?) {
            json.key(key)
            if let value { json.value(value) } else { json.null() }
        }
        json.key("family")
        json.value(family.name)
        json.key("title")
        json.value(family.title)
        array("ids", ids)
        json.key("types")
        json.array {
            for (name, kind) in kinds {
                json.object {
                    json.key("type")
                    json.value(name)
                    array("algorithms", kind.algorithms.map(\.rawValue))
                    json.key("digits")
                    json.array { for digits in kind.digits { json.value(digits) } }
                    json.key("verified")
                    json.value(kind.proof.rawValue)
                }
            }
        }
        number("longest_secret", features.longestSecret)
        json.key("counters")
        json.array {
            json.value(features.minCounter)
            json.value(features.maxCounter)
        }
        json.key("slots")
        if let slots = features.slots {
            json.array {
                json.value(slots.lowerBound)
                json.value(slots.upperBound)
            }
        } else {
            json.null()
        }
        number("capacity", features.capacity)
        number("longest_name", features.longestName)
        json.key("touch")
        json.value(touch)
        json.key("access_code")
        json.value(code)
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
        array("virtual", virtualModels)
    }
}
