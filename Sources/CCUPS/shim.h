#pragma once

#include <cups/cups.h>

// Macros that Swift does not see.
static inline http_t *kp_cups_default_server(void) { return CUPS_HTTP_DEFAULT; }
static inline int kp_cups_continue(http_status_t status) { return status == HTTP_STATUS_CONTINUE; }
