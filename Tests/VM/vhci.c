// Attaches USB/IP devices of a server on a unix socket to this kernel, as Debian's `usbip attach` does over TCP.
//
//     vhci list SOCKET                 a line a device: its bus id
//     vhci attach SOCKET BUSID         prints the port; the kernel goes on alone with the connection
//     vhci cut-write SOCKET BUSID      as attach, and pulls the plug in place of the transfer that carries a PUT
//     vhci cut-answer SOCKET BUSID     as attach, and pulls the plug in place of the first read after a PUT
//
// The last two stay in the background between kernel and server until then. All numbers of the protocol are
// big-endian (Linux, Documentation/usb/usbip_protocol.rst).

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CONTROLLER "/sys/devices/platform/vhci_hcd.0"

enum { PROTOCOL_VERSION = 0x0111, OP_REQ_DEVLIST = 0x8005, OP_REQ_IMPORT = 0x8003, USBIP_CMD_SUBMIT = 1 };
enum { DIRECTION_OUT = 0, CONTROL_ENDPOINT = 0, BUS_ID_SIZE = 32 };

// Status of a port of the controller in `status`: no device, and nothing under way.
enum { VDEV_ST_NULL = 4 };

// CCID 1.1, section 6.1.4, and the YKOATH protocol: where the instruction stands in a bulk message, and that of PUT.
enum { PC_TO_RDR_XFR_BLOCK = 0x6F, INSTRUCTION_OFFSET = 11, PUT = 0x01 };

enum { LONGEST_TRANSFER = 1 << 20 };

struct operation {
    uint16_t version, code;
    uint32_t status;
};

struct device {
    char path[256], bus_id[BUS_ID_SIZE];
    uint32_t bus, number, speed;
    uint16_t vendor, product, release;
    uint8_t class, subclass, protocol, configuration, configurations, interfaces;
} __attribute__((packed));

// The part of a command's header that is the same for all, and what follows in USBIP_CMD_SUBMIT.
struct command {
    uint32_t code, sequence, device, direction, endpoint;
    uint32_t flags, length, start_frame, packets, interval;
    uint8_t setup[8];
};

static void die(const char *what) {
    fprintf(stderr, "vhci: %s: %s\n", what, errno ? strerror(errno) : "not what the protocol says");
    exit(1);
}

static bool read_all(int from, void *bytes, size_t count) {
    for (size_t done = 0; done < count;) {
        ssize_t part = read(from, (char *)bytes + done, count - done);
        if (part <= 0) return false;
        done += (size_t)part;
    }
    return true;
}

static bool write_all(int to, const void *bytes, size_t count) {
    for (size_t done = 0; done < count;) {
        ssize_t part = send(to, (const char *)bytes + done, count - done, MSG_NOSIGNAL);
        if (part <= 0) return false;
        done += (size_t)part;
    }
    return true;
}

static int connected(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) die("path of the socket");
    strcpy(address.sun_path, path);
    int server = socket(AF_UNIX, SOCK_STREAM, 0);
    if (server < 0 || connect(server, (struct sockaddr *)&address, sizeof address) != 0) die(path);
    return server;
}

static void request(int server, uint16_t code, const void *argument, size_t size) {
    struct operation operation = {htons(PROTOCOL_VERSION), htons(code), 0};
    if (!write_all(server, &operation, sizeof operation) || !write_all(server, argument, size)) die("request");
    if (!read_all(server, &operation, sizeof operation) || operation.status != 0) die("answer");
}

static void list(int server) {
    request(server, OP_REQ_DEVLIST, NULL, 0);
    uint32_t count;
    if (!read_all(server, &count, sizeof count)) die("list");
    for (count = ntohl(count); count > 0; count--) {
        struct device device;
        if (!read_all(server, &device, sizeof device)) die("list");
        printf("%.*s\n", BUS_ID_SIZE, device.bus_id);
        for (unsigned i = 0; i < device.interfaces; i++) {
            uint8_t interface[4];
            if (!read_all(server, interface, sizeof interface)) die("list");
        }
    }
}

// A free port for speeds up to "high".
static int free_port(void) {
    FILE *status = fopen(CONTROLLER "/status", "r");
    if (!status) die(CONTROLLER "/status");
    char line[256];
    int found = -1;
    while (found < 0 && fgets(line, sizeof line, status)) {
        int port, state;
        if (sscanf(line, "hs %d %d", &port, &state) == 2 && state == VDEV_ST_NULL) found = port;
    }
    fclose(status);
    if (found < 0) die("no free port");
    return found;
}

static int attach(int connection, const struct device *device) {
    int port = free_port();
    FILE *controller = fopen(CONTROLLER "/attach", "w");
    if (!controller) die(CONTROLLER "/attach");
    uint32_t identity = ntohl(device->bus) << 16 | ntohl(device->number);
    fprintf(controller, "%d %d %u %u", port, connection, identity, ntohl(device->speed));
    if (fclose(controller) != 0) die("attach");
    return port;
}

// Passes commands on, until one is the one to cut at.
static void relay_until_cut(int kernel, int server, bool at_answer) {
    static uint8_t buffer[LONGEST_TRANSFER];
    bool has_put = false;
    struct pollfd sides[] = {{.fd = kernel, .events = POLLIN}, {.fd = server, .events = POLLIN}};
    while (poll(sides, 2, -1) > 0) {
        if (sides[1].revents) {
            ssize_t count = read(server, buffer, sizeof buffer);
            if (count <= 0 || !write_all(kernel, buffer, (size_t)count)) return;
        }
        if (!sides[0].revents) continue;
        struct command command;
        if (!read_all(kernel, &command, sizeof command)) return;
        bool is_submit = ntohl(command.code) == USBIP_CMD_SUBMIT;
        bool is_out = is_submit && ntohl(command.direction) == DIRECTION_OUT;
        size_t length = is_out ? ntohl(command.length) : 0;
        if (length > sizeof buffer || !read_all(kernel, buffer, length)) return;
        if (is_out && length > INSTRUCTION_OFFSET && ntohl(command.endpoint) != CONTROL_ENDPOINT)
            has_put |= buffer[0] == PC_TO_RDR_XFR_BLOCK && buffer[INSTRUCTION_OFFSET] == PUT;
        if (has_put && is_submit && is_out != at_answer) return;
        if (!write_all(server, &command, sizeof command) || !write_all(server, buffer, length)) return;
    }
}

// Between kernel and server, in the background.
static void attach_with_cut(int server, const struct device *device, bool at_answer) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) die("socketpair");
    printf("%d\n", attach(ends[0], device));
    fflush(stdout);
    if (fork() != 0) return;
    close(ends[0]);
    freopen("/dev/null", "w", stdout);
    relay_until_cut(ends[1], server, at_answer);
    shutdown(ends[1], SHUT_RDWR);
}

int main(int count, char **words) {
    if (count < 3) die("usage");
    int server = connected(words[2]);
    if (count == 3 && strcmp(words[1], "list") == 0) {
        list(server);
        return 0;
    }
    if (count != 4) die("usage");
    char bus_id[BUS_ID_SIZE] = "";
    strncpy(bus_id, words[3], sizeof bus_id - 1);
    request(server, OP_REQ_IMPORT, bus_id, sizeof bus_id);
    struct device device;
    if (!read_all(server, &device, sizeof device)) die("import");
    if (strcmp(words[1], "attach") == 0)
        printf("%d\n", attach(server, &device));
    else
        attach_with_cut(server, &device, strcmp(words[1], "cut-answer") == 0);
    return 0;
}
