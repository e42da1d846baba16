/* push.c: see push.h. */
#include "market/trade/push.h"

#include <glib.h>
#include <string.h>
#include "market/base/shape.h"
#include "market/base/clock.h"

enum { FIRST_PAUSE_S = 2, LONGEST_PAUSE_S = 3600, UNDO_MS = 20 * 60 * 1000 };
#define KEPT_MS (INT64_C(30) * 24 * 3600 * 1000)

/* --- what may be asked --- */

static bool is_name(const char *host, size_t length)
{
    bool letter = false, dot = false;
    for (size_t i = 0; i < length; i++) {
        if (!g_ascii_isalnum(host[i]) && host[i] != '-' && host[i] != '.')
            return false;
        dot |= host[i] == '.' && i && i + 1 < length;
        letter |= g_ascii_isalpha(host[i]);
    }
    const char *last = g_strrstr_len(host, (gssize)length, ".");
    bool number = !last || g_ascii_isdigit(last[1]); /* 127.1, 0x7f.1 and their kin end in a number */
    return letter && dot && !number && host[0] != '.' && host[length - 1] != '.';
}

static bool is_home(const char *host, size_t length)
{
    static const char *const endings[] = {".local", ".localhost", ".internal", ".lan", ".home.arpa"};
    g_autofree char *name = g_ascii_strdown(host, (gssize)length);
    for (size_t i = 0; i < G_N_ELEMENTS(endings); i++)
        if (g_str_has_suffix(name, endings[i]))
            return true;
    return false;
}

bool push_endpoint_ok(const char *endpoint, const char *allowed)
{
    static const char scheme[] = "https://";
    size_t all = strlen(endpoint);
    if (all > PUSH_ENDPOINT_MAX || !g_str_has_prefix(endpoint, scheme))
        return false;
    for (size_t i = 0; i < all; i++)
        if (endpoint[i] <= ' ' || endpoint[i] > '~' || strchr("\"\\<>", endpoint[i]))
            return false;
    const char *host = endpoint + strlen(scheme);
    size_t authority = strcspn(host, "/?#"), length = strcspn(host, ":/?#");
    if (host[authority] != '/')
        return false;
    if (allowed && strlen(allowed) == authority && !memcmp(host, allowed, authority))
        return true;
    bool usual = length == authority || (authority == length + 4 && !memcmp(host + length, ":443", 4));
    return usual && length <= 253 && is_name(host, length) && !is_home(host, length);
}

static bool is_base64url(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!g_ascii_isalnum(text[i]) && text[i] != '-' && text[i] != '_')
            return false;
    return strlen(text) == length;
}

bool push_keys_ok(const char *p256dh, const char *auth)
{
    /* An uncompressed point begins with the byte 4, which is "B" in base64. */
    return is_base64url(p256dh, PUSH_P256DH_CHARS) && p256dh[0] == 'B' && is_base64url(auth, PUSH_AUTH_CHARS);
}

/* --- the order's word --- */

#define STATE_COLUMNS                                                                                        \
    " o.state, s.state, t.state,"                                                                            \
    " (SELECT COUNT(*) FROM line_state l WHERE l.order_id = o.id AND l.state = 'extra'),"                    \
    " (SELECT COUNT(*) FROM order_end e WHERE e.order_id = o.id), w.state, h.ends_at, h.part_at"
#define STATE_TABLES                                                                                         \
    " orders o LEFT JOIN stop s ON s.id = (SELECT MAX(x.id) FROM stop x WHERE x.order_id = o.id AND x.state" \
    " <> 'removed') LEFT JOIN trip t ON t.id = s.trip LEFT JOIN wait w ON w.order_id = o.id"                 \
    " LEFT JOIN hold h ON h.order_id = o.id AND h.state = 'open'"
enum { STATE_WAIT = 5, STATE_HELD = 6, STATE_PART = 7 }; /* columns from the first on */

/* Reads STATE_COLUMNS from `first`. One of the words of the catalogues' push.* keys; static. */
static const char *word_of(struct query *query, int first)
{
    static const char *const doors[] = {"arrived", "delivered", "partial", "failed"};
    const char *order = query_text(query, first), *stop = query_text(query, first + 1);
    const char *trip = query_text(query, first + 2), *turn = query_text(query, first + STATE_WAIT);
    if (!strcmp(order, "cancelled"))
        return turn && !strcmp(turn, "expired") ? "passed" : "cancelled";
    for (size_t i = 0; stop && i < G_N_ELEMENTS(doors); i++)
        if (!strcmp(stop, doors[i]))
            return doors[i];
    if (query_int(query, first + 4))
        return "closed";
    if (query_int(query, first + 3))
        return "extra";
    if (stop && trip && !strcmp(trip, "moving"))
        return "moving";
    if (!strcmp(order, "confirmed"))
        return "confirmed";
    if (query_int(query, first + STATE_PART))
        return "short";
    return turn && !strcmp(turn, "offered") && query_int(query, first + STATE_HELD) ? "offer" : "placed";
}

