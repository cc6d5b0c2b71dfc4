#include "key.h"

#include <errno.h>
#include <linux/usb/ch9.h>
#include <string.h>

#define ENGLISH_US 0x0409
#define MAX_DESCRIPTOR_SIZE 4096

pthread_mutex_t bus_lock = PTHREAD_MUTEX_INITIALIZER;

/* Returns the number of bytes that came, or -1. */
static int get_descriptor(struct key *key, uint8_t type, uint8_t index, uint16_t language, uint8_t *bytes, uint16_t room) {
    struct usbip_submit submit = {
        .sequence = ++key->last_sequence,
        .device_id = key->device_id,
        .in = true,
        .length = room,
        .setup = {USB_DIR_IN, USB_REQ_GET_DESCRIPTOR, index, type, language & 0xff, language >> 8, room & 0xff, room >> 8},
    };
    struct usbip_reply reply;
    if (!usbip_send_submit(key->link, &submit) || !usbip_read_reply(key->link, &reply)) return -1;
    if (reply.kind != USBIP_SUBMITTED || reply.sequence != submit.sequence || reply.actual_length > room) return -1;
    if (!usbip_read(key->link, bytes, reply.actual_length)) return -1;
    return reply.status == 0 ? (int)reply.actual_length : -1;
}

static char *get_string(struct key *key, uint8_t index) {
    uint8_t bytes[UINT8_MAX + 1];
    if (index == 0) return NULL;
    int count = get_descriptor(key, USB_DT_STRING, index, ENGLISH_US, bytes, UINT8_MAX);
    if (count < 2) return NULL;
    return g_utf16_to_utf8((const gunichar2 *)(const void *)(bytes + 2), (count - 2) / 2, NULL, NULL, NULL);
}

/* The kernel has a driver for what people type and point with, and for no smart-card reader. */
static const char *driver_for(const struct usb_interface_descriptor *descriptor) {
    return descriptor->bInterfaceClass == USB_CLASS_HID ? "usbhid" : "";
}

static void add_interface(struct key *key, const struct usb_interface_descriptor *descriptor) {
    if (descriptor->bAlternateSetting != 0 || key->interface_count == MAX_INTERFACES) return;
    struct interface *interface = &key->interfaces[key->interface_count++];
    *interface = (struct interface){
        .number = descriptor->bInterfaceNumber,
        .class_code = descriptor->bInterfaceClass,
        .subclass = descriptor->bInterfaceSubClass,
        .protocol = descriptor->bInterfaceProtocol,
    };
    g_strlcpy(interface->driver, driver_for(descriptor), sizeof interface->driver);
}

static void add_endpoint(struct key *key, const struct usb_endpoint_descriptor *descriptor) {
    if (key->interface_count == 0 || key->endpoint_count == MAX_ENDPOINTS) return;
    key->endpoints[key->endpoint_count++] = (struct endpoint){
        .address = descriptor->bEndpointAddress,
        .attributes = descriptor->bmAttributes,
        .interval = descriptor->bInterval,
        .interface = &key->interfaces[key->interface_count - 1],
    };
}

/* Returns false for a descriptor that is cut off. */
static bool parse_configuration(struct key *key) {
    const uint8_t *next = key->configuration, *end = next + key->configuration_size;
    key->interface_count = key->endpoint_count = 0;
    while (next < end) {
        size_t size = next[0], left = (size_t)(end - next);
        if (size < 2 || size > left) return false;
        if (next[1] == USB_DT_INTERFACE && size >= USB_DT_INTERFACE_SIZE) add_interface(key, (const void *)next);
        if (next[1] == USB_DT_ENDPOINT && size >= USB_DT_ENDPOINT_SIZE) add_endpoint(key, (const void *)next);
        next += size;
    }
    return true;
}

bool key_read_descriptors(struct key *key) {
    uint8_t bytes[MAX_DESCRIPTOR_SIZE];
    errno = EPROTO;
    if (get_descriptor(key, USB_DT_DEVICE, 0, 0, key->device, sizeof key->device) != sizeof key->device) return false;
    int count = get_descriptor(key, USB_DT_CONFIG, 0, 0, bytes, sizeof bytes);
    if (count < USB_DT_CONFIG_SIZE) return false;
    key->configuration_size = (size_t)bytes[2] | (size_t)bytes[3] << 8;
    if (key->configuration_size > (size_t)count) return false;
    g_free(key->configuration);
    key->configuration = g_memdup2(bytes, key->configuration_size);

    const struct usb_device_descriptor *device = (const void *)key->device;
    const uint8_t indices[] = {device->iManufacturer, device->iProduct, device->iSerialNumber};
    for (size_t each = 0; each < G_N_ELEMENTS(indices); each++) {
        g_free(key->strings[each]);
        key->strings[each] = get_string(key, indices[each]);
    }
    return parse_configuration(key);
}

struct interface *key_interface(struct key *key, unsigned number) {
    for (size_t each = 0; each < key->interface_count; each++)
        if (key->interfaces[each].number == number) return &key->interfaces[each];
    return NULL;
}

struct endpoint *key_endpoint(struct key *key, uint8_t address) {
    for (size_t each = 0; each < key->endpoint_count; each++)
        if (key->endpoints[each].address == address) return &key->endpoints[each];
    return NULL;
}

void key_plugged(struct key *key) {
    for (size_t each = 0; each < key->interface_count; each++)
        key->interfaces[each].is_bound = key->interfaces[each].driver[0] != '\0';
}

void key_unplugged(struct key *key) {
    for (size_t each = 0; each < key->interface_count; each++) {
        key->interfaces[each].holder = NULL;
        key->interfaces[each].is_bound = false;
    }
    for (size_t each = 0; each < key->endpoint_count; each++) key->endpoints[each].is_halted = false;
    key->transfers_to_fault = 0;
}
