#include "transfer.h"

#include <errno.h>
#include <linux/usb/ch9.h>
#include <linux/usbdevice_fs.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "plug.h"

/* As usbfs limits it for all transfers together. */
#define MAX_TRANSFER_SIZE (16 << 20)

/* Flags of struct urb in the kernel (linux/usb.h), which USB/IP carries; usbfs has its own for programs. */
#define URB_SHORT_NOT_OK 0x0001
#define URB_ZERO_PACKET 0x0040
#define URB_DIR_IN 0x0200

void urb_free(void *data) {
    struct urb *urb = data;
    g_clear_object(&urb->request);
    g_clear_object(&urb->buffer);
    g_free(urb);
}

/* Hands a transfer back to the program. */
static void finish(struct urb *urb, int status, size_t actual_length) {
    struct client *client = urb->client;
    g_queue_remove(&urb->key->pending, urb);
    if (client == NULL) return urb_free(urb);
    if (urb->request == NULL) {
        client->has_answer = true;
        client->answer = -status;
        client_wake(client);
        return urb_free(urb);
    }
    struct usbdevfs_urb *result = (void *)urb->request->data;
    result->status = status;
    result->actual_length = (int)actual_length;
    if (status == 0) ++*urb->counter;
    g_queue_push_tail(&client->finished, urb);
    client_wake(client);
}

/* --- From the program --- */

int transfer_require_claim(struct client *client, struct interface *interface) {
    if (interface == NULL) return ENOENT;
    if (interface->holder == client) return 0;
    if (interface->holder != NULL || interface->is_bound) return EBUSY;
    interface->holder = client;
    client->key->counts.unclaimed_transfers++;
    return 0;
}

static int check_control(struct client *client, const struct usb_ctrlrequest *setup, size_t length) {
    if (length < USB_SETUP_SIZE + (size_t)GUINT16_FROM_LE(setup->wLength)) return EINVAL;
    if ((setup->bRequestType & USB_TYPE_MASK) == USB_TYPE_VENDOR) return 0;
    uint8_t target = GUINT16_FROM_LE(setup->wIndex) & 0xff;
    struct endpoint *endpoint = key_endpoint(client->key, target);
    switch (setup->bRequestType & USB_RECIP_MASK) {
    case USB_RECIP_INTERFACE: return transfer_require_claim(client, key_interface(client->key, target));
    case USB_RECIP_ENDPOINT: return transfer_require_claim(client, endpoint == NULL ? NULL : endpoint->interface);
    default: return 0;
    }
}

static int check_endpoint(struct client *client, const struct usbdevfs_urb *asked, struct endpoint *endpoint) {
    if (endpoint == NULL) return ENOENT;
    uint8_t kind = endpoint->attributes & USB_ENDPOINT_XFERTYPE_MASK;
    bool fits = kind == USB_ENDPOINT_XFER_INT
        || (kind == USB_ENDPOINT_XFER_BULK && asked->type == USBDEVFS_URB_TYPE_BULK);
    return fits ? transfer_require_claim(client, endpoint->interface) : EINVAL;
}

/* Whether this is the transfer that is to go wrong. */
static enum fault_kind next_fault(struct key *key, const struct endpoint *endpoint) {
    if (endpoint == NULL || (endpoint->attributes & USB_ENDPOINT_XFERTYPE_MASK) != USB_ENDPOINT_XFER_BULK) return FAULT_NONE;
    if (key->transfers_to_fault == 0 || --key->transfers_to_fault > 0) return FAULT_NONE;
    return key->fault;
}

static unsigned *counter_for(struct key *key, const struct endpoint *endpoint) {
    if (endpoint == NULL) return &key->counts.control;
    if ((endpoint->attributes & USB_ENDPOINT_XFERTYPE_MASK) == USB_ENDPOINT_XFER_INT) return &key->counts.interrupt;
    return (endpoint->address & USB_DIR_IN) ? &key->counts.bulk_in : &key->counts.bulk_out;
}

