# What only a kernel can show: drivers, and interfaces that another process has.

scenario "the keyboard stays the kernel's while the smart card is used" leaves_keyboard_alone
scenario "a held key is exit 75, and its holder is named" names_the_holder
scenario "a killed process lets go of the key" lets_go_when_killed
scenario "pcscd that holds the key is named, and the key works after it" names_pcscd
scenario "lsusb reads the descriptors that are expected" describes_itself

KEYBOARD=0
FIDO=1
SMART_CARD=2

# hold: a process that has claimed the key and does not go on. Sets HOLDER.
# The key is held up, so that the process is sure to wait for its answer in the moment when it is stopped.
hold() {
    rm -f /run/holder
    kill -STOP "$SERVER"
    "$KEYPROV" enroll --issuer Example --account "$ALICE" >/run/holder 2>&1 &
    HOLDER=$!
    eventually 10 has_driver "$SMART_CARD" usbfs
    kill -STOP "$HOLDER"
    kill -CONT "$SERVER"
}
release() {
    kill -CONT "$HOLDER"
    wait "$HOLDER"
}

# The number in it is a new one when the driver is bound anew.
keyboard_device() { ls -d "$USB_DEVICES/$KEY:1.$KEYBOARD"/*/input/input*; }

leaves_keyboard_alone() {
    serve yubikey5
    plug
    equal "$(driver "$KEYBOARD")" usbhid
    equal "$(driver "$FIDO")" usbhid
    equal "$(driver "$SMART_CARD")" ""
    keyboard=$(keyboard_device)
    hold
    equal "$(driver "$KEYBOARD")" usbhid
    equal "$(driver "$FIDO")" usbhid
    release
    equal "$(driver "$SMART_CARD")" ""
    equal "$(keyboard_device)" "$keyboard"
}

names_the_holder() {
    serve yubikey5
    plug
    hold
    expect 75 "$KEYPROV" credentials list
    says "$ERR" "held by keyprov (pid $HOLDER)"
    expect 0 "$KEYPROV" devices --json
    says "$OUT" '"state":"held"'
    says "$OUT" "\"pid\":$HOLDER"
    release
    says /run/holder "verified: full"
    expect 0 "$KEYPROV" credentials list
}

lets_go_when_killed() {
    serve yubikey5
    plug
    hold
    end "$HOLDER"
    equal "$(driver "$SMART_CARD")" ""
    enroll bob
    equal "$(code Example:bob --at 59 | tail -n 1)" "$(oathtool --totp --base32 --now @59 "$SECRET")"
}

names_pcscd() {
    command -v pcscd || skip "pcscd is not installed"
    serve yubikey5
    plug
    pcscd --foreground &
    DAEMON=$!
    eventually 10 has_driver "$SMART_CARD" usbfs
    expect 75 "$KEYPROV" credentials list
    says "$ERR" "held by pcscd (pid $DAEMON)"
    says "$ERR" "systemctl stop pcscd.socket pcscd.service"
    kill -TERM "$DAEMON"
    wait "$DAEMON" || true
    equal "$(driver "$SMART_CARD")" ""
    expect 0 "$KEYPROV" credentials list
}

# Numbers of bus and device are those of the moment; names of vendors and products come from a list of the host.
describes_itself() {
    for model in yubikey5 yubikeyneo; do
        serve "$model"
        plug
        lsusb -v -d "$YUBICO:" 2>&1 | sed -E '
            s/^Bus [0-9]+ Device [0-9]+/Bus BUS Device DEVICE/
            s/^(Bus.* ID [0-9a-f:]+).*/\1/
            s/^( *id(Vendor|Product) +0x[0-9a-f]{4}).*/\1/' >"/run/exchange/lsusb-$model.txt"
        diff -u "$TESTS/expected/lsusb-$model.txt" "/run/exchange/lsusb-$model.txt" || fail "$model differs"
        unplug "$PORT"
        eventually 5 no_key
    done
}
