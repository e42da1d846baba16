/* factor.c: see factor.h. The secret is in the row sealed (seal.h), leaves the process in the answer to
 * factor_begin (again only to who has the key of that very act: factor_show), and is in no log, journal or
 * kept answer. */
#include "market/trade/factor.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>
#include "market/base/clock.h"
#include "market/base/log.h"
#include "market/base/shape.h"
#include "market/trade/journal.h"
#include "market/trade/person.h"
#include "market/trade/qrimage.h"
#include "market/trade/seal.h"

static const char ISSUER[] = "Chợ Nương";

bool factor_read(struct store *store, int64_t person, struct factor *out)
{
    QUERY query =
        store_query(store, "SELECT sealed, salt, on_at, step FROM factor WHERE person = $1", ARG_INT(person));
    memset(out, 0, sizeof *out);
    if (!query_row(query))
        return false;
    g_strlcpy(out->sealed, query_text(query, 0), sizeof out->sealed);
    g_strlcpy(out->salt, query_text(query, 1), sizeof out->salt);
    out->on_at = query_int(query, 2);
    out->step = query_int(query, 3);
    return true;
}

bool factor_on(struct store *store, int64_t person)
{
    struct factor factor;
    return factor_read(store, person, &factor) && factor.on_at;
}

int64_t factor_match(const struct trade *trade, int64_t person, const struct factor *factor,
                     const char code[TOTP_DIGITS + 1])
{
    uint8_t secret[TOTP_SECRET];
    if (!trade->seal || !seal_read(trade->seal, person, factor->sealed, secret, sizeof secret)) {
        log_line(LOG_LEVEL_ERROR, "factor.unreadable", LOG_NUMBER("person", person),
                 LOG_TEXT("why", "factor-key is not the one it was sealed with"));
        return 0;
    }
    /* Our time never goes back, so it may be ahead of the machine's for a while; a phone's is not. */
    int64_t step = totp_match(secret, code, clock_machine_ms(), factor->step);
    sodium_memzero(secret, sizeof secret);
    return step;
}

/* The office sees it at once, and the chain of the journal keeps it. */
static enum result announce(struct trade *trade, int64_t person, const char *kind)
{
    json_t *body = json_object();
    log_line(LOG_LEVEL_INFO, kind, LOG_NUMBER("person", person), LOG_NUMBER("by", trade->who.person),
             LOG_TEXT("address", trade->who.address));
    shape_int(body, "person", person);
    return journal_add(trade, &(struct journal_entry){.kind = kind, .full = body});
}

/* The phone as people here write it. Two markets in one app are told apart by their hosts. */
static json_t *shown(struct trade *trade, int64_t person, const uint8_t secret[TOTP_SECRET])
{
    char text[TOTP_TEXT + 1];
    const char *host = trade->origin ? strstr(trade->origin, "://") : NULL;
    QUERY query = store_query(trade->store, "SELECT phone FROM person WHERE id = $1", ARG_INT(person));
    const char *phone = query_row(query) ? query_text(query, 0) : "";
    bool here = g_str_has_prefix(phone, "+84");
    g_autofree char *account = g_strconcat(here ? "0" : "", here ? phone + 3 : phone, host ? "@" : NULL,
                                           host ? host + 3 : NULL, NULL);
    g_autofree char *uri = totp_uri(secret, ISSUER, account);
    g_autofree char *svg = qrimage_svg(uri, ISSUER);
    json_t *out = json_object();
    totp_text(secret, text);
    shape_text(out, "secret", text);
    shape_text(out, "uri", uri);
    shape_text(out, "svg", svg);
    return out;
}

