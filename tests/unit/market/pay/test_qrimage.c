#include "tests/unit/market/pay/pay_test.h"

#include <png.h>
#include <qrencode.h>
#include "market/trade/qrimage.h"

static const char payload[] =
    "00020101021138530010A0000007270123000697041601092576788590208QRIBFTTA53037045802VN6304AE9F";

/* Every square of the picture is read back and held against libqrencode's own. */
static void the_png_shows_the_squares(void **state)
{
    (void)state;
    enum { SCALE = 3 };
    g_autoptr(GBytes) bytes = qrimage_png(payload, SCALE);
    size_t size;
    const void *data = g_bytes_get_data(bytes, &size);
    png_image image = {.version = PNG_IMAGE_VERSION};
    assert_true(png_image_begin_read_from_memory(&image, data, size));
    image.format = PNG_FORMAT_GRAY;
    QRcode *code = QRcode_encodeString8bit(payload, 0, QR_ECLEVEL_M);
    png_uint_32 side = (png_uint_32)(code->width + 8) * SCALE;
    assert_int_equal(image.width, side);
    assert_int_equal(image.height, side);
    g_autofree png_bytep pixels = g_malloc(PNG_IMAGE_SIZE(image));
    assert_true(png_image_finish_read(&image, NULL, pixels, 0, NULL));
    for (png_uint_32 y = 0; y < side; y++)
        for (png_uint_32 x = 0; x < side; x++) {
            int qx = (int)(x / SCALE) - 4, qy = (int)(y / SCALE) - 4;
            int dark = qx >= 0 && qy >= 0 && qx < code->width && qy < code->width &&
                       (code->data[qy * code->width + qx] & 1);
            assert_int_equal(pixels[y * side + x], dark ? 0 : 255);
        }
    QRcode_free(code);
}

static void the_svg_is_one_path_and_escapes_its_title(void **state)
{
    (void)state;
    g_autofree char *svg = qrimage_svg(payload, "<b> & co");
    assert_non_null(strstr(svg, "<title>&lt;b&gt; &amp; co</title>"));
    assert_non_null(strstr(svg, "M4 4h7v1h-7z")); /* the top of the first corner square */
    assert_true(g_str_has_suffix(svg, "</svg>\n"));
}

static void what_cannot_be_drawn_is_null(void **state)
{
    (void)state;
    g_autofree char *huge = g_strnfill(5000, 'x');
    assert_null(qrimage_svg("", ""));
    assert_null(qrimage_svg(huge, ""));
    assert_null(qrimage_png(huge, 1));
    assert_null(qrimage_png(payload, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_png_shows_the_squares),
        cmocka_unit_test(the_svg_is_one_path_and_escapes_its_title),
        cmocka_unit_test(what_cannot_be_drawn_is_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
