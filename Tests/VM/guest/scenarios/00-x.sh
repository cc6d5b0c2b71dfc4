scenario "the guest boots" boots
boots() { ls -la /dev/bus/usb /sys/bus/usb/devices; cat $VHCI_CONTROLLER/status; "$KEYPROV" devices; lsusb; id; }
