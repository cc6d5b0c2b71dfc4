# Virtual keys on the guest's bus. Each is served by a process of its own, so that one can be held up without the others.

USB_DEVICES=/sys/bus/usb/devices
VHCI_CONTROLLER=/sys/devices/platform/vhci_hcd.0
YUBICO=1050
NITROKEY=20a0

# serve NAME [OPTION...]: makes the virtual key available, not yet plugged in. Sets SERVER, SOCKET and BUS_ID.
serve() {
    SOCKET=/run/$1.socket
    rm -f "$SOCKET"
    "$KEYPROV" virtual serve --socket "$SOCKET" "$@" >>/run/served 2>&1 &
    SERVER=$!
    SERVERS="${SERVERS:-} $SERVER"
    eventually 10 test -S "$SOCKET"
    BUS_ID=$("$VHCI" list "$SOCKET")
}

# plug [attach|cut-write|cut-answer]: attaches the key that was served last. Sets PORT; KEY, its name in sysfs; and NODE.
plug() {
    look_for_keys
    KEYS_BEFORE=$KEYS
    PORT=$("$VHCI" "${1:-attach}" "$SOCKET" "$BUS_ID")
    eventually 10 has_new_key
    eventually 5 has_any_driver
    udevadm settle
    read -r bus <"$USB_DEVICES/$KEY/busnum"
    read -r address <"$USB_DEVICES/$KEY/devnum"
    NODE=$(printf '/dev/bus/usb/%03d/%03d' "$bus" "$address")
}

# unplug PORT: as a hand does. The socket is closed with it.
unplug() { echo "$1" >"$VHCI_CONTROLLER/detach"; }

# Sets KEYS, the names in sysfs of all attached keys. Runs no program: each takes a while in an emulated machine.
look_for_keys() {
    { set +x; } 2>/dev/null
    KEYS=
    for file in "$USB_DEVICES"/*/idVendor; do
        { read -r vendor <"$file"; } 2>/dev/null || continue
        case $vendor in
        "$YUBICO" | "$NITROKEY") KEYS="$KEYS $(basename "${file%/idVendor}")" ;;
        esac
    done
    set -x
}

# Sets KEY to the one that came last.
has_new_key() {
    look_for_keys
    for KEY in $KEYS; do
        case " $KEYS_BEFORE " in
        *" $KEY "*) ;;
        *) return 0 ;;
        esac
    done
    return 1
}
no_key() {
    look_for_keys
    [ -z "$KEYS" ]
}

# driver INTERFACE: the kernel driver that is bound to the interface of KEY.
driver() {
    link=$(readlink "$USB_DEVICES/$KEY:1.$1/driver") || return 0
    basename "$link"
}
has_any_driver() {
    set -- "$USB_DEVICES/$KEY":1.*/driver
    [ -e "$1" ]
}
has_driver() { [ "$(driver "$1")" = "$2" ]; }

# Ends what a scenario left, keys first. A server that has gone by itself is a failure, whatever else went well.
tidy_up() {
    status=$?
    set +ex
    for process in ${SERVERS:-}; do kill -0 "$process" || gone="the server of a key died"; done
    for port in $(awk '$1 == "hs" && $3 != "004" { print $2 }' "$VHCI_CONTROLLER/status"); do unplug "$port"; done
    for process in ${HOLDER:-} ${WATCHER:-} ${DAEMON:-} ${SERVERS:-}; do end "$process"; done
    sed 's/^/server: /' /run/served
    rm -rf "$XDG_STATE_HOME"/* /run/served
    until no_key 2>/dev/null; do sleep 0.05; done
    [ "$status" -ne 0 ] || [ -z "${gone:-}" ] || fail "$gone"
    exit "$status"
}

# Without udevd libusb hears of no arrival. It gets only those rules that name nodes and hand out seats, so that what is
# allowed to whom follows from them and from ours, whatever else the host has installed.
start_udev() {
    mkdir /run/rules
    for name in 50-udev-default 71-seat 73-seat-late; do cp "/lib/udev/rules.d/$name.rules" /run/rules/; done
    mount -t tmpfs tmpfs /lib/udev/rules.d
    mkdir -p /etc/udev/rules.d
    mount -t tmpfs tmpfs /etc/udev/rules.d
    cp /run/rules/* /lib/udev/rules.d/
    /lib/systemd/systemd-udevd --daemon
    udevadm trigger --subsystem-match=usb
    udevadm settle
}
