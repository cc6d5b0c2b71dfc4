/* A key on the bridge's bus: what the kernel would know of it. */
#ifndef KEY_H
#define KEY_H

#include <pthread.h>
#include <umockdev.h>

#include "usbip.h"

#define MAX_KEYS 8
#define MAX_INTERFACES 8
#define MAX_ENDPOINTS 16
#define DRIVER_NAME_SIZE 32
#define DEVICE_DESCRIPTOR_SIZE 18
#define PORT_SIZE USBIP_BUS_ID_SIZE

struct client;

struct interface {
    uint8_t number;
    uint8_t class_code;
    uint8_t subclass;
    uint8_t protocol;
    /* The driver that the kernel binds when the key is plugged in; empty for none. */
    char driver[DRIVER_NAME_SIZE];
    /* It is bound now. */
    bool is_bound;
    /* The open file that claimed the interface; NULL for none. */
    struct client *holder;
};

struct endpoint {
    uint8_t address;
    uint8_t attributes;
    uint8_t interval;
    struct interface *interface;
    bool is_halted;
};

/* What tests want to know afterwards. They only grow. */
struct counts {
    /* Transfers that the device completed, by kind. */
    unsigned control, bulk_in, bulk_out, interrupt;
    /* Transfers that the program took back, after a timeout of its own most of all, whatever came of them. */
    unsigned discarded;
    unsigned claims, releases;
    /* Claims that ended with the open file, because nobody released them. */
    unsigned dropped_claims;
    unsigned detached_drivers, reattached_drivers;
    unsigned cleared_halts;
    /* Transfers to an interface that the program had not claimed. Linux claims it then, and complains. */
    unsigned unclaimed_transfers;
};

/* What is done to a bulk transfer instead of handing it through. */
enum fault_kind {
    FAULT_NONE,
    /* The endpoint halts: the transfer and all later ones fail until the halt is cleared. */
    FAULT_STALL,
    /* The device never answers. */
    FAULT_SILENCE,
    /* The key is pulled before the device hears of the transfer. */
    FAULT_UNPLUG_BEFORE,
    /* The key is pulled after the device took the transfer, before the program hears of it. */
    FAULT_UNPLUG_AFTER,
    /* Half of the bytes get through; the transfer ends well all the same. */
    FAULT_SHORT,
};

struct key {
    /* `BUS-PORT`, at the server and here. */
    char port[PORT_SIZE];
    unsigned bus;
    uint32_t speed;
    uint8_t device[DEVICE_DESCRIPTOR_SIZE];
    uint8_t *configuration;
    size_t configuration_size;
    /* Manufacturer, product and serial number; NULL where it has none. */
    char *strings[3];
    struct interface interfaces[MAX_INTERFACES];
    size_t interface_count;
    struct endpoint endpoints[MAX_ENDPOINTS];
    size_t endpoint_count;

    UMockdevIoctlBase *node;
    /* As of the latest plugging. A bus counts up to 127 and does not give a number twice in a row. */
    bool is_plugged;
    unsigned address;
    int link;
    uint32_t device_id;
    uint32_t last_sequence;
    /* `struct urb` with the device now. */
    GQueue pending;

    /* Of the next transfers, the one to be hit counts 1. */
    unsigned transfers_to_fault;
    enum fault_kind fault;
    struct counts counts;
};

/* Guards all keys, clients and URBs. Held for short times only, never while umockdev is called to change the testbed:
 * that may wait for the thread that handles ioctls, which waits for this lock. */
extern pthread_mutex_t bus_lock;

/* Asks the device for its descriptors, over a connection that nothing else uses yet. */
bool key_read_descriptors(struct key *key);
struct interface *key_interface(struct key *key, unsigned number);
struct endpoint *key_endpoint(struct key *key, uint8_t address);
/* The kernel binds its drivers. */
void key_plugged(struct key *key);
/* No driver, no claim, no halt, no fault. */
void key_unplugged(struct key *key);

#endif
