/* Transfers on their way between programs and the device. All with the lock held, but the reading thread's. */
#ifndef TRANSFER_H
#define TRANSFER_H

#include "client.h"

/* A transfer of a program, or a request of the bridge's own for an ioctl that waits. */
struct urb {
    struct key *key;
    /* NULL once the program is gone. */
    struct client *client;
    /* The program's `struct usbdevfs_urb` and its buffer; NULL for a request of our own, or without bytes. */
    UMockdevIoctlData *request, *buffer;
    uint32_t sequence;
    /* Number of the request that takes it back; 0 for none. */
    uint32_t unlink_sequence;
    bool in;
    /* What it counts as; NULL for a request of our own. */
    unsigned *counter;
    /* Where data begins in the buffer, and how much room there is. */
    size_t data_offset, data_size;
    enum fault_kind fault;
};

/* All return 0 or an errno, for the ioctl to fail with. */
int transfer_submit(struct client *client, UMockdevIoctlData *request);
/* `address` is that of the URB in the program. */
int transfer_discard(struct client *client, gulong address);
/* Sends a control request without data; the client's ioctl waits for its end. */
int transfer_request(struct client *client, const uint8_t setup[USB_SETUP_SIZE]);
/* Claims the interface as usbfs does for programs that forgot to, and books it. */
int transfer_require_claim(struct client *client, struct interface *interface);

/* The program is gone: takes back all that it submitted. */
void transfer_abandon_all(struct client *client);
/* The key is gone: nothing that was submitted succeeds. */
void transfer_fail_all(struct key *key);
/* Starts the thread that reads the device's replies until the connection ends, and then closes it. */
void transfer_start_reading(struct key *key);

void urb_free(void *urb);

#endif
