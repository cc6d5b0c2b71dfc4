# The jobs of the program, on a key on the bus.

scenario "devices lists the key where the kernel has it" lists_the_key
scenario "a key that was given a TOTP secret computes as oathtool does" computes_totp
scenario "a key that was given an HOTP secret counts as oathtool does" computes_hotp
scenario "credentials are listed and deleted" lists_and_deletes
scenario "what was written is there after unplugging" keeps_memory
scenario "an enrollment takes as many transfers on the bus as in process" takes_as_many_transfers
scenario "of two keys the chosen one is used" tells_two_keys_apart

ALICE=alice@example.com

# What an enrollment proves on a YubiKey; other keys tell less.
PROOF=full

# enroll ACCOUNT [OPTION...]: sets SECRET, from the printed record.
enroll() {
    account=$1
    shift
    expect 0 "$KEYPROV" enroll --issuer Example --account "$account" --json "$@"
    says "$OUT" "\"verified\":\"$PROOF\""
    SECRET=$(sed 's/.*"base32":"\([A-Z2-7]*\)".*/\1/' "$OUT")
    equal "${#SECRET}" 32
}

# code [OPTION...]: prints the code that the key computes.
code() {
    expect 0 "$KEYPROV" code "$@"
    cat "$OUT"
}

# The serial number of the only key.
serial() { "$KEYPROV" devices --json | sed 's/.*"serial":"\([0-9]*\)".*/\1/'; }

lists_the_key() {
    serve yubikey5
    plug
    expect 0 "$KEYPROV" devices --json
    says "$OUT" '"model":"YubiKey 5 NFC"'
    says "$OUT" '"serial":"99'
    says "$OUT" "\"port\":\"$KEY\""
    says "$OUT" '"id":"1050:0407"'
    says "$OUT" '"state":"ready"'
    unplug "$PORT"
    eventually 5 no_key
    expect 69 "$KEYPROV" code
}

computes_totp() {
    serve yubikey5
    plug
    enroll "$ALICE"
    says "$OUT" "\"port\":\"$KEY\""
    says "$OUT" '"virtual":true'
    for time in 59 1111111109 20000000000; do
        equal "$(code --at "$time" | tail -n 1)" "$(oathtool --totp --base32 --now "@$time" "$SECRET")"
    done
    enroll bob --algorithm SHA256 --digits 8 --period 60
    wanted=$(oathtool --totp=sha256 --digits 8 --time-step-size 60s --base32 --now @1234567890 "$SECRET")
    equal "$(code Example:bob --at 1234567890 | tail -n 1)" "$wanted"
}

computes_hotp() {
    serve yubikey5
    plug
    enroll carol --type hotp
    first=$(code Example:carol | tail -n 1)
    second=$(code Example:carol | tail -n 1)
    oathtool --hotp --base32 --window 9 "$SECRET" >/run/codes
    # The next two in a row: where the count starts is told by the first.
    start=$(grep -nx "$first" /run/codes | cut -d: -f1)
    equal "$(sed -n "$((start + 1))p" /run/codes)" "$second"
}

lists_and_deletes() {
    serve yubikey5
    plug
    enroll "$ALICE"
    enroll bob
    expect 0 "$KEYPROV" credentials list
    says "$OUT" "Example:$ALICE"
    says "$OUT" "Example:bob"
    expect 1 "$KEYPROV" enroll --issuer Example --account bob --qr none
    expect 0 "$KEYPROV" credentials delete Example:bob
    expect 0 "$KEYPROV" credentials list
    says "$OUT" "Example:$ALICE"
    says_not "$OUT" "Example:bob"
    expect 1 "$KEYPROV" code Example:bob
}

keeps_memory() {
    serve yubikey5
    plug
    enroll "$ALICE"
    unplug "$PORT"
    eventually 5 no_key
    plug
    equal "$(code --at 59 | tail -n 1)" "$(oathtool --totp --base32 --now @59 "$SECRET")"
}

takes_as_many_transfers() {
    serve yubikey5
    plug
    enroll "$ALICE"
    kill -USR1 "$SERVER"
    eventually 5 grep -q '^count ' /run/served
    on_the_bus=$(sed -n 's/^count yubikey5 \([0-9]*\) .*/\1/p' /run/served)
    expect 0 "$KEYPROV" enroll --virtual yubikey5:twin --issuer Example --account "$ALICE" --qr none --verbose
    in_process=$(grep -cE '^keyprov: usb: (in|out) 0x' "$ERR")
    note "$on_the_bus transfers on the bus, $in_process in process"
    equal "$on_the_bus" "$in_process"
}

tells_two_keys_apart() {
    serve yubikey5
    plug
    first=$KEY
    first_serial=$(serial)
    serve yubikey57:second
    plug
    expect 64 "$KEYPROV" enroll --issuer Example --account "$ALICE"
    says "$ERR" "usb:$first"
    says "$ERR" "usb:$KEY"
    enroll "$ALICE" --device "usb:$KEY"
    enroll bob --device "$first_serial"
    expect 0 "$KEYPROV" credentials list --device "usb:$first"
    says "$OUT" Example:bob
    says_not "$OUT" "$ALICE"
    equal "$(code --at 59 --device "usb:$first" | tail -n 1)" "$(oathtool --totp --base32 --now @59 "$SECRET")"
}
