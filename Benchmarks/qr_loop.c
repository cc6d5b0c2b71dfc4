/* qr_loop plain|flushed TEXTS FOLDER
 *
 * What a plain loop over libqrencode and libpng costs: one PNG for each line of TEXTS, with the correction level, scale
 * and quiet zone of `keyprov generate --qr-dir`, on one core. 1-bit gray, which is the least work for zlib.
 * `flushed` also does for each file what makes it survive a power cut: write aside, fsync, link, fsync the folder. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <png.h>
#include <qrencode.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SCALE = 8, QUIET_ZONE = 4, LONGEST_LINE = 4096 };

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void write_png(const QRcode *code, FILE *file)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info || setjmp(png_jmpbuf(png))) fail("libpng");
    int side = (code->width + 2 * QUIET_ZONE) * SCALE;
    size_t row_length = (side + 7) / 8;
    unsigned char *row = malloc(row_length);
    if (!row) fail("malloc");
    png_init_io(png, file);
    png_set_IHDR(png, info, side, side, 1, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (int y = -QUIET_ZONE; y < code->width + QUIET_ZONE; y++) {
        memset(row, 0xFF, row_length);
        if (y >= 0 && y < code->width)
            for (int x = 0; x < code->width; x++)
                if (code->data[y * code->width + x] & 1) row[x + QUIET_ZONE] = 0; /* a module is a byte: SCALE is 8 */
        for (int i = 0; i < SCALE; i++) png_write_row(png, row);
    }
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    free(row);
}

int main(int argc, char **argv)
{
    if (argc != 4) return 64;
    int flushed = strcmp(argv[1], "flushed") == 0;
    FILE *texts = fopen(argv[2], "r");
    int folder = open(argv[3], O_RDONLY | O_DIRECTORY);
    if (!texts || folder < 0) fail("open");
    char line[LONGEST_LINE], name[4096], aside[4096];
    for (int number = 1; fgets(line, sizeof line, texts); number++) {
        size_t length = strcspn(line, "\n");
        QRcode *code = QRcode_encodeData(length, (unsigned char *)line, 0, QR_ECLEVEL_M);
        if (!code) fail("libqrencode");
        snprintf(name, sizeof name, "%s/%04d.png", argv[3], number);
        snprintf(aside, sizeof aside, "%s/.%04d.png.tmp", argv[3], number);
        FILE *file = fopen(flushed ? aside : name, "wb");
        if (!file) fail("fopen");
        write_png(code, file);
        if (flushed && (fflush(file) || fsync(fileno(file)) || link(aside, name) || unlink(aside) || fsync(folder)))
            fail("flush");
        if (fclose(file)) fail("fclose");
        QRcode_free(code);
    }
    return 0;
}
