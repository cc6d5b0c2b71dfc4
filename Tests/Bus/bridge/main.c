/* usbfs-bridge: keys of a USB/IP server on a bus that unprivileged programs see as /sys and /dev/bus/usb.
 *
 *     usbfs-bridge SOCKET
 *
 * Imports all that the server at SOCKET exports, and says `ready DIRECTORY`. A program that runs with
 * LD_PRELOAD=libumockdev-preload.so.0 and UMOCKDEV_DIR=DIRECTORY then finds the keys on the bus. Commands come in lines on
 * standard input, each answered by one line: JSON for `state`, else `ok` or `error`.
 *
 *     plug PORT, unplug PORT
 *     fault PORT NUMBER stall|silence|unplug-before|unplug-after|short
 *         the bulk transfer with that number, the next one being 1
 *     driver PORT INTERFACE NAME
 *         another driver of the kernel is bound to the interface
 *     mode PORT OCTAL
 *         permissions of the device node
 *     state
 *
 * The end of standard input is the end of the bus.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plug.h"

#define PRELOAD "libumockdev-preload.so.0"
#define MAX_LINE 256

static struct key keys[MAX_KEYS];
static size_t key_count;

static struct key *key_at(const char *port) {
    for (size_t each = 0; each < key_count; each++)
        if (strcmp(keys[each].port, port) == 0) return &keys[each];
    return NULL;
}

/* --- Commands --- */

static enum fault_kind fault_named(const char *name) {
    static const struct {
        const char *name;
        enum fault_kind kind;
    } faults[] = {
        {"stall", FAULT_STALL},
        {"silence", FAULT_SILENCE},
        {"unplug-before", FAULT_UNPLUG_BEFORE},
        {"unplug-after", FAULT_UNPLUG_AFTER},
        {"short", FAULT_SHORT},
    };
    for (size_t each = 0; each < G_N_ELEMENTS(faults); each++)
        if (strcmp(faults[each].name, name) == 0) return faults[each].kind;
    return FAULT_NONE;
}

static bool set_fault(struct key *key, unsigned number, const char *name) {
    pthread_mutex_lock(&bus_lock);
    key->fault = fault_named(name);
    key->transfers_to_fault = number;
    pthread_mutex_unlock(&bus_lock);
    return key->fault != FAULT_NONE;
}

static bool set_driver(struct key *key, unsigned number, const char *name) {
    pthread_mutex_lock(&bus_lock);
    struct interface *interface = key_interface(key, number);
    bool is_free = interface != NULL && interface->holder == NULL;
    if (is_free) {
        g_strlcpy(interface->driver, name, sizeof interface->driver);
        interface->is_bound = true;
    }
    pthread_mutex_unlock(&bus_lock);
    return is_free;
}

static void print_interfaces(const struct key *key) {
    for (size_t each = 0; each < key->interface_count; each++) {
        const struct interface *interface = &key->interfaces[each];
        printf(
            "%s{\"number\":%u,\"class\":%u,\"claimed\":%s,\"driver\":\"%s\",\"bound\":%s}", each == 0 ? "" : ",",
            interface->number, interface->class_code, interface->holder != NULL ? "true" : "false", interface->driver,
            interface->is_bound ? "true" : "false");
    }
}

static void print_counts(const struct counts *counts) {
    printf("\"control\":%u,\"bulk_in\":%u,\"bulk_out\":%u,", counts->control, counts->bulk_in, counts->bulk_out);
    printf("\"interrupt\":%u,\"discarded\":%u,", counts->interrupt, counts->discarded);
    printf("\"claims\":%u,\"releases\":%u,", counts->claims, counts->releases);
    printf("\"dropped_claims\":%u,", counts->dropped_claims);
    printf("\"detached_drivers\":%u,", counts->detached_drivers);
    printf("\"reattached_drivers\":%u,", counts->reattached_drivers);
    printf("\"cleared_halts\":%u,", counts->cleared_halts);
    printf("\"unclaimed_transfers\":%u", counts->unclaimed_transfers);
}

