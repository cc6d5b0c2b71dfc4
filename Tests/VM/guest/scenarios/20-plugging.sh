# Keys that come and go, and such that fail.

scenario "devices --watch tells of arrival and removal" watches
scenario "unplugged before the secret arrives: not proven, and not on the key" unplugged_before_write
scenario "unplugged before the key answers: not proven, and --replace mends it" unplugged_after_write
scenario "a stall is exit 74, and the next run finds the key in order" survives_stall
scenario "a key that does not answer is exit 74, and the next run finds it in order" survives_timeout
scenario "a key that waits for a touch is waited for" waits_for_touch

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

# The transfers of a job begin with a write and take turns: these two carry the fourth command and its answer.
FOURTH_COMMAND=7
FOURTH_ANSWER=8

# A stall halts the endpoint, for the kernel as for the key, until the halt is cleared.
survives_stall() {
    for transfer in "$FOURTH_COMMAND" "$FOURTH_ANSWER"; do
        serve "yubikey5:$transfer" --fault "stall@$transfer"
        plug
        expect 74 "$KEYPROV" credentials list
        says "$ERR" "refused a USB transfer"
        expect 0 "$KEYPROV" credentials list
        unplug "$PORT"
        eventually 5 no_key
    done
}

survives_timeout() {
    serve yubikey5 --fault "timeout@$FOURTH_ANSWER"
    plug
    expect 74 "$KEYPROV" credentials list
    says "$ERR" "did not answer in time"
    expect 0 "$KEYPROV" credentials list
    enroll "$ALICE"
}

waits_for_touch() {
    serve yubikey5 --touch 2
    plug
    enroll "$ALICE" --touch
    says "$ERR" "touch"
}
