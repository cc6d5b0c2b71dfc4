#include "usbip.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* The head of everything before the import:
 *
 *     0  2  version
 *     2  2  operation
 *     4  4  status, 0 for success
 */
struct operation {
    uint16_t version;
    uint16_t code;
    uint32_t status;
};

enum {
    USBIP_VERSION = 0x0111,
    OP_REQ_IMPORT = 0x8003,
    OP_REP_IMPORT = 0x0003,
    OP_REQ_DEVLIST = 0x8005,
    OP_REP_DEVLIST = 0x0005,
};

/* A device, in a list followed by 4 bytes for each interface:
 *
 *       0  256  path at the server
 *     256   32  bus id
 *     288    4  bus
 *     292    4  device number
 *     296    4  speed
 *     300    6  idVendor, idProduct, bcdDevice
 *     306    3  class, subclass, protocol
 *     309    3  bConfigurationValue, bNumConfigurations, bNumInterfaces
 */
struct device_record {
    char path[256];
    char bus_id[USBIP_BUS_ID_SIZE];
    uint32_t bus;
    uint32_t device;
    uint32_t speed;
    uint8_t ids[6];
    uint8_t class_codes[3];
    uint8_t configuration_value;
    uint8_t configuration_count;
    uint8_t interface_count;
};

#define INTERFACE_RECORD_SIZE 4

/* A request or reply for an imported device; each word big-endian:
 *
 *      0  4  command
 *      4  4  sequence number
 *      8  4  device id      zero in replies, as are the next two
 *     12  4  direction      0 out, 1 in
 *     16  4  endpoint
 *     20 20  submit: flags, length, start frame, packets, interval
 *            its reply: status, actual length, start frame, packets, errors
 *            unlink: number of the request to take back; its reply: status
 *     40  8  submit: setup packet
 */
struct message {
    uint32_t command;
    uint32_t sequence;
    uint32_t device_id;
    uint32_t direction;
    uint32_t endpoint;
    uint32_t words[5];
    uint8_t setup[USB_SETUP_SIZE];
};

enum {
    USBIP_CMD_SUBMIT = 1,
    USBIP_CMD_UNLINK = 2,
    USBIP_RET_SUBMIT = 3,
    USBIP_RET_UNLINK = 4,
};

/* Bus and device number stand in one word in requests. */
#define DEVICE_NUMBER_BITS 16

_Static_assert(sizeof(struct operation) == 8, "layout of the protocol");
_Static_assert(sizeof(struct device_record) == 312, "layout of the protocol");
_Static_assert(sizeof(struct message) == 48, "layout of the protocol");

static bool write_all(int link, const void *bytes, size_t count) {
    const uint8_t *next = bytes;
    while (count > 0) {
        ssize_t written = send(link, next, count, MSG_NOSIGNAL);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        next += written;
        count -= (size_t)written;
    }
    return true;
}

bool usbip_read(int link, void *bytes, size_t count) {
    uint8_t *next = bytes;
    while (count > 0) {
        ssize_t got = read(link, next, count);
        if (got < 0 && errno == EINTR) continue;
        if (got == 0) errno = 0;
        if (got <= 0) return false;
        next += got;
        count -= (size_t)got;
    }
    return true;
}

static bool protocol_error(void) {
    errno = EPROTO;
    return false;
}

int usbip_connect(const char *socket_path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(socket_path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address.sun_path, socket_path);
    int link = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (link < 0) return -1;
    if (connect(link, (struct sockaddr *)&address, sizeof address) == 0) return link;
    int error = errno;
    close(link);
    errno = error;
    return -1;
}

static bool send_operation(int link, uint16_t code) {
    struct operation operation = {.version = htobe16(USBIP_VERSION), .code = htobe16(code)};
    return write_all(link, &operation, sizeof operation);
}

static bool read_operation(int link, uint16_t code) {
    struct operation operation;
    if (!usbip_read(link, &operation, sizeof operation)) return false;
    if (be16toh(operation.version) != USBIP_VERSION || be16toh(operation.code) != code) return protocol_error();
    if (operation.status == 0) return true;
    errno = ENODEV;
    return false;
}

static bool read_device(int link, struct usbip_device *device, uint8_t *interface_count) {
    struct device_record record;
    if (!usbip_read(link, &record, sizeof record)) return false;
    if (memchr(record.bus_id, 0, sizeof record.bus_id) == NULL) return protocol_error();
    memcpy(device->bus_id, record.bus_id, sizeof device->bus_id);
    device->bus = be32toh(record.bus);
    device->id = device->bus << DEVICE_NUMBER_BITS | be32toh(record.device);
    device->speed = be32toh(record.speed);
    *interface_count = record.interface_count;
    return true;
}

int usbip_list(int link, struct usbip_device *devices, size_t room) {
    uint32_t count;
    if (!send_operation(link, OP_REQ_DEVLIST) || !read_operation(link, OP_REP_DEVLIST)) return -1;
    if (!usbip_read(link, &count, sizeof count)) return -1;
    count = be32toh(count);
    for (uint32_t index = 0; index < count && index < room; index++) {
        uint8_t interfaces;
        uint8_t records[UINT8_MAX * INTERFACE_RECORD_SIZE];
        if (!read_device(link, &devices[index], &interfaces)) return -1;
        if (!usbip_read(link, records, (size_t)interfaces * INTERFACE_RECORD_SIZE)) return -1;
    }
    return (int)count;
}

bool usbip_import(int link, const char *bus_id, struct usbip_device *device) {
    char name[USBIP_BUS_ID_SIZE] = {0};
    uint8_t interfaces;
    memcpy(name, bus_id, strnlen(bus_id, sizeof name - 1));
    return send_operation(link, OP_REQ_IMPORT) && write_all(link, name, sizeof name)
        && read_operation(link, OP_REP_IMPORT) && read_device(link, device, &interfaces);
}

bool usbip_send_submit(int link, const struct usbip_submit *submit) {
    struct message message = {
        .command = htobe32(USBIP_CMD_SUBMIT),
        .sequence = htobe32(submit->sequence),
        .device_id = htobe32(submit->device_id),
        .direction = htobe32(submit->in ? 1 : 0),
        .endpoint = htobe32(submit->endpoint),
        /* Start frame, packets and interval are zero, as Linux sends them for all but isochronous transfers. */
        .words = {htobe32(submit->flags), htobe32(submit->length)},
    };
    memcpy(message.setup, submit->setup, sizeof message.setup);
    return write_all(link, &message, sizeof message) && (submit->in || write_all(link, submit->data, submit->length));
}

bool usbip_send_unlink(int link, uint32_t sequence, uint32_t device_id, uint32_t victim) {
    struct message message = {
        .command = htobe32(USBIP_CMD_UNLINK),
        .sequence = htobe32(sequence),
        .device_id = htobe32(device_id),
        .words = {htobe32(victim)},
    };
    return write_all(link, &message, sizeof message);
}

bool usbip_read_reply(int link, struct usbip_reply *reply) {
    struct message message;
    if (!usbip_read(link, &message, sizeof message)) return false;
    switch (be32toh(message.command)) {
    case USBIP_RET_SUBMIT: reply->kind = USBIP_SUBMITTED; break;
    case USBIP_RET_UNLINK: reply->kind = USBIP_UNLINKED; break;
    default: return protocol_error();
    }
    reply->sequence = be32toh(message.sequence);
    reply->status = (int32_t)be32toh(message.words[0]);
    reply->actual_length = reply->kind == USBIP_SUBMITTED ? be32toh(message.words[1]) : 0;
    return true;
}
