# Who may use a key. There is no systemd-logind in the guest: the file in which it tells who sits at the machine is
# written here, and what udev makes of that, and of our rules, is udev's own doing.

scenario "without udev rules an unprivileged user is refused, with a hint" refuses_without_rules
scenario "a node that all may write to is enough" needs_the_node_only
scenario "with our udev rules the user at the seat may use the key, others not" rules_let_the_seat_in

SEAT_USER=1000
OTHER_USER=1001
RULES=/etc/udev/rules.d/70-keyprov.rules

# as USER COMMAND...
as() {
    user=$1
    shift
    mkdir -p "/run/user-$user"
    chown "$user:$user" "/run/user-$user"
    setpriv --reuid "$user" --regid "$user" --clear-groups env XDG_STATE_HOME="/run/user-$user" "$@"
}

refuses_without_rules() {
    serve yubikey5
    plug
    expect 77 as "$SEAT_USER" "$KEYPROV" credentials list
    says "$ERR" "no permission to use YubiKey"
    says "$ERR" "usb:$KEY"
    says "$ERR" "keyprov udev-rules | sudo tee"
    says "$ERR" "udevadm control --reload"
    expect 0 as "$SEAT_USER" "$KEYPROV" devices --json
    says "$OUT" '"state":"no permission"'
}

needs_the_node_only() {
    serve yubikey5
    plug
    chmod 666 "$NODE"
    expect 0 as "$OTHER_USER" "$KEYPROV" credentials list
}

rules_let_the_seat_in() {
    serve yubikey5
    mkdir -p /run/systemd/seats
    printf 'IS_SEAT0=1\nCAN_MULTI_SESSION=1\nACTIVE=1\nACTIVE_UID=%s\n' "$SEAT_USER" >/run/systemd/seats/seat0
    "$KEYPROV" udev-rules >"$RULES"
    udevadm control --reload
    plug
    expect 0 as "$SEAT_USER" "$KEYPROV" credentials list
    expect 77 as "$OTHER_USER" "$KEYPROV" credentials list
    rm "$RULES"
    udevadm control --reload
    unplug "$PORT"
    eventually 5 no_key
    plug
    expect 77 as "$SEAT_USER" "$KEYPROV" credentials list
}
