/* escape.h: text made safe for where it is put. */
#ifndef EDGE_ESCAPE_H
#define EDGE_ESCAPE_H

#include <glib.h>

/* Appends `text` for HTML text and double-quoted attributes; control characters become spaces. */
void escape_html(GString *out, const char *text);
/* Appends JSON so that it cannot end or open anything inside <script>: <, >, &, U+2028 and U+2029 as \u
 * escapes. */
void escape_script(GString *out, const char *json);

#endif
