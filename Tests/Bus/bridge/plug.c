#include "plug.h"

#include <errno.h>
#include <linux/usb/ch9.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "transfer.h"
#include "usbfs.h"

/* Directories and sockets of the testbed, so that programs of any user get to the nodes, which have modes of their own. */
#define OPEN_TO_ALL 0777
/* A device node as the udev rules leave it for whoever is to use it. */
#define NODE_MODE 0666
#define USB_MAJOR 189
#define MINORS_PER_BUS 128
#define LAST_ADDRESS 127
#define FIRST_ADDRESS 2

static UMockdevTestbed *testbed;
static const char *server_path;
static unsigned last_address = FIRST_ADDRESS - 1;
/* Changes of the testbed, one at a time. Taken before `bus_lock`. */
static pthread_mutex_t plug_lock = PTHREAD_MUTEX_INITIALIZER;

void plug_set_up(UMockdevTestbed *bed, const char *server) {
    testbed = bed;
    server_path = server;
}

/* --- Names --- */

char *plug_node(const struct key *key) { return g_strdup_printf("/dev/bus/usb/%03u/%03u", key->bus, key->address); }

static char *system_path(const struct key *key) {
    return g_strdup_printf("/sys/devices/platform/bridge/usb%u/%s", key->bus, key->port);
}

static char *interface_path(const struct key *key, const struct interface *interface) {
    g_autofree char *device = system_path(key);
    return g_strdup_printf("%s/%s:1.%u", device, key->port, interface->number);
}

static char *real_path(const char *path) {
    g_autofree char *root = umockdev_testbed_get_root_dir(testbed);
    return g_strconcat(root, path, NULL);
}

/* --- Records in umockdev's format of device descriptions --- */

static const char *megabits(uint32_t speed) {
    switch (speed) {
    case USB_SPEED_LOW: return "1.5";
    case USB_SPEED_HIGH: return "480";
    case USB_SPEED_SUPER: return "5000";
    default: return "12";
    }
}

static void add_text(GString *record, const char *name, const char *text) {
    if (text != NULL) g_string_append_printf(record, "A: %s=%s\\n\n", name, text);
}

static void add_hex(GString *record, const char *name, unsigned digits, unsigned value) {
    g_string_append_printf(record, "A: %s=%0*x\\n\n", name, (int)digits, value);
}

static void add_descriptors(GString *record, const struct key *key) {
    g_string_append(record, "H: descriptors=");
    for (size_t each = 0; each < sizeof key->device; each++) g_string_append_printf(record, "%02x", key->device[each]);
    for (size_t each = 0; each < key->configuration_size; each++)
        g_string_append_printf(record, "%02x", key->configuration[each]);
    g_string_append_c(record, '\n');
}

static char *device_record(const struct key *key) {
    const struct usb_device_descriptor *device = (const void *)key->device;
    const struct usb_config_descriptor *configuration = (const void *)key->configuration;
    g_autofree char *path = system_path(key), *node = plug_node(key);
    GString *record = g_string_new(NULL);
    g_string_append_printf(record, "P: %s\nN: %s\n", path + strlen("/sys"), node + strlen("/dev/"));
    g_string_append_printf(
        record,
        "E: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: DRIVER=usb\nE: DEVNAME=%s\nE: BUSNUM=%03u\nE: DEVNUM=%03u\n"
        "E: MAJOR=%u\nE: MINOR=%u\nE: PRODUCT=%x/%x/%x\nE: TYPE=%u/%u/%u\n",
        node, key->bus, key->address, USB_MAJOR, (key->bus - 1) * MINORS_PER_BUS + key->address - 1,
        GUINT16_FROM_LE(device->idVendor), GUINT16_FROM_LE(device->idProduct), GUINT16_FROM_LE(device->bcdDevice),
        device->bDeviceClass, device->bDeviceSubClass, device->bDeviceProtocol);
    g_string_append_printf(record, "A: busnum=%u\\n\nA: devnum=%u\\n\n", key->bus, key->address);
    g_string_append_printf(record, "A: bConfigurationValue=%u\\n\n", configuration->bConfigurationValue);
    g_string_append_printf(record, "A: bNumConfigurations=%u\\n\n", device->bNumConfigurations);
    g_string_append_printf(record, "A: bNumInterfaces=%2u\\n\n", configuration->bNumInterfaces);
    add_text(record, "speed", megabits(key->speed));
    add_text(record, "devpath", strchr(key->port, '-') + 1);
    add_hex(record, "idVendor", 4, GUINT16_FROM_LE(device->idVendor));
    add_hex(record, "idProduct", 4, GUINT16_FROM_LE(device->idProduct));
    add_hex(record, "bcdDevice", 4, GUINT16_FROM_LE(device->bcdDevice));
    add_hex(record, "bDeviceClass", 2, device->bDeviceClass);
    add_text(record, "manufacturer", key->strings[0]);
    add_text(record, "product", key->strings[1]);
    add_text(record, "serial", key->strings[2]);
    add_descriptors(record, key);
    return g_string_free(record, FALSE);
}

