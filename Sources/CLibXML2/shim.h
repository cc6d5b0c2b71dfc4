#pragma once

#include <libxml/parser.h>
#include <libxml/xmlreader.h>
#include <libxml/xmlwriter.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

// libxml2 keeps the texts of a document in memory of its own, secrets among them. These functions overwrite what it
// gives back.

static inline void kp_xml_free(void *memory) {
    if (memory != NULL) {
        explicit_bzero(memory, malloc_usable_size(memory));
        free(memory);
    }
}

static inline void *kp_xml_realloc(void *memory, size_t size) {
    void *moved = malloc(size);
    if (moved != NULL && memory != NULL) {
        size_t old = malloc_usable_size(memory);
        memcpy(moved, memory, old < size ? old : size);
        kp_xml_free(memory);
    }
    return moved;
}

static inline char *kp_xml_strdup(const char *text) {
    return strdup(text);
}

// libxml2 prints some errors with the text that it stumbled over, whatever a parser's options say. That text may be a
// secret; what went wrong comes back as a result all the same.
static inline void kp_xml_say_nothing(void *context, xmlErrorPtr error) {
    (void)context;
    (void)error;
}

static inline void kp_xml_silence(xmlTextReaderPtr reader) {
    xmlTextReaderSetStructuredErrorHandler(reader, (xmlStructuredErrorFunc)kp_xml_say_nothing, NULL);
}

// To be called once, before anything else of libxml2.
static inline int kp_xml_set_up(void) {
    if (xmlMemSetup(kp_xml_free, malloc, kp_xml_realloc, kp_xml_strdup) != 0) {
        return -1;
    }
    xmlInitParser();
    // For threads to come and for this one.
    xmlThrDefSetStructuredErrorFunc(NULL, (xmlStructuredErrorFunc)kp_xml_say_nothing);
    xmlSetStructuredErrorFunc(NULL, (xmlStructuredErrorFunc)kp_xml_say_nothing);
    return 0;
}
