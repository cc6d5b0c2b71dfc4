#include "client.h"

#include <errno.h>

#include "transfer.h"

/* libusb asks without a pause where poll() says that a node can be read, and a file always can. So "nothing yet" is
 * said after this time only; an URB that finishes meanwhile is handed out at once. */
#define HOLD_BACK_MILLISECONDS 2

#define CLIENT_KEY "usbfs-bridge"

struct client *client_for(UMockdevIoctlClient *io, struct key *key) {
    struct client *client = g_object_get_data(G_OBJECT(io), CLIENT_KEY);
    if (client != NULL) return client;
    client = g_new0(struct client, 1);
    g_atomic_ref_count_init(&client->references);
    /* Nothing else keeps it while an ioctl waits. */
    client->io = g_object_ref(io);
    client->context = g_main_context_ref_thread_default();
    client->key = key;
    client->address = key->address;
    g_queue_init(&client->finished);
    g_object_set_data(G_OBJECT(io), CLIENT_KEY, client);
    return client;
}

static struct client *client_ref(struct client *client) {
    g_atomic_ref_count_inc(&client->references);
    return client;
}

void client_unref(struct client *client) {
    if (!g_atomic_ref_count_dec(&client->references)) return;
    g_main_context_unref(client->context);
    g_free(client);
}

bool client_is_connected(const struct client *client) {
    return client->key->is_plugged && client->key->address == client->address;
}

static void stop_waiting(struct client *client) {
    g_clear_object(&client->reap_slot);
    if (client->patience == NULL) return;
    g_source_destroy(client->patience);
    g_clear_pointer(&client->patience, g_source_unref);
}

static void complete_reap(struct client *client, int error) {
    stop_waiting(client);
    umockdev_ioctl_client_complete(client->io, error == 0 ? 0 : -1, error);
}

/* Completes the waiting reap, if there is something to say. */
static void try_reap(struct client *client) {
    if (client->reap_slot == NULL) return;
    struct urb *urb = g_queue_pop_head(&client->finished);
    if (urb != NULL) {
        umockdev_ioctl_data_set_ptr(client->reap_slot, 0, urb->request);
        complete_reap(client, 0);
        urb_free(urb);
    } else if (!client_is_connected(client)) {
        complete_reap(client, ENODEV);
    }
}

static gboolean lose_patience(gpointer data) {
    struct client *client = data;
    pthread_mutex_lock(&bus_lock);
    if (client->reap_slot != NULL) complete_reap(client, EAGAIN);
    pthread_mutex_unlock(&bus_lock);
    return G_SOURCE_REMOVE;
}

void client_reap(struct client *client, bool patient) {
    client->reap_slot = umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client->io), 0, sizeof(void *), NULL);
    if (client->reap_slot == NULL) {
        umockdev_ioctl_client_complete(client->io, -1, EFAULT);
        return;
    }
    try_reap(client);
    if (client->reap_slot == NULL || patient) return;
    client->patience = g_timeout_source_new(HOLD_BACK_MILLISECONDS);
    g_source_set_callback(client->patience, lose_patience, client, NULL);
    g_source_attach(client->patience, client->context);
}

static gboolean look_again(gpointer data) {
    struct client *client = data;
    pthread_mutex_lock(&bus_lock);
    if (!client->has_vanished) {
        try_reap(client);
        if (client->waits_for_device && client->has_answer) {
            client->waits_for_device = client->has_answer = false;
            umockdev_ioctl_client_complete(client->io, client->answer == 0 ? 0 : -1, client->answer);
        }
    }
    pthread_mutex_unlock(&bus_lock);
    return G_SOURCE_REMOVE;
}

static void release_reference(gpointer client) { client_unref(client); }

void client_wake(struct client *client) {
    /* Not g_main_context_invoke(): on the client's own thread that would run at once, and the lock is held. */
    GSource *source = g_idle_source_new();
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, look_again, client_ref(client), release_reference);
    g_source_attach(source, client->context);
    g_source_unref(source);
}

void client_vanish(struct client *client) {
    struct key *key = client->key;
    client->has_vanished = true;
    stop_waiting(client);
    for (size_t each = 0; each < key->interface_count; each++) {
        if (key->interfaces[each].holder != client) continue;
        key->interfaces[each].holder = NULL;
        key->counts.dropped_claims++;
    }
    transfer_abandon_all(client);
    g_queue_clear_full(&client->finished, urb_free);
    g_object_set_data(G_OBJECT(client->io), CLIENT_KEY, NULL);
    g_object_unref(client->io);
    client_unref(client);
}
