/* answer.c: idempotency by key. */
#include "market/trade/answer.h"

#include <glib.h>
#include <string.h>
#include "market/base/id.h"
#include "market/base/shape.h"

void answer_digest(const char *command, json_t *params, char out[65])
{
    g_autofree char *text = shape_dump(params, true);
    const struct id_part parts[] = {{command, strlen(command)}, {text, strlen(text)}};
    id_digest(parts, 2, out);
}

static enum result result_of(int64_t status)
{
    return status == 201 ? R_CREATED : status == 204 ? R_NO_CONTENT : R_OK;
}

enum result answer_find(struct trade *trade, const char *key, const char *digest, struct answer *out)
{
    int64_t who = trade->who.person;
    QUERY query = store_query(trade->store,
                              "SELECT digest, maker, at_ms, person, status, body FROM answer"
                              " WHERE key = $1 AND (person = $2 OR (person = 0 AND maker = $2) OR $2 = 0)"
                              " ORDER BY person LIMIT 1",
                              ARG_TEXT(key), ARG_INT(who));
    *out = (struct answer){0};
    enum step step = query_step(query);
    if (step == STEP_DONE)
        return R_OK;
    if (step != STEP_ROW)
        return trade_fault(trade);
    const char *body = query_text(query, 5);
    *out = (struct answer){
        .found = true,
        .same = strcmp(query_text(query, 0), digest) == 0 && (who || query_int(query, 3) == 0),
        .maker = query_int(query, 1),
        .age_ms = trade->now_ms - query_int(query, 2),
        .without_login = query_int(query, 3) == 0,
        .result = result_of(query_int(query, 4)),
    };
    if (out->same && body)
        out->body = json_loads(body, 0, NULL);
    return R_OK;
}

enum result answer_keep(struct trade *trade, const char *key, const char *digest, int64_t person,
                        int64_t maker, enum result result, const char *body)
{
    enum step step = store_run(trade->store,
                               "INSERT INTO answer (key, person, maker, digest, status, body, at_ms)"
                               " VALUES ($1, $2, $3, $4, $5, $6, $7)",
                               ARG_TEXT(key), ARG_INT(person), ARG_INT(maker), ARG_TEXT(digest),
                               ARG_INT(result_http(result)), ARG_TEXT(body), ARG_INT(trade->now_ms));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}
