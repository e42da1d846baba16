/* cod.c: see cod.h. A number's orders are those of all persons who have it: whoever orders without logging in
 * is a new person each time. Who is logged in stays who it is, whatever number is typed in. */
#include "market/trade/cod.h"

#include <glib.h>
#include "market/base/shape.h"
#include "market/trade/credit.h"
#include "market/trade/person.h"

static const int64_t day_ms = INT64_C(24) * 3600 * 1000;

const char *cod_word(enum cod_verdict verdict)
{
    static const char *const words[] = {
        [COD_FINE] = NULL, [COD_REFUSED_BEFORE] = "cod-refusals", [COD_TOO_MUCH] = "cod-cap"};
    return words[verdict];
}

/* Those whose reason lies with the buyer: stop.h says who bears each. */
static int64_t refusals(struct trade *trade, int64_t buyer, const char *phone, int64_t days)
{
    QUERY query = store_query(
        trade->store,
        "SELECT COUNT(*) FROM orders o JOIN stop s ON s.order_id = o.id AND s.state = 'failed'"
        " WHERE o.buyer IN (SELECT id FROM person WHERE id = $3 OR phone = $1) AND s.done_at >= $2"
        " AND s.reason IN ('refused', 'not-home', 'no-answer', 'wrong-place')",
        ARG_TEXT(phone), ARG_INT(trade->now_ms - days * day_ms), ARG_INT(buyer));
    return query_row(query) ? query_int(query, 0) : 0;
}

/* By all confirmed orders of the buyer and of the number. */
static int64_t owed(struct trade *trade, int64_t buyer, const char *phone)
{
    QUERY query = store_query(trade->store,
                              "SELECT CAST(COALESCE(SUM(a.balance), 0) AS BIGINT) FROM orders o"
                              " JOIN account a ON a.kind = 'order' AND a.subject = o.id AND a.balance > 0"
                              " WHERE o.buyer IN (SELECT id FROM person WHERE id = $2 OR phone = $1)"
                              " AND o.state = 'confirmed'",
                              ARG_TEXT(phone), ARG_INT(buyer));
    return query_row(query) ? query_int(query, 0) : 0;
}

/* By the confirmed orders of one person: what others have on the same number is not for whoever typed it in.
 */
static int64_t owed_by(struct trade *trade, int64_t person)
{
    return store_int(trade->store,
                     "SELECT CAST(COALESCE(SUM(a.balance), 0) AS BIGINT) FROM orders o"
                     " JOIN account a ON a.kind = 'order' AND a.subject = o.id AND a.balance > 0"
                     " WHERE o.buyer = $1 AND o.state = 'confirmed'",
                     person, 0);
}

/* The text in the one column that is asked for by an id; "" when there is none. */
static char *phone_of(struct trade *trade, const char *sql, int64_t id)
{
    QUERY query = store_query(trade->store, sql, ARG_INT(id));
    const char *phone = query_row(query) ? query_text(query, 0) : NULL;
    return g_strdup(phone ? phone : "");
}

static bool by_office(struct trade *trade, int64_t person)
{
    return (person_roles(trade->store, person) & (ROLE_CADRE | ROLE_ADMIN)) != 0;
}

static bool let_go(struct trade *trade, int64_t order)
{
    int64_t by =
        store_int(trade->store, "SELECT actor FROM pay_wish WHERE order_id = $1 AND way = 'cash'", order, 0);
    return by && by_office(trade, by);
}

enum result cod_look(struct trade *trade, const struct pay_order *order, enum cod_verdict *verdict)
{
    struct pay_view view;
    struct codrule rule;
    enum result done = books_view(trade, order, &view);
    *verdict = COD_FINE;
    if (done != R_OK || money_dong(pay_due(&view)) == 0 || let_go(trade, order->id))
        return done;
    done = codrule_now(trade, &rule);
    if (done != R_OK)
        return done;
    g_autofree char *phone = phone_of(trade, "SELECT phone FROM orders WHERE id = $1", order->id);
    int64_t own = order->confirmed ? 0 : money_dong(pay_due(&view)); /* not yet among what is owed */
    *verdict = refusals(trade, order->buyer, phone, rule.days) >= rule.refusals ? COD_REFUSED_BEFORE
               : owed(trade, order->buyer, phone) + own > rule.owed_max         ? COD_TOO_MUCH
                                                                                : COD_FINE;
    return R_OK;
}

enum result cod_may(struct trade *trade, const struct pay_order *order)
{
    enum cod_verdict verdict;
    enum result done = cod_look(trade, order, &verdict);
    return done != R_OK || verdict == COD_FINE ? done : trade_refuse(trade, cod_word(verdict));
}

static json_t *shown(enum cod_verdict verdict, const struct codrule *rule)
{
    json_t *out = json_object();
    shape_text(out, "pay_first", cod_word(verdict));
    codrule_show(rule, out);
    return out;
}

enum result cod_json(struct trade *trade, const struct pay_order *order, json_t **out)
{
    enum cod_verdict verdict = COD_FINE;
    struct codrule rule;
    enum result done = codrule_now(trade, &rule);
    if (done == R_OK && !order->cancelled)
        done = cod_look(trade, order, &verdict);
    if (done != R_OK)
        return done;
    *out = shown(verdict, &rule);
    json_object_set_new(*out, "may",
                        json_boolean(verdict == COD_FINE || by_office(trade, trade->who.person)));
    return R_OK;
}

enum result cod_mine(struct trade *trade, json_t **out)
{
    struct codrule rule;
    enum result done = codrule_now(trade, &rule);
    if (done != R_OK)
        return done;
    g_autofree char *phone = phone_of(trade, "SELECT phone FROM person WHERE id = $1", trade->who.person);
    int64_t left = rule.owed_max - owed_by(trade, trade->who.person);
    bool refused = *phone && refusals(trade, trade->who.person, phone, rule.days) >= rule.refusals;
    *out = shown(refused ? COD_REFUSED_BEFORE : COD_FINE, &rule);
    shape_text(*out, "phone", *phone ? phone : NULL);
    shape_int(*out, "left", MAX(left, 0));
    shape_int(*out, "credit", money_dong(credit_of(trade, trade->who.person)));
    return R_OK;
}
