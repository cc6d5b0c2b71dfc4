/* USB/IP as a client speaks it (Linux, Documentation/usb/usbip_protocol.rst, version 1.1.1), over a unix socket. */
#ifndef USBIP_H
#define USBIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define USBIP_BUS_ID_SIZE 32
#define USB_SETUP_SIZE 8

/* A device that the server exports. */
struct usbip_device {
    char bus_id[USBIP_BUS_ID_SIZE];
    uint32_t bus;
    /* Bus and device number in one: how requests name the device. */
    uint32_t id;
    /* enum usb_device_speed of the kernel. */
    uint32_t speed;
};

struct usbip_submit {
    uint32_t sequence;
    uint32_t device_id;
    /* Number without the direction. */
    uint8_t endpoint;
    bool in;
    /* URB_… of the kernel. */
    uint32_t flags;
    /* Bytes to send, or at most to receive; of a control transfer without its setup packet. */
    uint32_t length;
    /* Of a control transfer; zeros for others. */
    uint8_t setup[USB_SETUP_SIZE];
    /* What is sent; not looked at where `in` is set. */
    const uint8_t *data;
};

enum usbip_reply_kind { USBIP_SUBMITTED, USBIP_UNLINKED };

struct usbip_reply {
    enum usbip_reply_kind kind;
    uint32_t sequence;
    /* 0 or an errno, negated. */
    int32_t status;
    /* For USBIP_SUBMITTED. The bytes of an IN transfer follow and have to be read. */
    uint32_t actual_length;
};

/* All functions return false, or -1, where the connection is of no more use; errno says why, 0 for its end. */

int usbip_connect(const char *socket_path);
/* Fills in at most `room` devices and returns how many there are. Closes nothing; one list per connection. */
int usbip_list(int link, struct usbip_device *devices, size_t room);
/* After this the connection carries requests for that one device. */
bool usbip_import(int link, const char *bus_id, struct usbip_device *device);
bool usbip_send_submit(int link, const struct usbip_submit *submit);
/* Takes back the request with the number `victim`. */
bool usbip_send_unlink(int link, uint32_t sequence, uint32_t device_id, uint32_t victim);
bool usbip_read_reply(int link, struct usbip_reply *reply);
bool usbip_read(int link, void *bytes, size_t count);

#endif
