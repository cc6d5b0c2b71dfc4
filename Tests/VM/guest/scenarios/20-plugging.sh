# Keys that come and go.

scenario "devices --watch tells of arrival and removal" watches
scenario "unplugged before the secret arrives: not proven, and not on the key" unplugged_before_write
scenario "unplugged before the key answers: not proven, and --replace mends it" unplugged_after_write

watches() {
    serve yubikey5
    "$KEYPROV" devices --watch --json >/run/watch 2>&1 &
    WATCHER=$!
    plug
    eventually 10 grep -q "\"event\":\"arrived\".*\"port\":\"$KEY\".*\"state\":\"ready\"" /run/watch
    unplug "$PORT"
    eventually 10 grep -q "\"event\":\"left\".*\"port\":\"$KEY\"" /run/watch
    plug
    eventually 10 two_arrivals
    equal "$(wc -l </run/watch)" 3
}
two_arrivals() { [ "$(grep -c '"event":"arrived"' /run/watch)" -eq 2 ]; }

# enroll_and_lose_key: the plug is pulled under way, see `plug`.
enroll_and_lose_key() {
    expect 69 "$KEYPROV" enroll --issuer Example --account "$ALICE"
    says "$ERR" "not proven"
    says "$ERR" "unplugged"
    says "$ERR" "--replace"
    says_not "$OUT" "secret"
    equal "$(cat "$OUT")" ""
    eventually 5 no_key
}

unplugged_before_write() {
    serve yubikey5
    plug cut-write
    enroll_and_lose_key
    plug
    expect 0 "$KEYPROV" credentials list
    says_not "$OUT" "$ALICE"
    enroll "$ALICE"
}

unplugged_after_write() {
    serve yubikey5
    plug cut-answer
    enroll_and_lose_key
    plug
    expect 0 "$KEYPROV" credentials list
    says "$OUT" "$ALICE"
    expect 1 "$KEYPROV" enroll --issuer Example --account "$ALICE"
    enroll "$ALICE" --replace
    equal "$(code --at 59 | tail -n 1)" "$(oathtool --totp --base32 --now @59 "$SECRET")"
}