static int forward(struct urb *urb, const struct usbdevfs_urb *asked) {
    struct key *key = urb->key;
    const uint8_t *bytes = urb->buffer == NULL ? NULL : urb->buffer->data;
    struct usbip_submit submit = {
        .sequence = urb->sequence,
        .device_id = key->device_id,
        .endpoint = asked->endpoint & USB_ENDPOINT_NUMBER_MASK,
        .in = urb->in,
        .flags = (urb->in ? URB_DIR_IN : 0) | ((asked->flags & USBDEVFS_URB_SHORT_NOT_OK) ? URB_SHORT_NOT_OK : 0)
            | ((asked->flags & USBDEVFS_URB_ZERO_PACKET) ? URB_ZERO_PACKET : 0),
        .length = (uint32_t)(urb->fault == FAULT_SHORT && !urb->in ? urb->data_size / 2 : urb->data_size),
        .data = bytes == NULL ? NULL : bytes + urb->data_offset,
    };
    if (urb->data_offset > 0) memcpy(submit.setup, bytes, sizeof submit.setup);
    return usbip_send_submit(key->link, &submit) ? 0 : ENODEV;
}

/* Sends the transfer to the device, or does to it what a fault wants. */
static int dispatch(struct urb *urb, const struct usbdevfs_urb *asked, struct endpoint *endpoint) {
    struct key *key = urb->key;
    urb->fault = next_fault(key, endpoint);
    if (urb->fault == FAULT_STALL) endpoint->is_halted = true;
    g_queue_push_tail(&key->pending, urb);
    if (endpoint != NULL && endpoint->is_halted) {
        finish(urb, -EPIPE, 0);
        return 0;
    }
    switch (urb->fault) {
    case FAULT_SILENCE: return 0;
    case FAULT_UNPLUG_BEFORE: plug_pull_soon(key); return 0;
    default: return forward(urb, asked);
    }
}

int transfer_submit(struct client *client, UMockdevIoctlData *request) {
    struct key *key = client->key;
    const struct usbdevfs_urb *asked = (const void *)request->data;
    bool is_control = asked->type == USBDEVFS_URB_TYPE_CONTROL;
    size_t length = (size_t)asked->buffer_length, offset = is_control ? USB_SETUP_SIZE : 0;
    if (asked->type == USBDEVFS_URB_TYPE_ISO || asked->buffer_length < 0) return EINVAL;
    if (length < offset || length > MAX_TRANSFER_SIZE) return EINVAL;

    g_autoptr(UMockdevIoctlData) buffer = NULL;
    if (length > 0) {
        buffer = umockdev_ioctl_data_resolve(request, offsetof(struct usbdevfs_urb, buffer), length, NULL);
        if (buffer == NULL) return EFAULT;
    }
    struct endpoint *endpoint = is_control ? NULL : key_endpoint(key, asked->endpoint);
    const struct usb_ctrlrequest *setup = is_control ? (const void *)buffer->data : NULL;
    int error = is_control ? check_control(client, setup, length) : check_endpoint(client, asked, endpoint);
    if (error != 0) return error;

    struct urb *urb = g_new0(struct urb, 1);
    urb->key = key;
    urb->client = client;
    urb->request = g_object_ref(request);
    urb->sequence = ++key->last_sequence;
    urb->in = ((is_control ? setup->bRequestType : asked->endpoint) & USB_DIR_IN) != 0;
    urb->counter = counter_for(key, endpoint);
    urb->data_offset = offset;
    urb->data_size = is_control ? GUINT16_FROM_LE(setup->wLength) : length;
    urb->buffer = g_steal_pointer(&buffer);
    error = dispatch(urb, asked, endpoint);
    if (error != 0) {
        g_queue_remove(&key->pending, urb);
        urb_free(urb);
    }
    return error;
}

static void take_back(struct urb *urb) {
    /* What the device never got it cannot give back. */
    if (urb->fault == FAULT_SILENCE || urb->fault == FAULT_UNPLUG_BEFORE) return finish(urb, -ENOENT, 0);
    urb->unlink_sequence = ++urb->key->last_sequence;
    usbip_send_unlink(urb->key->link, urb->unlink_sequence, urb->key->device_id, urb->sequence);
}

