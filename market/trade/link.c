/* link.c: one-time log-in links, shown as a QR code to somebody who stands beside. */
#include "market/trade/session.h"

#include <glib.h>
#include <qrencode.h>
#include "market/base/shape.h"

static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM link";

/* Black squares as one path; a quiet zone of four modules around, as scanners want it. NULL when the text
 * does not fit. */
static char *qr_svg(const char *text)
{
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    if (!code)
        return NULL;
    int side = code->width + 8;
    GString *svg = g_string_sized_new(8192);
    g_string_append_printf(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\">"
        "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/><path fill=\"#000\" d=\"",
        side, side, side, side);
    for (int y = 0; y < code->width; y++)
        for (int x = 0; x < code->width; x++)
            if (code->data[y * code->width + x] & 1)
                g_string_append_printf(svg, "M%d %dh1v1h-1z", x + 4, y + 4);
    g_string_append(svg, "\"/></svg>");
    QRcode_free(code);
    return g_string_free(svg, FALSE);
}

enum result link_add(struct trade *trade, int64_t person, const char *origin, json_t **out)
{
    char code[ID_SECRET_CHARS + 1], hash[ID_HASH_CHARS + 1];
    int64_t ends_at = trade->now_ms + LINK_MINUTES * 60 * 1000;
    id_secret(code);
    id_hash(code, hash);
    enum step step = store_run(
        trade->store,
        "INSERT INTO link (id, person, hash, made_by, made_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6)",
        ARG_INT(store_next_id(trade->store, max_id)), ARG_INT(person), ARG_TEXT(hash),
        ARG_INT(trade->who.person), ARG_INT(trade->now_ms), ARG_INT(ends_at));
    if (step != STEP_DONE)
        return trade_fault(trade);
    g_autofree char *url = g_strconcat("/l/", code, NULL);
    g_autofree char *whole = g_strconcat(origin, url, NULL);
    g_autofree char *svg = qr_svg(whole);
    *out = json_object();
    shape_text(*out, "url", url);
    shape_text(*out, "svg", svg);
    shape_int(*out, "expires_at", ends_at);
    return R_OK;
}

int64_t link_person(struct store *store, const char *code, int64_t now_ms)
{
    char hash[ID_HASH_CHARS + 1];
    id_hash(code, hash);
    QUERY query =
        store_query(store, "SELECT person FROM link WHERE hash = $1 AND used_at IS NULL AND ends_at > $2",
                    ARG_TEXT(hash), ARG_INT(now_ms));
    return query_row(query) ? query_int(query, 0) : 0;
}

enum result link_use(struct trade *trade, const char *code, int64_t *person)
{
    char hash[ID_HASH_CHARS + 1];
    id_hash(code, hash);
    QUERY query = store_query(
        trade->store,
        "UPDATE link SET used_at = $2 WHERE hash = $1 AND used_at IS NULL AND ends_at > $2 RETURNING person",
        ARG_TEXT(hash), ARG_INT(trade->now_ms));
    enum step step = query_step(query);
    if (step == STEP_DONE)
        return R_LINK_USED;
    if (step != STEP_ROW)
        return trade_fault(trade);
    *person = query_int(query, 0);
    return query_step(query) == STEP_DONE ? R_OK : trade_fault(trade);
}
