/* fee.c: see fee.h. */
#include "market/trade/fee.h"

#include <string.h>
#include "market/base/shape.h"

enum { KILOGRAM = 1000 };

bool fee_of(struct money *amount, const struct fee_rate *rate, int64_t grams)
{
    int64_t more, whole;
    if (grams < 0)
        return false;
    int64_t beyond = grams > rate->included ? grams - rate->included : 0;
    int64_t begun = beyond / KILOGRAM + (beyond % KILOGRAM != 0);
    if (__builtin_mul_overflow(begun, rate->per_kg, &more) ||
        __builtin_add_overflow(rate->base, more, &whole))
        return false;
    return money_make(amount, whole);
}

static enum result read_rate(struct trade *trade, int64_t zone, struct fee_rate *rate, int64_t *piece_grams)
{
    QUERY query = store_query(
        trade->store, "SELECT base, included, per_kg, piece_grams FROM zone WHERE id = $1 AND state = 'open'",
        ARG_INT(zone));
    enum step step = query_step(query);
    if (step == STEP_DONE)
        return trade_bad_field(trade, "zone", "nobody drives there");
    if (step != STEP_ROW)
        return trade_fault(trade);
    *rate = (struct fee_rate){query_int(query, 0), query_int(query, 1), query_int(query, 2)};
    *piece_grams = query_int(query, 3);
    return R_OK;
}

static enum result check_point(struct trade *trade, const struct fee_wish *wish)
{
    QUERY query =
        store_query(trade->store, "SELECT 1 FROM point WHERE id = $1 AND zone = $2 AND state = 'open'",
                    ARG_INT(wish->point), ARG_INT(wish->zone));
    return query_row(query) ? R_OK : trade_bad_field(trade, "point", "there is no such pickup point");
}

enum result fee_count(struct trade *trade, const struct fee_wish *wish, int64_t grams, int64_t pieces,
                      struct fee *out)
{
    struct fee_rate rate;
    int64_t piece_grams, light, whole;
    *out = (struct fee){0};
    if (!wish->zone)
        return R_OK;
    enum result done = read_rate(trade, wish->zone, &rate, &piece_grams);
    if (done == R_OK && wish->point)
        done = check_point(trade, wish);
    if (done != R_OK)
        return done;
    *out = (struct fee){.zone = wish->zone, .point = wish->point};
    if (__builtin_mul_overflow(pieces, piece_grams, &light) || __builtin_add_overflow(grams, light, &whole) ||
        !fee_of(&out->amount, &rate, whole))
        return trade_bad_field(trade, "lines", "the order is heavier than can be counted");
    out->grams = whole;
    if (money_dong(out->amount) == wish->shown)
        return R_OK;
    shape_int(trade_extra(trade), "fee", money_dong(out->amount));
    return R_PRICE_CHANGED;
}

enum result fee_keep(struct trade *trade, int64_t order, const struct fee *fee)
{
    if (!fee->zone)
        return R_OK;
    enum step step =
        store_run(trade->store,
                  "INSERT INTO order_fee (order_id, zone, point, grams, amount) VALUES ($1, $2, $3, $4, $5)",
                  ARG_INT(order), ARG_INT(fee->zone), ARG_ID(fee->point), ARG_INT(fee->grams),
                  ARG_INT(money_dong(fee->amount)));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

struct money fee_of_order(struct trade *trade, int64_t order)
{
    struct money amount = {0};
    if (!money_make(&amount,
                    store_int(trade->store, "SELECT amount FROM order_fee WHERE order_id = $1", order, 0)))
        return (struct money){0};
    return amount;
}

json_t *fee_json(struct trade *trade, int64_t order)
{
    QUERY query =
        store_query(trade->store,
                    "SELECT f.zone, z.name, f.point, p.name, p.place, f.grams, f.amount FROM order_fee f"
                    " JOIN zone z ON z.id = f.zone LEFT JOIN point p ON p.id = f.point WHERE f.order_id = $1",
                    ARG_INT(order));
    if (!query_row(query))
        return NULL;
    json_t *fee = json_object();
    shape_int(fee, "zone", query_int(query, 0));
    shape_text(fee, "zone_name", query_text(query, 1));
    shape_id(fee, "point", query_int(query, 2));
    shape_text(fee, "point_name", query_text(query, 3));
    shape_text(fee, "point_place", query_text(query, 4));
    shape_int(fee, "grams", query_int(query, 5));
    shape_int(fee, "amount", query_int(query, 6));
    return fee;
}