static bool is_last(const char *word)
{
    return !strcmp(word, "cancelled") || !strcmp(word, "passed") || !strcmp(word, "closed") ||
           !strcmp(word, "delivered") || !strcmp(word, "partial");
}

static const char *word_now(struct trade *trade, int64_t order)
{
    QUERY query = store_query(trade->store, "SELECT" STATE_COLUMNS " FROM" STATE_TABLES " WHERE o.id = $1",
                              ARG_INT(order));
    return query_row(query) ? word_of(query, 0) : NULL;
}

/* --- phones --- */

static bool has_room(struct trade *trade, const struct order *order)
{
    static const char of_order[] = "SELECT COUNT(*) FROM push_sub WHERE order_id = $1";
    static const char of_person[] = "SELECT COUNT(*) FROM push_sub WHERE person = $1";
    return store_int(trade->store, of_order, order->id, 0) < PUSH_PER_ORDER &&
           store_int(trade->store, of_person, trade->who.person, 0) < PUSH_PER_PERSON;
}

/* told: the word this phone knows. */
static enum result keep_phone(struct trade *trade, int64_t order, int64_t person,
                              const struct push_wish *wish, const char *told)
{
    static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM push_sub";
    enum step step = store_run(
        trade->store,
        "INSERT INTO push_sub (id, person, order_id, endpoint, p256dh, auth, lang, told, tries, next_at,"
        " made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, $9)",
        ARG_INT(store_next_id(trade->store, max_id)), ARG_INT(person), ARG_INT(order),
        ARG_TEXT(wish->endpoint), ARG_TEXT(wish->p256dh), ARG_TEXT(wish->auth), ARG_TEXT(wish->lang),
        ARG_TEXT(told), ARG_INT(trade->now_ms));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

enum result push_add(struct trade *trade, const struct order *order, const struct push_wish *wish)
{
    const char *word = word_now(trade, order->id);
    if (!word)
        return trade_fault(trade);
    if (is_last(word))
        return R_WRONG_MOMENT;
    if (store_run(trade->store, "DELETE FROM push_sub WHERE order_id = $1 AND endpoint = $2",
                  ARG_INT(order->id), ARG_TEXT(wish->endpoint)) != STEP_DONE)
        return trade_fault(trade);
    if (!has_room(trade, order))
        return R_TOO_MANY;
    return keep_phone(trade, order->id, trade->who.person, wish, word);
}

enum result push_stop(struct trade *trade, const struct order *order)
{
    enum step step = store_run(trade->store, "DELETE FROM push_sub WHERE order_id = $1 AND person = $2",
                               ARG_INT(order->id), ARG_INT(trade->who.person));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

/* --- phones of those who wait in line --- */

static enum result own_wait(struct trade *trade, int64_t wait)
{
    int64_t person = store_int(trade->store, "SELECT person FROM wait WHERE id = $1", wait, 0);
    return person && person == trade->who.person ? R_OK : R_UNKNOWN;
}

enum result push_wait(struct trade *trade, int64_t wait, const struct push_wish *wish)
{
    static const char waits[] = "SELECT 1 FROM wait WHERE id = $1 AND state = 'waiting'";
    static const char of_wait[] = "SELECT COUNT(*) FROM wait_push WHERE wait = $1";
    enum result own = own_wait(trade, wait);
    if (own != R_OK)
        return own;
    if (!store_int(trade->store, waits, wait, 0))
        return R_WRONG_MOMENT;
    if (store_run(trade->store, "DELETE FROM wait_push WHERE wait = $1 AND endpoint = $2", ARG_INT(wait),
                  ARG_TEXT(wish->endpoint)) != STEP_DONE)
        return trade_fault(trade);
    if (store_int(trade->store, of_wait, wait, 0) >= PUSH_PER_ORDER)
        return R_TOO_MANY;
    enum step step = store_run(trade->store,
                               "INSERT INTO wait_push (wait, endpoint, p256dh, auth, lang, made_at)"
                               " VALUES ($1, $2, $3, $4, $5, $6)",
                               ARG_INT(wait), ARG_TEXT(wish->endpoint), ARG_TEXT(wish->p256dh),
                               ARG_TEXT(wish->auth), ARG_TEXT(wish->lang), ARG_INT(trade->now_ms));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

enum result push_wait_stop(struct trade *trade, int64_t wait)
{
    enum result own = own_wait(trade, wait);
    return own == R_OK ? push_wait_over(trade, wait) : own;
}

enum result push_wait_over(struct trade *trade, int64_t wait)
{
    enum step step = store_run(trade->store, "DELETE FROM wait_push WHERE wait = $1", ARG_INT(wait));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

enum result push_offered(struct trade *trade, int64_t wait, int64_t person, int64_t order)
{
    QUERY query = store_query(
        trade->store, "SELECT endpoint, p256dh, auth, lang FROM wait_push WHERE wait = $1", ARG_INT(wait));
    enum result done = R_OK;
    enum step step;
    while (done == R_OK && (step = query_step(query)) == STEP_ROW) {
        const struct push_wish wish = {query_text(query, 0), query_text(query, 1), query_text(query, 2),
                                       query_text(query, 3)};
        done = keep_phone(trade, order, person, &wish, "placed");
    }
    if (done == R_OK && step != STEP_DONE)
        done = trade_fault(trade);
    return done == R_OK ? push_wait_over(trade, wait) : done;
}

enum result push_moved(struct trade *trade, int64_t from, int64_t to)
{
    enum step step = store_run(trade->store,
                               "UPDATE push_sub SET order_id = $2"
                               " WHERE order_id = $1 AND endpoint NOT IN (SELECT n.endpoint FROM push_sub n"
                               " WHERE n.order_id = $2)",
                               ARG_INT(from), ARG_INT(to));
    if (step == STEP_DONE)
        step = store_run(trade->store, "DELETE FROM push_sub WHERE order_id = $1", ARG_INT(from));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

/* --- messages --- */

static json_t *message_json(struct query *query, const char *word)
{
    json_t *message = json_object();
    shape_int(message, "id", query_int(query, 0));
    shape_text(message, "endpoint", query_text(query, 1));
    shape_text(message, "p256dh", query_text(query, 2));
    shape_text(message, "auth", query_text(query, 3));
    shape_text(message, "lang", query_text(query, 4));
    shape_text(message, "code", query_text(query, 7));
    shape_text(message, "stall_name", query_text(query, 8));
    shape_text(message, "word", word);
    bool ends = strcmp(word, "offer") == 0 || strcmp(word, "short") == 0;
    shape_id(message, "until", ends ? query_int(query, 9 + STATE_HELD) : 0);
    return message;
}

enum result push_due(struct trade *trade, json_t **out)
{
    static const char sql[] =
        "SELECT p.id, p.endpoint, p.p256dh, p.auth, p.lang, p.told, p.next_at, o.code, st.name," STATE_COLUMNS
        " FROM push_sub p CROSS JOIN" STATE_TABLES " JOIN stall st ON st.id = o.stall"
        " WHERE p.order_id = o.id AND (p.over_at IS NULL OR p.over_at > $1) ORDER BY p.id";
    QUERY query = store_query(trade->store, sql, ARG_INT(trade->now_ms - UNDO_MS));
    JSON messages = json_array();
    int64_t next_at = 0;
    enum step step;
    while ((step = query_step(query)) == STEP_ROW) {
        const char *word = word_of(query, 9), *told = query_text(query, 5);
        int64_t at = query_int(query, 6);
        if (!strcmp(word, told) || !strcmp(word, "placed"))
            continue;
        bool now = at <= trade->now_ms && json_array_size(messages) < PUSH_AT_ONCE;
        if (now)
            json_array_append_new(messages, message_json(query, word));
        else
            next_at = next_at ? MIN(next_at, at) : MAX(at, 1);
    }
    if (step != STEP_DONE)
        return trade_fault(trade);
    *out = json_object();
    shape_json(*out, "messages", json_incref(messages));
    shape_id(*out, "next_at", next_at);
    return R_OK;
}

static int64_t pause_ms(int64_t tries, int64_t wait_s)
{
    int64_t grown = MIN(FIRST_PAUSE_S << MIN(tries, 16), LONGEST_PAUSE_S);
    return CLAMP(MAX(grown, wait_s), 1, LONGEST_PAUSE_S) * 1000;
}

static bool tidy(struct trade *trade)
{
    return store_run(trade->store, "DELETE FROM push_sub WHERE over_at < $1",
                     ARG_INT(trade->now_ms - UNDO_MS)) == STEP_DONE &&
           store_run(trade->store, "DELETE FROM push_sub WHERE made_at < $1",
                     ARG_INT(trade->now_ms - KEPT_MS)) == STEP_DONE &&
           store_run(trade->store, "DELETE FROM wait_push WHERE made_at < $1",
                     ARG_INT(trade->now_ms - KEPT_MS)) == STEP_DONE;
}

enum result push_done(struct trade *trade, int64_t id, const char *word, enum push_outcome outcome,
                      int64_t wait_s)
{
    static const char tries_sql[] = "SELECT tries FROM push_sub WHERE id = $1";
    int64_t tries = store_int(trade->store, tries_sql, id, 0);
    if (outcome == PUSH_LATER && tries + 1 >= PUSH_TRIES_MAX)
        outcome = PUSH_TOLD; /* this message is given up; the next change is tried again */
    enum step step = STEP_DONE;
    if (outcome == PUSH_GONE)
        step = store_run(trade->store, "DELETE FROM push_sub WHERE id = $1", ARG_INT(id));
    else if (outcome == PUSH_LATER)
        step = store_run(trade->store, "UPDATE push_sub SET tries = $2, next_at = $3 WHERE id = $1",
                         ARG_INT(id), ARG_INT(tries + 1), ARG_INT(trade->now_ms + pause_ms(tries, wait_s)));
    else
        step = store_run(trade->store,
                         "UPDATE push_sub SET told = $2, tries = 0, next_at = 0, over_at = $3 WHERE id = $1",
                         ARG_INT(id), ARG_TEXT(word), ARG_ID(is_last(word) ? trade->now_ms : 0));
    return step == STEP_DONE && tidy(trade) ? R_OK : trade_fault(trade);
}
