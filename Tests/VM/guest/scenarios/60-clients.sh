# Makers' own programs that find keys by /dev/hidraw, which only a kernel makes. They are in Python, and a call takes four
# to eight seconds in an emulated machine: there are as few as show both directions.

scenario "what ykman writes into the slots keyprov finds and computes" finds_what_ykman_wrote
scenario "what keyprov enrolls in a slot ykman finds, computes and deletes" ykman_finds_what_is_in_a_slot
scenario "ykman's challenge is answered as RFC 2202 says" answers_ykmans_challenge
scenario "nitropy and keyprov compute what the other wrote" shares_with_nitropy
scenario "nitropy and keyprov use the PIN and check the computer that the other wrote" shares_computers_with_nitropy

# A secret for clients to write.
SEED=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ
TIME=1111111109

# An obstacle is why the host could not install the client; empty where it could.
needs() { [ -z "$1" ] || skip "$1"; }
ykman() { expect 0 "$YKMAN" "$@"; }
nitropy() { expect 0 env ALLOW_ROOT=1 "$NITROPY" "$@"; }

totp() { oathtool --totp --base32 --now "@$TIME" "$@"; }

slots() {
    expect 0 "$KEYPROV" slots list --json
    says "$OUT" "\"slots\":[{\"slot\":1,\"state\":\"$1\"},{\"slot\":2,\"state\":\"$2\"}]"
}

finds_what_ykman_wrote() {
    needs "$YKMAN_OBSTACLE"
    serve yubikey5
    plug
    ykman otp hotp --force 1 "$SEED"
    ykman otp chalresp --totp --force 2 "$SEED"
    ykman otp info
    says "$OUT" "Slot 1: programmed"
    says "$OUT" "Slot 2: programmed"
    slots touch computes
    equal "$(code --slot 2 --at "$TIME" | tail -n 1)" "$(totp "$SEED")"
}

# keyprov takes the keyboard from usbhid, and the node with it; ykman finds the one that comes when it is given back.
ykman_finds_what_is_in_a_slot() {
    needs "$YKMAN_OBSTACLE"
    serve yubikey5
    plug
    keyboard=$(keyboard_device)
    enroll "$ALICE" --slot 2
    equal "$(driver "$KEYBOARD")" usbhid
    eventually 5 keyboard_device
    [ "$(keyboard_device)" != "$keyboard" ] || fail "the keyboard was not taken from usbhid"
    ykman otp calculate --totp --digits 8 2 "$TIME"
    equal "$(cat "$OUT")" "$(totp --digits 8 "$SECRET")"
    equal "$(driver "$KEYBOARD")" usbhid
    ykman otp delete --force 2
    slots empty empty
    expect 1 "$KEYPROV" code --slot 2
}

# RFC 2202, section 3, test case 2. ykman fills challenges up with another byte than ykpersonalize, see Tests/Bus/slots.py.
answers_ykmans_challenge() {
    needs "$YKMAN_OBSTACLE"
    serve yubikey5
    plug
    ykman otp chalresp --force 1 4a656665
    ykman otp calculate 1 7768617420646f2079612077616e7420666f72206e6f7468696e673f
    equal "$(cat "$OUT")" effcdf6ae5eb2fa2d27416d5f184df9c259a7c79
}

shares_with_nitropy() {
    needs "$NITROPY_OBSTACLE"
    serve nitrokey3
    plug
    PROOF=codes
    enroll "$ALICE"
    nitropy nk3 secrets add-otp --kind totp --digits-str 8 Example:bob "$SEED"
    nitropy nk3 secrets list
    says "$OUT" "Example:$ALICE"
    says "$OUT" "Example:bob"
    nitropy nk3 secrets get-otp --timestamp "$TIME" "Example:$ALICE"
    equal "$(tail -n 1 "$OUT")" "$(totp "$SECRET")"
    equal "$(code Example:bob --at "$TIME" | tail -n 1)" "$(totp --digits 8 "$SEED")"
}

# The client says what the key refused and ends with 0 all the same.
shares_computers_with_nitropy() {
    needs "$NITROPY_OBSTACLE"
    serve nitrokey3
    plug
    export NITROPY_SECRETS_PASSWORD=correct
    echo correct > "/run/pin"
    nitropy nk3 secrets set-pin --password correct
    nitropy nk3 secrets add-otp --kind HOTP_REVERSE --counter-start 40 laptop "$SEED"
    expect 0 "$KEYPROV" credentials list
    says "$OUT" "laptop  (reverse-hotp SHA1"
    expect 0 "$KEYPROV" computer verify "$(oathtool --hotp --base32 --counter 40 "$SEED")"
    echo "$SEED" > "/run/seed"
    expect 0 "$KEYPROV" computer enroll --account desktop --pin-file "/run/pin" --secret-file "/run/seed"
    nitropy nk3 secrets verify desktop "$(oathtool --hotp --base32 --counter 1 "$SEED")"
    says_not "$OUT" "Device returns error"
    nitropy nk3 secrets verify desktop "$(oathtool --hotp --base32 --counter 1 "$SEED")"
    says "$OUT" "Device returns error"
}
