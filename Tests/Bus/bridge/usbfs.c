#include "usbfs.h"

#include <errno.h>
#include <linux/usb/ch9.h>
#include <linux/usbdevice_fs.h>
#include <string.h>
#include <sys/ioctl.h>

#include "transfer.h"

/* An ioctl that waits completes later; see `client_wake`. */
#define WAITS (-1)
/* CONNECT returns how many drivers were bound, all others return 0. */
#define BOUND (-2)

/* Of a controller that takes long transfers in one piece, as xHCI does. */
#define CAPABILITIES \
    (USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_NO_PACKET_SIZE_LIM | USBDEVFS_CAP_BULK_SCATTER_GATHER \
     | USBDEVFS_CAP_REAP_AFTER_DISCONNECT)

/* --- Interfaces and their drivers --- */

static int claim(struct client *client, unsigned number) {
    struct interface *interface = key_interface(client->key, number);
    if (interface == NULL) return ENOENT;
    if (interface->holder == client) return 0;
    if (interface->holder != NULL || interface->is_bound) return EBUSY;
    interface->holder = client;
    client->key->counts.claims++;
    return 0;
}

static int release(struct client *client, unsigned number) {
    struct interface *interface = key_interface(client->key, number);
    if (interface == NULL) return ENOENT;
    if (interface->holder != client) return EINVAL;
    interface->holder = NULL;
    client->key->counts.releases++;
    return 0;
}

/* A claimed interface has usbfs itself for a driver. */
static const char *driver_of(const struct interface *interface) {
    if (interface->holder != NULL) return "usbfs";
    return interface->is_bound ? interface->driver : "";
}

static int get_driver(struct client *client, struct usbdevfs_getdriver *asked) {
    struct interface *interface = key_interface(client->key, asked->interface);
    if (interface == NULL) return EINVAL;
    if (driver_of(interface)[0] == '\0') return ENODATA;
    g_strlcpy(asked->driver, driver_of(interface), sizeof asked->driver);
    return 0;
}

static int disconnect(struct client *client, struct interface *interface) {
    if (driver_of(interface)[0] == '\0') return ENODATA;
    if (interface->is_bound) client->key->counts.detached_drivers++;
    interface->is_bound = false;
    interface->holder = NULL;
    return 0;
}

static int connect_driver(struct client *client, struct interface *interface) {
    if (driver_of(interface)[0] != '\0') return EBUSY;
    if (interface->driver[0] == '\0') return 0;
    interface->is_bound = true;
    client->key->counts.reattached_drivers++;
    return BOUND;
}

static int command_for_interface(struct client *client, const struct usbdevfs_ioctl *command) {
    struct interface *interface = key_interface(client->key, (unsigned)command->ifno);
    if (interface == NULL) return EINVAL;
    switch ((unsigned)command->ioctl_code) {
    case USBDEVFS_DISCONNECT: return disconnect(client, interface);
    case USBDEVFS_CONNECT: return connect_driver(client, interface);
    default: return ENOTTY;
    }
}

static int disconnect_and_claim(struct client *client, const struct usbdevfs_disconnect_claim *asked) {
    struct interface *interface = key_interface(client->key, asked->interface);
    if (interface == NULL) return EINVAL;
    const char *driver = driver_of(interface);
    bool is_named = strncmp(driver, asked->driver, sizeof asked->driver) == 0;
    if (driver[0] != '\0') {
        if ((asked->flags & USBDEVFS_DISCONNECT_CLAIM_IF_DRIVER) && !is_named) return EBUSY;
        if ((asked->flags & USBDEVFS_DISCONNECT_CLAIM_EXCEPT_DRIVER) && is_named) return EBUSY;
        disconnect(client, interface);
    }
    return claim(client, asked->interface);
}

/* --- Requests to the device --- */

static int clear_halt(struct client *client, unsigned address) {
    struct endpoint *endpoint = key_endpoint(client->key, address & 0xff);
    int error = transfer_require_claim(client, endpoint == NULL ? NULL : endpoint->interface);
    if (error != 0) return error;
    endpoint->is_halted = false;
    client->key->counts.cleared_halts++;
    uint8_t setup[USB_SETUP_SIZE] = {USB_RECIP_ENDPOINT, USB_REQ_CLEAR_FEATURE, USB_ENDPOINT_HALT, 0, endpoint->address};
    error = transfer_request(client, setup);
    return error == 0 ? WAITS : error;
}

