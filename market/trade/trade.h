/* trade.h: what every rule of the market is given: a database, a moment and who asks. One for each running
 * command or query. */
#ifndef TRADE_TRADE_H
#define TRADE_TRADE_H

#include <jansson.h>
#include "market/base/result.h"
#include "market/base/who.h"
#include "market/store/store.h"

struct journal;
struct seal;

/* What web push needs to be known of by the rules; NULL where no message is sent. */
struct push_setup {
    const char *public_key; /* ours, base64url: browsers subscribe with it */
    const char *allowed;    /* one authority a test may use, NULL: none */
};

struct trade {
    struct store *store;
    struct journal *journal; /* NULL on readers: they change nothing */
    struct who who;
    int64_t now_ms;                /* wall clock */
    const char *key;               /* the client's key of this command; NULL: it has none */
    const char *origin;            /* "https://host:port" of our pages, "" when not known */
    const struct push_setup *push; /* NULL: no web push */
    const struct seal *seal;       /* opens the secrets of second factors; NULL on who needs none */
    json_t *extra; /* an object made by trade_extra: what goes into the problem details when a rule refuses;
                      NULL: nothing yet */
};

/* The extras object, made on first use; owned by the trade's owner. */
json_t *trade_extra(struct trade *trade);
/* Refuses a field: sets "field" and gives R_BAD_FIELD. */
enum result trade_bad_field(struct trade *trade, const char *field, const char *detail);
/* Refuses a command at this moment: sets "reason", one of the words pages know, and gives R_WRONG_MOMENT. */
enum result trade_refuse(struct trade *trade, const char *reason);
/* The result of a write that should always work: R_NOT_SAVED when the disk failed, else R_FAULT (logged by
 * the store). */
enum result trade_fault(const struct trade *trade);
/* What is left of a query as an array, each row made by `row` (never NULL); *out is the caller's. When
 * reading fails: trade_fault, and *out is left alone. */
enum result trade_rows(const struct trade *trade, struct query *query, json_t *(*row)(struct query *query),
                       json_t **out);

/* Most a list gives at once. */
enum { LIST_MAX = 500, ORDERS_MAX = 100, SNAPSHOT_ORDERS = 50 };

#endif