static char *interface_record(const struct key *key, const struct interface *interface) {
    const struct usb_device_descriptor *device = (const void *)key->device;
    g_autofree char *path = interface_path(key, interface);
    GString *record = g_string_new(NULL);
    g_string_append_printf(record, "P: %s\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\n", path + strlen("/sys"));
    g_string_append_printf(
        record, "E: PRODUCT=%x/%x/%x\nE: INTERFACE=%u/%u/%u\n", GUINT16_FROM_LE(device->idVendor),
        GUINT16_FROM_LE(device->idProduct), GUINT16_FROM_LE(device->bcdDevice), interface->class_code,
        interface->subclass, interface->protocol);
    add_hex(record, "bInterfaceNumber", 2, interface->number);
    add_hex(record, "bAlternateSetting", 2, 0);
    add_hex(record, "bInterfaceClass", 2, interface->class_code);
    add_hex(record, "bInterfaceSubClass", 2, interface->subclass);
    add_hex(record, "bInterfaceProtocol", 2, interface->protocol);
    return g_string_free(record, FALSE);
}

/* --- In --- */

static bool failed(const struct key *key, const char *what, const char *why) {
    fprintf(stderr, "usbfs-bridge: %s: %s: %s\n", key->port, what, why);
    return false;
}

static bool import(struct key *key) {
    struct usbip_device device;
    int link = usbip_connect(server_path);
    if (link < 0) return failed(key, "connecting", g_strerror(errno));
    key->link = link;
    key->last_sequence = 0;
    bool is_good = usbip_import(link, key->port, &device);
    if (is_good) {
        key->bus = device.bus;
        key->device_id = device.id;
        key->speed = device.speed;
        is_good = key_read_descriptors(key);
    }
    if (is_good) return true;
    failed(key, "importing", g_strerror(errno));
    close(link);
    return false;
}

static bool add(const char *record) {
    g_autoptr(GError) error = NULL;
    if (umockdev_testbed_add_from_string(testbed, record, &error)) return true;
    fprintf(stderr, "usbfs-bridge: %s\n", error->message);
    return false;
}

/* The socket through which the node's ioctls go belongs to us, whoever may use the node. */
static void open_to_all(const char *node) {
    g_autofree char *socket = g_strconcat("/ioctl", node, NULL);
    g_autofree char *path = real_path(socket), *root = real_path("");
    while (strlen(path) > strlen(root)) {
        chmod(path, OPEN_TO_ALL);
        *strrchr(path, '/') = '\0';
    }
    chmod(root, OPEN_TO_ALL);
}

/* umockdev tells of a device as soon as it is added, so whoever opens it then has to find all in place. */
static bool publish(struct key *key) {
    g_autofree char *device = device_record(key), *node = plug_node(key);
    g_autoptr(GError) error = NULL;
    if (!umockdev_testbed_attach_ioctl(testbed, node, key->node, &error)) return failed(key, node, error->message);
    open_to_all(node);
    if (!add(device) || !plug_set_mode(key, NODE_MODE)) return false;
    for (size_t each = 0; each < key->interface_count; each++) {
        g_autofree char *interface = interface_record(key, &key->interfaces[each]);
        if (!add(interface)) return false;
    }
    return true;
}

static bool plug_in_locked(struct key *key) {
    if (key->is_plugged) return failed(key, "plugging in", "it is plugged in");
    if (!import(key)) return false;
    if (key->node == NULL) key->node = usbfs_node(key);
    pthread_mutex_lock(&bus_lock);
    last_address = last_address < LAST_ADDRESS ? last_address + 1 : FIRST_ADDRESS;
    key->address = last_address;
    key_plugged(key);
    key->is_plugged = true;
    pthread_mutex_unlock(&bus_lock);
    transfer_start_reading(key);
    return publish(key);
}

bool plug_in(struct key *key) {
    pthread_mutex_lock(&plug_lock);
    bool is_in = plug_in_locked(key);
    pthread_mutex_unlock(&plug_lock);
    return is_in;
}

bool plug_set_mode(struct key *key, unsigned mode) {
    g_autofree char *node = plug_node(key);
    g_autofree char *path = real_path(node);
    return chmod(path, mode) == 0 || failed(key, path, g_strerror(errno));
}

/* --- Out --- */

static void tell_removal(const struct key *key) {
    for (size_t each = 0; each < key->interface_count; each++) {
        g_autofree char *interface = interface_path(key, &key->interfaces[each]);
        umockdev_testbed_uevent(testbed, interface, "remove");
    }
    g_autofree char *device = system_path(key);
    umockdev_testbed_uevent(testbed, device, "remove");
}

static void unpublish(struct key *key) {
    g_autofree char *device = system_path(key);
    for (size_t each = 0; each < key->interface_count; each++) {
        g_autofree char *interface = interface_path(key, &key->interfaces[each]);
        umockdev_testbed_remove_device(testbed, interface);
    }
    umockdev_testbed_remove_device(testbed, device);
}

/* `link` is what has to be the key's connection for anything to happen, or -1 for any. */
static void pull(struct key *key, int link) {
    pthread_mutex_lock(&plug_lock);
    pthread_mutex_lock(&bus_lock);
    bool goes = key->is_plugged && (link < 0 || link == key->link);
    if (goes) {
        key->is_plugged = false;
        key_unplugged(key);
        transfer_fail_all(key);
        shutdown(key->link, SHUT_RDWR);
        key->link = -1;
    }
    pthread_mutex_unlock(&bus_lock);
    if (goes) {
        tell_removal(key);
        unpublish(key);
    }
    pthread_mutex_unlock(&plug_lock);
}

void plug_pull(struct key *key) { pull(key, -1); }

void plug_settle(void) {
    pthread_mutex_lock(&plug_lock);
    pthread_mutex_unlock(&plug_lock);
}

void plug_lost(struct key *key, int link) { pull(key, link); }

static gpointer pull_in_thread(gpointer key) {
    plug_pull(key);
    return NULL;
}

void plug_pull_soon(struct key *key) { g_thread_unref(g_thread_new("pull", pull_in_thread, key)); }