static int set_configuration(struct client *client, unsigned value) {
    for (size_t each = 0; each < client->key->interface_count; each++)
        if (driver_of(&client->key->interfaces[each])[0] != '\0') return EBUSY;
    uint8_t setup[USB_SETUP_SIZE] = {USB_RECIP_DEVICE, USB_REQ_SET_CONFIGURATION, value & 0xff};
    int error = transfer_request(client, setup);
    return error == 0 ? WAITS : error;
}

static int set_interface(struct client *client, const struct usbdevfs_setinterface *asked) {
    int error = transfer_require_claim(client, key_interface(client->key, asked->interface));
    if (error != 0) return error;
    uint8_t setup[USB_SETUP_SIZE] = {
        USB_RECIP_INTERFACE, USB_REQ_SET_INTERFACE, asked->altsetting & 0xff, 0, asked->interface & 0xff};
    error = transfer_request(client, setup);
    return error == 0 ? WAITS : error;
}

/* --- One ioctl --- */

/* What the argument points to. */
static UMockdevIoctlData *memory(struct client *client, size_t size) {
    return umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client->io), 0, size, NULL);
}

static int handle_with(struct client *client, unsigned long request, UMockdevIoctlData *argument) {
    if (argument == NULL) return EFAULT;
    void *value = argument->data;
    switch (request) {
    case USBDEVFS_GET_CAPABILITIES: *(uint32_t *)value = CAPABILITIES; return 0;
    case USBDEVFS_CLAIMINTERFACE: return claim(client, *(unsigned *)value);
    case USBDEVFS_RELEASEINTERFACE: return release(client, *(unsigned *)value);
    case USBDEVFS_DISCONNECT_CLAIM: return disconnect_and_claim(client, value);
    case USBDEVFS_GETDRIVER: return get_driver(client, value);
    case USBDEVFS_IOCTL: return command_for_interface(client, value);
    case USBDEVFS_CLEAR_HALT: return clear_halt(client, *(unsigned *)value);
    case USBDEVFS_SETCONFIGURATION: return set_configuration(client, *(unsigned *)value);
    case USBDEVFS_SETINTERFACE: return set_interface(client, value);
    case USBDEVFS_SUBMITURB: return transfer_submit(client, argument);
    default: return ENOTTY;
    }
}

static int handle(struct client *client, unsigned long request) {
    if (!client_is_connected(client)) return ENODEV;
    switch (request) {
    /* The one ioctl whose argument is a value: the address of an URB. */
    case USBDEVFS_DISCARDURB:
        return transfer_discard(client, *(gulong *)(void *)umockdev_ioctl_client_get_arg(client->io)->data);
    /* The device would lose its state; USB/IP has no word for that, and no client here needs it. */
    case USBDEVFS_RESET: return 0;
    default: break;
    }
    g_autoptr(UMockdevIoctlData) argument = memory(client, _IOC_SIZE(request));
    return handle_with(client, request, argument);
}

static gboolean on_ioctl(UMockdevIoctlBase *node, UMockdevIoctlClient *io, gpointer key) {
    (void)node;
    pthread_mutex_lock(&bus_lock);
    struct client *client = client_for(io, key);
    unsigned long request = umockdev_ioctl_client_get_request(io);
    if (request == USBDEVFS_REAPURB || request == USBDEVFS_REAPURBNDELAY) {
        client_reap(client, request == USBDEVFS_REAPURB);
    } else {
        int outcome = handle(client, request);
        if (outcome == BOUND)
            umockdev_ioctl_client_complete(io, 1, 0);
        else if (outcome != WAITS)
            umockdev_ioctl_client_complete(io, outcome == 0 ? 0 : -1, outcome);
    }
    pthread_mutex_unlock(&bus_lock);
    return TRUE;
}

UMockdevIoctlBase *usbfs_node(struct key *key) {
    UMockdevIoctlBase *node = umockdev_ioctl_base_new();
    g_signal_connect(node, "handle-ioctl", G_CALLBACK(on_ioctl), key);
    return node;
}
