/* proof.c: see proof.h. */
#include "market/trade/proof.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>
#include "market/base/id.h"
#include "market/base/shape.h"

static const char *const names[PROOF_KINDS] = {NULL, "code", "photo", "signature"};

const char *proof_name(enum proof_kind kind)
{
    return names[kind];
}

/* Only the beginning is looked at: whoever shows it later has it drawn as a picture, never as a page. */
static bool is_jpeg(const char *body)
{
    size_t length = strlen(body);
    return g_str_has_prefix(body, "/9j/") && length % 4 == 0 &&
           strspn(body, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") == length;
}

bool proof_fits(enum proof_kind kind, const char *body)
{
    size_t length = strlen(body);
    switch (kind) {
    case PROOF_CODE:
        return length == DOOR_CODE_CHARS && strspn(body, "0123456789") == length;
    case PROOF_PHOTO:
        return length <= PROOF_BODY_MAX && is_jpeg(body);
    case PROOF_SIGNATURE:
        return length <= SIGNATURE_MAX && body[0] == 'M' && strchr(body, 'L') &&
               strspn(body, "ML0123456789 ") == length;
    case PROOF_NONE:
    case PROOF_KINDS:
        break;
    }
    return false;
}

enum result proof_code_make(struct trade *trade, int64_t order)
{
    char code[DOOR_CODE_CHARS + 1];
    g_snprintf(code, sizeof code, "%04u", randombytes_uniform(10000));
    enum step step =
        store_run(trade->store,
                  "INSERT INTO door_code (order_id, code) VALUES ($1, $2) ON CONFLICT (order_id) DO NOTHING",
                  ARG_INT(order), ARG_TEXT(code));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

bool proof_code_read(struct trade *trade, int64_t order, char code[DOOR_CODE_CHARS + 1])
{
    QUERY query = store_query(trade->store, "SELECT code FROM door_code WHERE order_id = $1", ARG_INT(order));
    if (!query_row(query))
        return false;
    g_strlcpy(code, query_text(query, 0), DOOR_CODE_CHARS + 1);
    return true;
}

enum result proof_keep(struct trade *trade, int64_t event, enum proof_kind kind, const char *body)
{
    char digest[ID_HASH_CHARS + 1];
    if (kind != PROOF_PHOTO && kind != PROOF_SIGNATURE)
        return R_OK;
    id_hash(body, digest);
    enum step step =
        store_run(trade->store, "INSERT INTO proof (event, kind, body, digest) VALUES ($1, $2, $3, $4)",
                  ARG_INT(event), ARG_TEXT(names[kind]), ARG_TEXT(body), ARG_TEXT(digest));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

static json_t *row_json(struct query *query)
{
    json_t *proof = json_object();
    shape_text(proof, "kind", query_text(query, 0));
    shape_text(proof, "body", query_text(query, 1));
    shape_text(proof, "digest", query_text(query, 2));
    shape_int(proof, "at", query_int(query, 3));
    return proof;
}

enum result proof_list(struct trade *trade, int64_t stop, json_t **out)
{
    QUERY query = store_query(
        trade->store,
        "SELECT p.kind, p.body, p.digest, e.at_ms FROM trip_event e JOIN proof p ON p.event = e.id"
        " WHERE e.stop = $1 ORDER BY e.id",
        ARG_INT(stop));
    return trade_rows(trade, query, row_json, out);
}