static void print_state(void) {
    plug_settle();
    pthread_mutex_lock(&bus_lock);
    printf("{\"keys\":[");
    for (size_t each = 0; each < key_count; each++) {
        struct key *key = &keys[each];
        g_autofree char *node = plug_node(key);
        printf("%s{\"port\":\"%s\",\"plugged\":%s,", each == 0 ? "" : ",", key->port, key->is_plugged ? "true" : "false");
        printf("\"address\":%u,\"node\":\"%s\",", key->address, node);
        printf("\"pending\":%u,\"interfaces\":[", g_queue_get_length(&key->pending));
        print_interfaces(key);
        printf("],\"counts\":{");
        print_counts(&key->counts);
        printf("}}");
    }
    printf("]}\n");
    pthread_mutex_unlock(&bus_lock);
}

static bool obey(const char *line) {
    char command[16], port[PORT_SIZE], name[DRIVER_NAME_SIZE];
    unsigned number;
    struct key *key = sscanf(line, "%15s %31s", command, port) == 2 ? key_at(port) : NULL;
    if (key == NULL) return false;
    if (strcmp(command, "plug") == 0) return plug_in(key);
    if (strcmp(command, "unplug") == 0) return plug_pull(key), true;
    if (strcmp(command, "mode") == 0) return sscanf(line, "%*s %*s %o", &number) == 1 && plug_set_mode(key, number);
    if (sscanf(line, "%*s %*s %u %31s", &number, name) != 2) return false;
    if (strcmp(command, "fault") == 0) return set_fault(key, number, name);
    if (strcmp(command, "driver") == 0) return set_driver(key, number, name);
    return false;
}

static void obey_all(void) {
    char line[MAX_LINE];
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (strcmp(line, "state\n") == 0)
            print_state();
        else
            puts(obey(line) ? "ok" : "error");
        fflush(stdout);
    }
}

/* --- The bus --- */

/* One key for each device that the server exports. */
static bool list_keys(const char *server) {
    struct usbip_device devices[MAX_KEYS];
    int link = usbip_connect(server);
    int count = link < 0 ? -1 : usbip_list(link, devices, MAX_KEYS);
    if (count < 0) perror("usbfs-bridge: listing the server's devices");
    if (link >= 0) close(link);
    for (; count > 0 && key_count < MIN((size_t)count, MAX_KEYS); key_count++) {
        struct key *key = &keys[key_count];
        const char *port = devices[key_count].bus_id;
        if (strchr(port, '-') == NULL) {
            fprintf(stderr, "usbfs-bridge: the server's '%s' is no BUS-PORT\n", port);
            return false;
        }
        g_strlcpy(key->port, port, sizeof key->port);
        key->link = -1;
        g_queue_init(&key->pending);
    }
    return count >= 0;
}

static bool plug_in_all(void) {
    for (size_t each = 0; each < key_count; each++)
        if (!plug_in(&keys[each])) return false;
    return true;
}

/* The library that makes the testbed visible has to be loaded here as well, for udev's view of it. */
static void load_preload(char **arguments) {
    const char *loaded = getenv("LD_PRELOAD");
    if (loaded != NULL && strstr(loaded, PRELOAD) != NULL) return;
    setenv("LD_PRELOAD", PRELOAD, 1);
    execv("/proc/self/exe", arguments);
    perror("usbfs-bridge");
    exit(EXIT_FAILURE);
}

/* umockdev warns of each program that ends while an ioctl of it waits, as killed ones do. */
static void say_nothing(const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer data) {
    (void)domain, (void)level, (void)message, (void)data;
}

int main(int count, char **arguments) {
    if (count != 2) {
        fprintf(stderr, "usage: usbfs-bridge SOCKET\n");
        return EXIT_FAILURE;
    }
    load_preload(arguments);
    g_log_set_handler(NULL, G_LOG_LEVEL_CRITICAL, say_nothing, NULL);
    g_autoptr(UMockdevTestbed) testbed = umockdev_testbed_new();
    g_autofree char *root = umockdev_testbed_get_root_dir(testbed);
    plug_set_up(testbed, arguments[1]);
    if (!list_keys(arguments[1]) || !plug_in_all()) return EXIT_FAILURE;
    printf("ready %s\n", root);
    fflush(stdout);
    obey_all();
    for (size_t each = 0; each < key_count; each++) plug_pull(&keys[each]);
    return EXIT_SUCCESS;
}
