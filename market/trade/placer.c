/* placer.c: see placer.h. */
#include "market/trade/placer.h"

#include <string.h>

bool placer_is(struct trade *trade, const char *phone)
{
    if (!who_is_cadre(&trade->who) || !trade->who.person)
        return false;
    QUERY query =
        store_query(trade->store, "SELECT phone FROM person WHERE id = $1", ARG_INT(trade->who.person));
    return query_row(query) && strcmp(query_text(query, 0), phone) != 0;
}

enum result placer_household(struct trade *trade, const char *name, const char *phone, const char *place,
                             int64_t *buyer)
{
    const struct person_request request = {.name = name, .phone = phone, .place = place, .roles = ROLE_BUYER};
    char none[PASSWORD_TEXT];
    *buyer = person_by_login(trade->store, phone, none);
    return *buyer ? R_OK : person_add(trade, &request, buyer);
}

enum result placer_note(struct trade *trade, int64_t order, int64_t placer)
{
    enum step step = store_run(trade->store, "INSERT INTO order_placer (order_id, placer) VALUES ($1, $2)",
                               ARG_INT(order), ARG_INT(placer));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

/* Nobody has come in as this person yet, nor been given a way to. */
enum result placer_adopt(struct trade *trade, int64_t person, const struct person_request *r)
{
    enum step step =
        store_run(trade->store,
                  "UPDATE person SET name = $2, place = $3, roles = $4, password = $5 WHERE id = $1"
                  " AND roles = $6 AND password IS NULL"
                  " AND NOT EXISTS (SELECT 1 FROM session s WHERE s.person = $1)"
                  " AND NOT EXISTS (SELECT 1 FROM link l WHERE l.person = $1)"
                  " AND EXISTS (SELECT 1 FROM orders o JOIN order_placer p ON p.order_id = o.id"
                  " WHERE o.buyer = $1)",
                  ARG_INT(person), ARG_TEXT(r->name), ARG_TEXT(r->place), ARG_INT(r->roles),
                  ARG_TEXT(r->password), ARG_INT(ROLE_BUYER));
    if (step != STEP_DONE)
        return trade_fault(trade);
    return store_changes(trade->store) == 1 ? R_OK : R_ALREADY;
}
