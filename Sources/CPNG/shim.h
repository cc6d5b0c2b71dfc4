#pragma once

#include <png.h>

// A function-like macro, which Swift does not see.
static inline size_t kp_png_image_size_max(const png_image *image) {
    return PNG_IMAGE_PNG_SIZE_MAX(*image);
}
