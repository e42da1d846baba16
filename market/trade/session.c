/* session.c: sessions of browsers. */
#include "market/trade/session.h"

#include "market/base/shape.h"
#include "market/trade/person.h"

static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM session";

enum result session_open(struct trade *trade, int64_t person, int64_t *id, char secret[ID_SECRET_CHARS + 1])
{
    char hash[ID_HASH_CHARS + 1];
    bool office = (person_roles(trade->store, person) & (ROLE_CADRE | ROLE_ADMIN)) != 0;
    id_secret(secret);
    id_hash(secret, hash);
    *id = store_next_id(trade->store, max_id);
    enum step step =
        store_run(trade->store,
                  "INSERT INTO session (id, person, hash, made_at, seen_at, idle_ms, ends_at, address)"
                  " VALUES ($1, $2, $3, $4, $4, $5, $6, $7)",
                  ARG_INT(*id), ARG_INT(person), ARG_TEXT(hash), ARG_INT(trade->now_ms),
                  ARG_INT(office ? DAY_MS / 2 : 45 * DAY_MS),
                  ARG_INT(trade->now_ms + (office ? 7 : 180) * DAY_MS), ARG_TEXT(trade->who.address));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

enum result session_end(struct trade *trade, int64_t person, int64_t id)
{
    enum step step = store_run(
        trade->store, "UPDATE session SET ended_at = $3 WHERE id = $1 AND person = $2 AND ended_at IS NULL",
        ARG_INT(id), ARG_INT(person), ARG_INT(trade->now_ms));
    if (step != STEP_DONE)
        return trade_fault(trade);
    return store_changes(trade->store) ? R_OK : R_UNKNOWN;
}

enum result session_end_others(struct trade *trade, int64_t person, int64_t keep)
{
    enum step step = store_run(
        trade->store, "UPDATE session SET ended_at = $3 WHERE person = $1 AND id <> $2 AND ended_at IS NULL",
        ARG_INT(person), ARG_INT(keep), ARG_INT(trade->now_ms));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

enum result session_seen(struct trade *trade, int64_t id)
{
    enum step step = store_run(trade->store, "UPDATE session SET seen_at = $2 WHERE id = $1 AND seen_at < $2",
                               ARG_INT(id), ARG_INT(trade->now_ms));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

enum result session_set_mark(struct trade *trade, int64_t id, enum session_mark mark, int64_t steady_ms)
{
    static const char *const sql[] = {
        [SESSION_PASSWORD] = "INSERT INTO session_proof (session, at_ms, steady_ms) VALUES ($1, $2, $3)"
                             " ON CONFLICT (session) DO UPDATE"
                             " SET at_ms = excluded.at_ms, steady_ms = excluded.steady_ms",
        [SESSION_LINK] = "INSERT INTO session_link (session, at_ms, steady_ms) VALUES ($1, $2, $3)",
    };
    enum step step =
        store_run(trade->store, sql[mark], ARG_INT(id), ARG_INT(trade->now_ms), ARG_INT(steady_ms));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

static bool recent(int64_t age_ms)
{
    return age_ms >= 0 && age_ms <= PROOF_MINUTES * INT64_C(60000);
}

bool session_marked(struct store *store, int64_t id, enum session_mark mark, int64_t now_ms,
                    int64_t steady_ms)
{
    static const char *const sql[] = {
        [SESSION_PASSWORD] = "SELECT at_ms, steady_ms FROM session_proof WHERE session = $1",
        [SESSION_LINK] = "SELECT at_ms, steady_ms FROM session_link WHERE session = $1",
    };
    QUERY query = store_query(store, sql[mark], ARG_INT(id));
    return query_row(query) && recent(now_ms - query_int(query, 0)) &&
           recent(steady_ms - query_int(query, 1));
}

enum result session_list(struct trade *trade, json_t **out)
{
    QUERY query = store_query(trade->store,
                              "SELECT id, made_at, seen_at, address FROM session"
                              " WHERE person = $1 AND ended_at IS NULL AND ends_at > $2"
                              " AND seen_at + idle_ms > $2 ORDER BY id DESC LIMIT $3",
                              ARG_INT(trade->who.person), ARG_INT(trade->now_ms), ARG_INT(LIST_MAX));
    JSON list = json_array();
    enum step step;
    while ((step = query_step(query)) == STEP_ROW) {
        json_t *row = json_object();
        shape_int(row, "id", query_int(query, 0));
        shape_int(row, "made_at", query_int(query, 1));
        shape_int(row, "seen_at", query_int(query, 2));
        shape_text(row, "address", query_text(query, 3));
        shape_bool(row, "this", query_int(query, 0) == trade->who.session);
        json_array_append_new(list, row);
    }
    if (step != STEP_DONE)
        return trade_fault(trade);
    *out = json_object();
    shape_json(*out, "sessions", json_incref(list));
    return R_OK;
}

bool session_find(struct store *store, const char *hash, int64_t now_ms, struct session_row *out)
{
    QUERY query = store_query(
        store,
        "SELECT s.id, s.person, s.seen_at, s.idle_ms, s.ends_at, p.roles FROM session s"
        " JOIN person p ON p.id = s.person"
        " WHERE s.hash = $1 AND s.ended_at IS NULL AND s.ends_at > $2 AND s.seen_at + s.idle_ms > $2",
        ARG_TEXT(hash), ARG_INT(now_ms));
    if (!query_row(query))
        return false;
    *out = (struct session_row){.id = query_int(query, 0),
                                .person = query_int(query, 1),
                                .seen_at = query_int(query, 2),
                                .idle_ms = query_int(query, 3),
                                .ends_at = query_int(query, 4),
                                .roles = (uint32_t)query_int(query, 5)};
    return true;
}
