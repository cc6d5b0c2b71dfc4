# Scenarios: functions that end with success or failure, each in a process of its own that stops at the first command
# that fails. What they print goes to a file each; its end is shown where one fails.

SCENARIOS=
SKIPPED=93
LOGS=/run/logs

# scenario NAME FUNCTION: to be run in this order. Names have no colon.
scenario() {
    case $1 in
    ${CHOSEN:-*}) ;;
    *) return 0 ;;
    esac
    SCENARIOS="$SCENARIOS$2 $1
"
    echo "plan $1"
}

run_scenarios() {
    number=100
    mkdir -p "$LOGS"
    echo "$SCENARIOS" >/run/scenarios
    while read -r function name; do
        [ -n "$function" ] || continue
        number=$((number + 1))
        run_scenario "$function" "$name" "$LOGS/$number-$function.log" </dev/null
    done </run/scenarios
}

run_scenario() {
    read -r before _ </proc/uptime
    WHY=/run/why
    NOTES=/run/notes
    rm -f "$WHY" "$NOTES"
    (
        set -eu
        trap tidy_up EXIT
        exec >"$3" 2>&1
        set -x
        "$1"
    )
    status=$?
    read -r after _ </proc/uptime
    case $status in
    0) echo "ok $2" ;;
    "$SKIPPED") echo "skip $2: $(cat "$WHY")" ;;
    *)
        if [ -s "$WHY" ]; then echo "not ok $2: $(cat "$WHY")"; else echo "not ok $2: exit code $status"; fi
        tail -n 25 "$3" | sed 's/^/# /'
        ;;
    esac
    [ ! -e "$NOTES" ] || sed 's/^/#    /' "$NOTES"
    echo "#    $before to $after s"
}

# fail REASON, skip REASON: ends the scenario.
fail() {
    echo "$*" >"$WHY"
    exit 1
}
skip() {
    echo "$*" >"$WHY"
    exit "$SKIPPED"
}

# note TEXT: a figure to be shown with the result.
note() { echo "$*" >>"$NOTES"; }

# expect STATUS COMMAND...: runs it, with its output in the files OUT and ERR.
OUT=/run/out
ERR=/run/err
expect() {
    wanted=$1
    shift
    status=0
    "$@" >"$OUT" 2>"$ERR" || status=$?
    cat "$OUT" "$ERR"
    [ "$status" -eq "$wanted" ] || fail "$(basename "$1") $2: exit code $status, not $wanted: $(head -n 1 "$ERR")"
}

# says FILE TEXT: the text is in the file.
says() { grep -qF -e "$2" "$1" || fail "does not say '$2': $(head -n 1 "$1")"; }
says_not() { ! grep -qF -e "$2" "$1" || fail "says '$2': $(grep -F -e "$2" "$1" | head -n 1)"; }
equal() { [ "$1" = "$2" ] || fail "'$1' is not '$2'"; }

# eventually SECONDS COMMAND...: looks until the command succeeds.
eventually() {
    read -r now _ </proc/uptime
    deadline=$((${now%.*} + $1))
    shift
    until "$@"; do
        read -r now _ </proc/uptime
        [ "${now%.*}" -lt "$deadline" ] || fail "did not come in time: $*"
        sleep 0.05
    done
}

# end PROCESS: by its id, and waits for it.
end() {
    kill -KILL "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}
