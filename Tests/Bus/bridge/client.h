/* One open file of a device node: what usbfs keeps for it. */
#ifndef CLIENT_H
#define CLIENT_H

#include "key.h"

struct client {
    gatomicrefcount references;
    /* NULL once the file is closed. Used on the client's thread only. */
    UMockdevIoctlClient *io;
    /* Of the thread on which umockdev handles ioctls. An ioctl is completed there and nowhere else. */
    GMainContext *context;
    struct key *key;
    /* The key's address when the file was opened: after another plugging the file is of no more use. */
    unsigned address;
    /* `struct urb` to be reaped, first come first. The queue is the file's own: a program that opens a device twice
     * must not reap with one file what it submitted with the other. */
    GQueue finished;
    /* Where a waiting reap wants the URB's address; NULL while none waits. */
    UMockdevIoctlData *reap_slot;
    GSource *patience;
    /* An ioctl that waits for the device: what became of it. */
    bool waits_for_device, has_answer;
    int answer;
};

/* The client of that file; it is made at the first ioctl, and goes when the file is closed or its process ends. */
struct client *client_for(UMockdevIoctlClient *io, struct key *key);
/* Whether the key that was opened is still there. */
bool client_is_connected(const struct client *client);
/* Waits for an URB, at most for a moment where `is_patient` is not set. On the client's thread. */
void client_reap(struct client *client, bool is_patient);
/* Waits for `answer`. On the client's thread. */
void client_wait_for_device(struct client *client);
/* Looks again whether a waiting ioctl can go on. From any thread. */
void client_wake(struct client *client);

#endif
