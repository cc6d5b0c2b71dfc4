#include "client.h"

#include <errno.h>

#include "transfer.h"

/* libusb asks without a pause where poll() says that a node can be read, and a file always can. So "nothing yet" is
 * said after this time only; an URB that finishes meanwhile is handed out at once. */
#define HOLD_BACK_MILLISECONDS 2

#define CLIENT_KEY "usbfs-bridge"

static struct client *client_ref(struct client *client) {
    g_atomic_ref_count_inc(&client->references);
    return client;
}

static void client_unref(gpointer data) {
    struct client *client = data;
    if (!g_atomic_ref_count_dec(&client->references)) return;
    g_main_context_unref(client->context);
    g_free(client);
}

/* Runs the callback soon on the client's thread, even when this is that thread: callers hold the lock. */
static void run_soon(struct client *client, GSourceFunc callback) {
    GSource *source = g_idle_source_new();
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, callback, client_ref(client), client_unref);
    g_source_attach(source, client->context);
    g_source_unref(source);
}

bool client_is_connected(const struct client *client) {
    return client->key->is_plugged && client->key->address == client->address;
}

/* --- Closing --- */

static void stop_waiting(struct client *client) {
    g_clear_object(&client->reap_slot);
    client->waits_for_device = client->has_answer = false;
    if (client->patience == NULL) return;
    g_source_destroy(client->patience);
    g_clear_pointer(&client->patience, g_source_unref);
}

/* What the kernel does: the claims end, no driver comes back, and what was submitted is taken back. */
static gboolean give_back(gpointer data) {
    struct client *client = data;
    struct key *key = client->key;
    pthread_mutex_lock(&bus_lock);
    stop_waiting(client);
    for (size_t each = 0; each < key->interface_count; each++) {
        if (key->interfaces[each].holder != client) continue;
        key->interfaces[each].holder = NULL;
        key->counts.dropped_claims++;
    }
    transfer_abandon_all(client);
    g_queue_clear_full(&client->finished, urb_free);
    pthread_mutex_unlock(&bus_lock);
    return G_SOURCE_REMOVE;
}

/* umockdev drops its object when the file is closed; it has a signal for that too, and does not emit it. */
static void on_closed(gpointer data) {
    struct client *client = data;
    client->io = NULL;
    run_soon(client, give_back);
    client_unref(client);
}

struct client *client_for(UMockdevIoctlClient *io, struct key *key) {
    struct client *client = g_object_get_data(G_OBJECT(io), CLIENT_KEY);
    if (client != NULL) return client;
    client = g_new0(struct client, 1);
    g_atomic_ref_count_init(&client->references);
    client->io = io;
    client->context = g_main_context_ref_thread_default();
    client->key = key;
    client->address = key->address;
    g_queue_init(&client->finished);
    g_object_set_data_full(G_OBJECT(io), CLIENT_KEY, client, on_closed);
    return client;
}

/* --- Waiting --- */

/* Nothing else keeps the object while its ioctl waits. */
static void begin_waiting(struct client *client) { g_object_ref(client->io); }

static void complete(struct client *client, int error) {
    UMockdevIoctlClient *io = client->io;
    stop_waiting(client);
    umockdev_ioctl_client_complete(io, error == 0 ? 0 : -1, error);
    g_object_unref(io);
}

/* Completes the waiting reap, if there is something to say. */
static void try_reap(struct client *client) {
    struct urb *urb = g_queue_pop_head(&client->finished);
    if (urb != NULL) {
        umockdev_ioctl_data_set_ptr(client->reap_slot, 0, urb->request);
        complete(client, 0);
        urb_free(urb);
    } else if (!client_is_connected(client)) {
        complete(client, ENODEV);
    }
}

static gboolean look_again(gpointer data) {
    struct client *client = data;
    pthread_mutex_lock(&bus_lock);
    if (client->io != NULL && client->reap_slot != NULL) try_reap(client);
    if (client->io != NULL && client->waits_for_device && client->has_answer) complete(client, client->answer);
    pthread_mutex_unlock(&bus_lock);
    return G_SOURCE_REMOVE;
}

void client_wake(struct client *client) { run_soon(client, look_again); }

static gboolean lose_patience(gpointer data) {
    struct client *client = data;
    pthread_mutex_lock(&bus_lock);
    if (client->io != NULL && client->reap_slot != NULL) complete(client, EAGAIN);
    pthread_mutex_unlock(&bus_lock);
    return G_SOURCE_REMOVE;
}

void client_reap(struct client *client, bool is_patient) {
    client->reap_slot = umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client->io), 0, sizeof(void *), NULL);
    if (client->reap_slot == NULL) {
        umockdev_ioctl_client_complete(client->io, -1, EFAULT);
        return;
    }
    begin_waiting(client);
    try_reap(client);
    if (client->reap_slot == NULL || is_patient) return;
    client->patience = g_timeout_source_new(HOLD_BACK_MILLISECONDS);
    g_source_set_callback(client->patience, lose_patience, client_ref(client), client_unref);
    g_source_attach(client->patience, client->context);
}

void client_wait_for_device(struct client *client) {
    begin_waiting(client);
    client->waits_for_device = true;
}
