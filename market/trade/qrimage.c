/* qrimage.c: see qrimage.h. Error correction M (15 %): what banks print, and a payload of ours stays at 45
 * squares. */
#include "market/trade/qrimage.h"

#include <png.h>
#include <qrencode.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { QUIET = 4 };

G_DEFINE_AUTOPTR_CLEANUP_FUNC(QRcode, QRcode_free)

static QRcode *squares(const char *text)
{
    return *text ? QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) : NULL;
}

static bool is_dark(const QRcode *code, int x, int y)
{
    return code->data[y * code->width + x] & 1;
}

char *qrimage_svg(const char *text, const char *title)
{
    g_autoptr(QRcode) code = squares(text);
    if (!code)
        return NULL;
    int side = code->width + 2 * QUIET;
    g_autofree char *words = g_markup_escape_text(title, -1);
    GString *out = g_string_sized_new(8192);
    g_string_printf(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" "
        "shape-rendering=\"crispEdges\"><title>%s</title><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/>"
        "<path d=\"",
        side, side, words, side, side);
    for (int y = 0; y < code->width; y++)
        for (int x = 0, run; x < code->width; x += run) {
            for (run = 1; x + run < code->width && is_dark(code, x + run, y) == is_dark(code, x, y);)
                run++;
            if (is_dark(code, x, y))
                g_string_append_printf(out, "M%d %dh%dv1h-%dz", x + QUIET, y + QUIET, run, run);
        }
    g_string_append(out, "\"/></svg>\n");
    return g_string_free(out, FALSE);
}

static void png_to_array(png_structp png, png_bytep data, png_size_t size)
{
    g_byte_array_append(png_get_io_ptr(png), data, (guint)size);
}

static void png_flushed(png_structp png)
{
    (void)png; /* the array is in memory: nothing to flush */
}

/* One row of pixels: 1 is white. */
static void fill_row(const QRcode *code, int y, int scale, uint8_t *row, size_t size)
{
    memset(row, 0xff, size);
    if (y < 0 || y >= code->width)
        return;
    for (int x = 0; x < code->width; x++)
        for (int i = 0; is_dark(code, x, y) && i < scale; i++) {
            int pixel = (x + QUIET) * scale + i;
            row[pixel / 8] &= (uint8_t) ~(0x80 >> pixel % 8);
        }
}

static void write_png(png_structp png, png_infop info, const QRcode *code, int scale, uint8_t *row,
                      size_t size)
{
    png_uint_32 side = (png_uint_32)((code->width + 2 * QUIET) * scale);
    png_set_IHDR(png, info, side, side, 1, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (int y = -QUIET; y < code->width + QUIET; y++) {
        fill_row(code, y, scale, row, size);
        for (int i = 0; i < scale; i++)
            png_write_row(png, row);
    }
    png_write_end(png, info);
}

GBytes *qrimage_png(const char *text, int scale)
{
    g_autoptr(QRcode) code = squares(text);
    if (!code || scale < 1 || scale > 64)
        return NULL;
    /* Without error handlers of ours libpng writes to stderr and longjmps here: only running out of memory
     * leads there, and GLib ends the process for that already. */
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info) {
        png_destroy_write_struct(&png, NULL);
        return NULL;
    }
    GByteArray *bytes = g_byte_array_new();
    size_t size = ((size_t)(code->width + 2 * QUIET) * (size_t)scale + 7) / 8;
    g_autofree uint8_t *row = g_malloc(size);
    png_set_write_fn(png, bytes, png_to_array, png_flushed);
    write_png(png, info, code, scale, row, size);
    png_destroy_write_struct(&png, &info);
    return g_byte_array_free_to_bytes(bytes);
}
