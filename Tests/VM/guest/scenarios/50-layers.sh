# Layers below the commands, in states that no command stays in, and with a reader that is not a key's own; see BusProbe.

scenario "a claimed keyboard interface goes back to the kernel when the device is closed" gives_keyboard_back
scenario "a keyboard interface whose process was killed goes back when the next one closes it" survives_killing
scenario "a card in QEMU's own reader is enrolled, and computes as oathtool does" enrolls_in_foreign_reader

FOREIGN_READER=08e6:4433

# claim_keyboard: sets HOLDER, a process that has it until a line comes on descriptor 9.
claim_keyboard() {
    rm -f /run/line /run/holder
    mkfifo /run/line
    "$PROBE" claim "$KEY" "$KEYBOARD" </run/line >/run/holder 2>&1 &
    HOLDER=$!
    exec 9>/run/line
    eventually 10 test -s /run/holder
    says /run/holder "claimed, report descriptor of 71 bytes"
}

gives_keyboard_back() {
    serve yubikey5
    plug
    equal "$(driver "$KEYBOARD")" usbhid
    claim_keyboard
    equal "$(driver "$KEYBOARD")" usbfs
    equal "$(driver "$FIDO")" usbhid
    echo >&9
    wait "$HOLDER"
    equal "$(driver "$KEYBOARD")" usbhid
    eventually 5 keyboard_device
}

# The kernel gives the interface to no driver then. That a smart-card job brings nothing back is told, not asked for.
survives_killing() {
    serve yubikey5
    plug
    claim_keyboard
    end "$HOLDER"
    equal "$(driver "$KEYBOARD")" ""
    expect 0 "$KEYPROV" credentials list
    claim_keyboard
    echo >&9
    wait "$HOLDER"
    equal "$(driver "$KEYBOARD")" usbhid
}

# The reader is there from the start; what is in it is a process on the host.
enrolls_in_foreign_reader() {
    reader=$(grep -lx "${FOREIGN_READER#*:}" "$USB_DEVICES"/*/idProduct | head -n 1)
    [ -n "$reader" ] || fail "QEMU's reader is not there"
    expect 0 "$PROBE" reader "$FOREIGN_READER" <"${reader%/idProduct}/descriptors"
    says "$OUT" "refused: TPDU level"
    says "$OUT" "serial 99000001"
    secret=$(sed -n 's/^secret //p' "$OUT")
    equal "$(sed -n 's/^code //p' "$OUT")" "$(oathtool --totp --base32 --now @59 "$secret")"
}
