#pragma once

#include <pango/pangocairo.h>
#include <pango/pango.h>

// Macros that Swift does not see.
enum { KP_PANGO_SCALE = PANGO_SCALE };
