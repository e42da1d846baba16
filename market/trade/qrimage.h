/* qrimage.h: draws a payload as a QR code. libqrencode makes the squares; SVG is written here, PNG by libpng
 * (one bit a pixel; a well-kept library and in every Debian, where our own zlib framing would be code to
 * defend). Any thread. */
#ifndef TRADE_QRIMAGE_H
#define TRADE_QRIMAGE_H

#include <glib.h>

/* One path in a viewBox counted in squares, with the quiet zone of four squares, and `title` (escaped here)
 * for screen readers. Yours to g_free; NULL when the text is empty or too long for a QR code. */
char *qrimage_svg(const char *text, const char *title);

/* `scale` pixels a square, 1-64. NULL as above. */
GBytes *qrimage_png(const char *text, int scale);

#endif
