/* The ioctls of usbfs for the device nodes of the bus (Linux, drivers/usb/core/devio.c, for what they do). */
#ifndef USBFS_H
#define USBFS_H

#include "key.h"

/* A handler for the key's device node; it answers on umockdev's thread. */
UMockdevIoctlBase *usbfs_node(struct key *key);

#endif
