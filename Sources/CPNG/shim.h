#pragma once

#include <png.h>
#include <string.h>

struct kp_png_sink {
    unsigned char *bytes;
    size_t capacity;
    size_t count;
};

static inline void kp_png_append(png_structp png, png_bytep bytes, size_t count) {
    struct kp_png_sink *sink = png_get_io_ptr(png);
    if (count > sink->capacity - sink->count) png_error(png, "no room");
    memcpy(sink->bytes + sink->count, bytes, count);
    sink->count += count;
}

static inline void kp_png_flush(png_structp png) { (void)png; }

// libpng would print what it says.
static inline void kp_png_failed(png_structp png, png_const_charp text) {
    (void)text;
    png_longjmp(png, 1);
}

static inline void kp_png_warned(png_structp png, png_const_charp text) {
    (void)png;
    (void)text;
}

// A square picture of one bit a pixel. `rows` has `side / scale` rows of `(side + 7) / 8` bytes, each of which is drawn
// `scale` times. Returns the length of the file in `file`; 0 where it does not fit or libpng fails. Errors of libpng are
// long jumps, which Swift cannot catch.
static inline size_t kp_png_write_bitmap(
    const unsigned char *rows, unsigned side, unsigned scale, unsigned char *file, size_t capacity) {
    struct kp_png_sink sink = {file, capacity, 0};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, kp_png_failed, kp_png_warned);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info || setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, info ? &info : NULL);
        return 0;
    }
    png_set_write_fn(png, &sink, kp_png_append, kp_png_flush);
    png_set_IHDR(png, info, side, side, 1, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    size_t row_length = ((size_t)side + 7) / 8;
    for (unsigned y = 0; y < side; y++) png_write_row(png, rows + y / scale * row_length);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return sink.count;
}
