/* token.c: bearer tokens for programs: a phone's streaming app, a screen in the town hall, a co-op's own
 * script. */
#include "market/trade/session.h"

#include <string.h>
#include "market/base/shape.h"

static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM token";
const char *const token_kinds[TOKEN_KINDS + 1] = {
    [TOKEN_PUBLISH] = "publish", [TOKEN_WATCH] = "watch", [TOKEN_API] = "api", NULL};

enum result token_add(struct trade *trade, int64_t person, int64_t stall, enum token_kind kind,
                      const char *name, int64_t *id, char secret[ID_SECRET_CHARS + 1])
{
    char hash[ID_HASH_CHARS + 1];
    id_secret(secret);
    id_hash(secret, hash);
    *id = store_next_id(trade->store, max_id);
    enum step step = store_run(trade->store,
                               "INSERT INTO token (id, person, stall, kind, name, hash, made_at)"
                               " VALUES ($1, $2, $3, $4, $5, $6, $7)",
                               ARG_INT(*id), ARG_INT(person), ARG_ID(stall), ARG_TEXT(token_kinds[kind]),
                               ARG_TEXT(name), ARG_TEXT(hash), ARG_INT(trade->now_ms));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

enum result token_renew(struct trade *trade, int64_t id, char secret[ID_SECRET_CHARS + 1])
{
    char hash[ID_HASH_CHARS + 1];
    id_secret(secret);
    id_hash(secret, hash);
    if (store_run(trade->store, "UPDATE token SET hash = $2 WHERE id = $1 AND revoked_at IS NULL",
                  ARG_INT(id), ARG_TEXT(hash)) != STEP_DONE)
        return trade_fault(trade);
    return store_changes(trade->store) ? R_OK : R_UNKNOWN;
}

enum result token_revoke(struct trade *trade, int64_t stall, int64_t id)
{
    enum step step = store_run(
        trade->store, "UPDATE token SET revoked_at = $3 WHERE id = $1 AND stall = $2 AND revoked_at IS NULL",
        ARG_INT(id), ARG_INT(stall), ARG_INT(trade->now_ms));
    if (step != STEP_DONE)
        return trade_fault(trade);
    return store_changes(trade->store) ? R_OK : R_UNKNOWN;
}

static json_t *row_json(struct query *query)
{
    json_t *row = json_object();
    shape_int(row, "id", query_int(query, 0));
    shape_text(row, "kind", query_text(query, 1));
    shape_text(row, "name", query_text(query, 2));
    shape_int(row, "made_at", query_int(query, 3));
    shape_id(row, "revoked_at", query_int(query, 4));
    return row;
}

enum result token_list(struct trade *trade, int64_t stall, json_t **out)
{
    QUERY query = store_query(
        trade->store,
        "SELECT id, kind, name, made_at, revoked_at FROM token WHERE stall = $1 ORDER BY id DESC LIMIT $2",
        ARG_INT(stall), ARG_INT(LIST_MAX));
    json_t *tokens = NULL;
    enum result done = trade_rows(trade, query, row_json, &tokens);
    if (done == R_OK) {
        *out = json_object();
        shape_json(*out, "tokens", tokens);
    }
    return done;
}

bool token_find(struct store *store, const char *hash, struct who *who)
{
    QUERY query =
        store_query(store,
                    "SELECT t.person, COALESCE(t.stall, 0), t.kind, p.roles, COALESCE(s.farmer, 0)"
                    " FROM token t JOIN person p ON p.id = t.person"
                    " LEFT JOIN stall s ON s.id = t.stall WHERE t.hash = $1 AND t.revoked_at IS NULL",
                    ARG_TEXT(hash));
    if (!query_row(query))
        return false;
    const char *kind = query_text(query, 2);
    int64_t person = query_int(query, 0);
    bool api = strcmp(kind, "api") == 0;
    bool publish = strcmp(kind, "publish") == 0 && query_int(query, 4) == person;
    who->person = api ? person : 0;
    who->roles = api ? (uint32_t)query_int(query, 3) : 0;
    who->token_publishes = publish;
    who->token_stall = query_int(query, 1);
    who->session = 0;
    return true;
}
