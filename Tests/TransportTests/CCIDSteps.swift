import TestSupport

// CCID exchanges for scripted devices: header, then data.

func header(_ type: UInt8, length: UInt8 = 0, sequence: UInt8, _ tail: [UInt8] = [0, 0, 0]) -> [UInt8] {
    [type, length, 0, 0, 0, 0, sequence] + tail
}

func powerOn(sequence: UInt8 = 0, atr: [UInt8] = [0x3B, 0x00]) -> [ScriptedDevice.Step] {
    [.out(header(0x62, sequence: sequence)), .in(header(0x80, length: UInt8(atr.count), sequence: sequence) + atr)]
}

func powerOff(sequence: UInt8) -> [ScriptedDevice.Step] {
    [.out(header(0x63, sequence: sequence)), .in(header(0x81, sequence: sequence, [1, 0, 0]))]
}

func slotStatus(sequence: UInt8, card: UInt8 = 0) -> [ScriptedDevice.Step] {
    [.out(header(0x65, sequence: sequence)), .in(header(0x81, sequence: sequence, [card, 0, 0]))]
}

func block(_ data: [UInt8], sequence: UInt8, level: UInt8 = 0) -> ScriptedDevice.Step {
    .out(header(0x6F, length: UInt8(data.count), sequence: sequence, [0, level, 0]) + data)
}

func answer(_ data: [UInt8], sequence: UInt8, status: UInt8 = 0, error: UInt8 = 0, chain: UInt8 = 0) -> [UInt8] {
    header(0x80, length: UInt8(data.count), sequence: sequence, [status, error, chain]) + data
}