int transfer_discard(struct client *client, gulong address) {
    for (GList *each = client->key->pending.head; each != NULL; each = each->next) {
        struct urb *urb = each->data;
        if (urb->client != client || urb->request == NULL || urb->request->client_addr != address) continue;
        client->key->counts.discarded++;
        take_back(urb);
        return 0;
    }
    return EINVAL;
}

int transfer_request(struct client *client, const uint8_t setup[USB_SETUP_SIZE]) {
    struct key *key = client->key;
    struct urb *urb = g_new0(struct urb, 1);
    urb->key = key;
    urb->client = client;
    urb->sequence = ++key->last_sequence;
    struct usbip_submit submit = {.sequence = urb->sequence, .device_id = key->device_id};
    memcpy(submit.setup, setup, sizeof submit.setup);
    if (!usbip_send_submit(key->link, &submit)) {
        urb_free(urb);
        return ENODEV;
    }
    client_wait_for_device(client);
    g_queue_push_tail(&key->pending, urb);
    return 0;
}

void transfer_abandon_all(struct client *client) {
    for (GList *each = client->key->pending.head, *next; each != NULL; each = next) {
        struct urb *urb = each->data;
        next = each->next;
        if (urb->client != client) continue;
        urb->client = NULL;
        take_back(urb);
    }
}

void transfer_fail_all(struct key *key) {
    while (!g_queue_is_empty(&key->pending)) finish(g_queue_peek_head(&key->pending), -ESHUTDOWN, 0);
}

/* --- From the device --- */

static struct urb *find(struct key *key, uint32_t sequence) {
    for (GList *each = key->pending.head; each != NULL; each = each->next) {
        struct urb *urb = each->data;
        if (urb->sequence == sequence) return urb;
    }
    return NULL;
}

/* Returns false where the server breaks the protocol. */
static bool take_submitted(struct key *key, const struct usbip_reply *reply) {
    struct urb *urb = find(key, reply->sequence);
    if (urb == NULL || reply->actual_length > urb->data_size) return false;
    if (urb->in && reply->actual_length > 0
        && !usbip_read(key->link, urb->buffer->data + urb->data_offset, reply->actual_length))
        return false;
    switch (urb->fault) {
    case FAULT_UNPLUG_AFTER: plug_pull_soon(key); break;
    case FAULT_SHORT: finish(urb, reply->status, urb->in ? reply->actual_length / 2 : reply->actual_length); break;
    default: finish(urb, reply->status, reply->actual_length); break;
    }
    return true;
}

/* The device gave a transfer back, unless it had completed before: then that reply came first. */
static void take_unlinked(struct key *key, const struct usbip_reply *reply) {
    for (GList *each = key->pending.head; each != NULL; each = each->next) {
        struct urb *urb = each->data;
        if (urb->unlink_sequence != reply->sequence) continue;
        return finish(urb, -ENOENT, 0);
    }
}

static bool take_reply(struct key *key, const struct usbip_reply *reply) {
    if (reply->kind == USBIP_SUBMITTED) return take_submitted(key, reply);
    take_unlinked(key, reply);
    return true;
}

struct reading {
    struct key *key;
    int link;
};

static void *read_replies(void *data) {
    struct reading *reading = data;
    struct usbip_reply reply;
    bool is_good = true;
    while (is_good && usbip_read_reply(reading->link, &reply)) {
        pthread_mutex_lock(&bus_lock);
        is_good = reading->key->link == reading->link && take_reply(reading->key, &reply);
        pthread_mutex_unlock(&bus_lock);
    }
    if (!is_good) fprintf(stderr, "usbfs-bridge: %s: the server broke the protocol\n", reading->key->port);
    plug_lost(reading->key, reading->link);
    close(reading->link);
    g_free(reading);
    return NULL;
}

void transfer_start_reading(struct key *key) {
    struct reading *reading = g_new(struct reading, 1);
    *reading = (struct reading){.key = key, .link = key->link};
    g_thread_unref(g_thread_new("replies", read_replies, reading));
}