enum result factor_begin(struct trade *trade, int64_t person, json_t **out)
{
    uint8_t secret[TOTP_SECRET];
    if (factor_on(trade->store, person))
        return trade_refuse(trade, "factor-on");
    if (!trade->seal)
        return R_UNSUPPORTED;
    randombytes_buf(secret, sizeof secret);
    g_autofree char *sealed = seal_close(trade->seal, person, secret, sizeof secret);
    enum step step =
        store_run(trade->store,
                  "INSERT INTO factor (person, sealed, made_at, step, salt) VALUES ($1, $2, $3, 0, '')"
                  " ON CONFLICT (person) DO UPDATE SET sealed = excluded.sealed, made_at = excluded.made_at,"
                  " step = 0",
                  ARG_INT(person), ARG_TEXT(sealed), ARG_INT(trade->now_ms));
    if (step == STEP_DONE)
        *out = shown(trade, person, secret);
    sodium_memzero(secret, sizeof secret);
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

enum result factor_show(struct trade *trade, int64_t person, int64_t made_at, json_t **out)
{
    uint8_t secret[TOTP_SECRET];
    QUERY query = store_query(
        trade->store, "SELECT sealed FROM factor WHERE person = $1 AND made_at = $2 AND on_at IS NULL",
        ARG_INT(person), ARG_INT(made_at));
    bool there = query_row(query) && trade->seal &&
                 seal_read(trade->seal, person, query_text(query, 0), secret, sizeof secret);
    if (there)
        *out = shown(trade, person, secret);
    sodium_memzero(secret, sizeof secret);
    return there ? R_OK : R_UNKNOWN;
}

/* A code counts once: neither it nor an older one is taken after it. */
static enum result take_code(struct trade *trade, int64_t person, const struct factor *factor,
                             const char *code)
{
    int64_t step = factor_match(trade, person, factor, code);
    if (!step)
        return R_BAD_CODE;
    if (store_run(trade->store, "UPDATE factor SET step = $2 WHERE person = $1 AND step < $2",
                  ARG_INT(person), ARG_INT(step)) != STEP_DONE)
        return trade_fault(trade);
    return store_changes(trade->store) ? R_OK : R_BAD_CODE;
}

enum result factor_confirm(struct trade *trade, int64_t person, const char *code,
                           const struct recovery *codes)
{
    struct factor factor;
    if (!factor_read(trade->store, person, &factor) || factor.on_at)
        return trade_refuse(trade, factor.on_at ? "factor-on" : "factor-not-begun");
    enum result done = codes ? take_code(trade, person, &factor, code) : R_BAD_CODE;
    if (done != R_OK)
        return done;
    if (store_run(trade->store, "UPDATE factor SET on_at = $2 WHERE person = $1", ARG_INT(person),
                  ARG_INT(trade->now_ms)) != STEP_DONE)
        return trade_fault(trade);
    done = recovery_keep(trade, person, codes);
    return done == R_OK ? announce(trade, person, "factor.on") : done;
}

enum result factor_codes(struct trade *trade, int64_t person, const struct recovery *codes)
{
    if (!factor_on(trade->store, person))
        return trade_refuse(trade, "factor-off");
    enum result done = codes ? recovery_keep(trade, person, codes) : R_BAD_CODE;
    return done == R_OK ? announce(trade, person, "factor.codes") : done;
}

enum result factor_take(struct trade *trade, int64_t person, const struct factor_proof *proof)
{
    struct factor factor;
    if (!factor_read(trade->store, person, &factor) || !factor.on_at)
        return R_OK;
    if (proof->code[0])
        return take_code(trade, person, &factor, proof->code);
    if (!proof->print[0])
        return R_CODE_NEEDED;
    enum result done = recovery_use(trade, person, proof->print);
    return done == R_OK ? announce(trade, person, "factor.recovered") : done;
}

enum result factor_drop(struct trade *trade, int64_t person, const char *kind)
{
    enum result done = recovery_forget(trade, person);
    if (done != R_OK)
        return done;
    if (store_run(trade->store, "DELETE FROM factor WHERE person = $1", ARG_INT(person)) != STEP_DONE)
        return trade_fault(trade);
    return store_changes(trade->store) ? announce(trade, person, kind) : R_UNKNOWN;
}

json_t *factor_json(struct store *store, int64_t person)
{
    struct factor factor;
    json_t *out = json_object();
    factor_read(store, person, &factor);
    shape_bool(out, "on", factor.on_at != 0);
    shape_id(out, "since", factor.on_at);
    shape_int(out, "codes_left", recovery_left(store, person));
    return out;
}
