#pragma once

#include <ldap.h>

// Macros that Swift does not see: casts.
static inline int kp_ldap_is_entry(LDAPMessage *message) { return ldap_msgtype(message) == LDAP_RES_SEARCH_ENTRY; }
static inline int kp_ldap_is_reference(LDAPMessage *message) { return ldap_msgtype(message) == LDAP_RES_SEARCH_REFERENCE; }
static inline int kp_ldap_is_result(LDAPMessage *message) { return ldap_msgtype(message) == LDAP_RES_SEARCH_RESULT; }
static inline int kp_ldap_tls12(void) { return LDAP_OPT_X_TLS_PROTOCOL_TLS1_2; }
