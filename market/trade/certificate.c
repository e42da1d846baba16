/* certificate.c: see certificate.h. */
#include "market/trade/certificate.h"

#include <glib.h>
#include <string.h>
#include "market/base/id.h"
#include "market/base/shape.h"
#include "market/trade/lot.h"

static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM certificate";

static const struct {
    const char *type;
    size_t length;
    unsigned char first[8];
} types[] = {{"application/pdf", 5, "%PDF-"},
             {"image/jpeg", 3, {0xff, 0xd8, 0xff}},
             {"image/png", 8, {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'}}};

const char *certificate_type(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
        if (size > types[i].length && memcmp(bytes, types[i].first, types[i].length) == 0)
            return types[i].type;
    return NULL;
}

static enum result insert(struct trade *trade, int64_t lot, const char *kind, const guchar *bytes, gsize size,
                          int64_t *id)
{
    char digest[ID_HASH_CHARS + 1];
    const char *type = certificate_type(bytes, size);
    if (!type)
        return R_UNSUPPORTED;
    id_digest(&(struct id_part){bytes, size}, 1, digest);
    g_autofree char *body = g_base64_encode(bytes, size); /* our own spelling of it */
    *id = store_next_id(trade->store, max_id);
    enum step step = store_run(
        trade->store,
        "INSERT INTO certificate (id, lot, kind, type, body, bytes, digest, actor, at_ms)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        ARG_INT(*id), ARG_INT(lot), ARG_TEXT(kind), ARG_TEXT(type), ARG_TEXT(body), ARG_INT((int64_t)size),
        ARG_TEXT(digest), ARG_ID(trade->who.person), ARG_INT(trade->now_ms));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

enum result certificate_add(struct trade *trade, const struct stall *stall, int64_t lot, const char *kind,
                            const char *base64, int64_t *id)
{
    gsize size = 0;
    g_autofree guchar *bytes = g_base64_decode(base64, &size);
    if (size > CERTIFICATE_BYTES_MAX)
        return R_TOO_BIG;
    if (store_int(trade->store, "SELECT COUNT(*) FROM certificate WHERE lot = $1 AND removed_at IS NULL", lot,
                  0) >= CERTIFICATES_MAX) {
        shape_int(trade_extra(trade), "limit", CERTIFICATES_MAX);
        return R_LIMIT;
    }
    enum result done = insert(trade, lot, kind, bytes, size, id);
    return done == R_OK ? lot_announce(trade, stall, lot) : done;
}

enum result certificate_remove(struct trade *trade, const struct stall *stall, int64_t lot, int64_t id)
{
    enum step step =
        store_run(trade->store,
                  "UPDATE certificate SET removed_at = $3 WHERE id = $2 AND lot = $1 AND removed_at IS NULL",
                  ARG_INT(lot), ARG_INT(id), ARG_INT(trade->now_ms));
    if (step != STEP_DONE)
        return trade_fault(trade);
    return store_changes(trade->store) ? lot_announce(trade, stall, lot) : R_UNKNOWN;
}

static json_t *row_json(struct query *query)
{
    json_t *paper = json_object();
    shape_int(paper, "id", query_int(query, 0));
    shape_text(paper, "kind", query_text(query, 1));
    shape_text(paper, "type", query_text(query, 2));
    shape_int(paper, "bytes", query_int(query, 3));
    shape_int(paper, "at", query_int(query, 4));
    return paper;
}

enum result certificate_list(struct trade *trade, int64_t lot, json_t **out)
{
    QUERY query = store_query(trade->store,
                              "SELECT id, kind, type, bytes, at_ms FROM certificate"
                              " WHERE lot = $1 AND removed_at IS NULL ORDER BY id",
                              ARG_INT(lot));
    return trade_rows(trade, query, row_json, out);
}

enum result certificate_file(struct trade *trade, int64_t id, json_t **out)
{
    QUERY query = store_query(
        trade->store, "SELECT type, body FROM certificate WHERE id = $1 AND removed_at IS NULL", ARG_INT(id));
    enum step step = query_step(query);
    if (step != STEP_ROW)
        return step == STEP_DONE ? R_UNKNOWN : trade_fault(trade);
    *out = json_object();
    shape_text(*out, "type", query_text(query, 0));
    shape_text(*out, "body", query_text(query, 1));
    return R_OK;
}
