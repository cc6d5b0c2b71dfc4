# Virtual keys on the guest's bus. Each is served by a process of its own, so that one can be held up without the others.

KEYS_LOG=/run/keys.log
USB_DEVICES=/sys/bus/usb/devices
VHCI_CONTROLLER=/sys/devices/platform/vhci_hcd.0
YUBICO=1050

# serve NAME: makes the virtual key available, not yet plugged in. Sets SERVER, SOCKET and BUS_ID.
serve() {
    SOCKET=/run/$(echo "$1" | tr : -).socket
    rm -f "$SOCKET"
    "$KEYPROV" virtual serve --socket "$SOCKET" "$1" >>"$KEYS_LOG" 2>&1 &
    SERVER=$!
    SERVERS="${SERVERS:-} $SERVER"
    eventually 10 test -S "$SOCKET"
    BUS_ID=$("$VHCI" list "$SOCKET" | head -n 1)
}

# plug [attach|cut-write|cut-answer]: attaches the key that was served last. Sets PORT, and KEY, its name in sysfs.
plug() {
    before=$(keys)
    PORT=$("$VHCI" "${1:-attach}" "$SOCKET" "$BUS_ID")
    eventually 10 is_new_key
    KEY=$(new_key)
    eventually 5 test -e "$USB_DEVICES/$KEY:1.0/driver"
    udevadm settle
    NODE=/dev/bus/usb/$(printf %03d "$(cat "$USB_DEVICES/$KEY/busnum")")/$(printf %03d "$(cat "$USB_DEVICES/$KEY/devnum")")
}

# unplug PORT: as a hand does. The socket is closed with it.
unplug() { echo "$1" >"$VHCI_CONTROLLER/detach"; }

# Names in sysfs of all attached keys.
keys() { (cd "$USB_DEVICES" && grep -lxs "$YUBICO" ./*/idVendor | cut -d/ -f2 | sort) || true; }
new_key() { keys | grep -vxF "${before:-none}" | head -n 1; }
is_new_key() { [ -n "$(new_key)" ]; }
no_key() { [ -z "$(keys)" ]; }

# driver INTERFACE: the kernel driver that is bound to the interface of KEY.
driver() {
    link=$(readlink "$USB_DEVICES/$KEY:1.$1/driver") || return 0
    basename "$link"
}
has_driver() { [ "$(driver "$1")" = "$2" ]; }

# Ends what a scenario left, keys first.
tidy_up() {
    set +e
    for port in $(awk '$1 == "hs" && $3 != "004" { print $2 }' "$VHCI_CONTROLLER/status"); do unplug "$port"; done
    for process in ${HOLDER:-} ${WATCHER:-} ${DAEMON:-} ${SERVERS:-}; do end "$process"; done
    eventually 10 no_key
    rm -rf "$XDG_STATE_HOME"/*
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
