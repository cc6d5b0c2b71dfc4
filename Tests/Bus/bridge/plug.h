/* Keys in and out: the files below /sys and /dev, and the news that udev tells of them. */
#ifndef PLUG_H
#define PLUG_H

#include "key.h"

/* Once, before any key. */
void plug_set_up(UMockdevTestbed *testbed, const char *server);
/* Imports the key from the server and announces it. Returns false, with a message on stderr, where that fails. */
bool plug_in(struct key *key);
void plug_pull(struct key *key);
/* The same from a thread of its own, for callers that hold the lock. */
void plug_pull_soon(struct key *key);
/* The connection ended; the key goes, if it was still the key's. */
void plug_lost(struct key *key, int link);
/* Waits until what is being plugged in or pulled is so for all to see. */
void plug_settle(void);
/* Sets the mode of the device node, as udev rules do. */
bool plug_set_mode(struct key *key, unsigned mode);
/* `/dev/bus/usb/…`; to be freed. */
char *plug_node(const struct key *key);

#endif
