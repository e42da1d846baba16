/* bank_event.h: one movement on a bank account, however we heard of it: webhook, statement or by hand.
 * Everything that reads ends here, everything that matches and books begins here. Any thread. */
#ifndef TRADE_BANK_EVENT_H
#define TRADE_BANK_EVENT_H

#include <glib.h>
#include <stdbool.h>
#include "market/base/money.h"

enum bank_source {
    BANK_SEPAY,
    BANK_CASSO,
    BANK_PAYOS,
    BANK_STATEMENT,
    BANK_SOURCES
}; /* names are stored: never renamed */
enum bank_direction { BANK_IN, BANK_OUT };

enum { BANK_TEXT = 1000 }; /* bytes kept of any text in it */

struct bank_event {
    enum bank_source source;
    enum bank_direction direction;
    bool test;       /* the provider's own trial: answered, never booked */
    char *id;        /* the source's own, stable over its retries: unique for ever with `source` */
    char *account;   /* of ours */
    char *memo;      /* as the bank gave it */
    char *reference; /* the bank's number, "" when there is none: the second guard against booking twice */
    char *payer;     /* name or account of the other side, "" */
    struct money amount; /* > 0 */
    bool has_balance;
    struct money balance; /* of the account after it */
    int64_t at_ms;        /* by the bank's clock */
};

const char *bank_source_name(enum bank_source source);
bool bank_source_read(const char *name, enum bank_source *source);

struct bank_event *bank_event_new(enum bank_source source); /* all texts "", the rest zero */
void bank_event_free(struct bank_event *event);             /* NULL is fine */
void bank_event_set(char **text, const char *value);        /* replaces a text; NULL means "" */
GPtrArray *bank_event_list(void);                           /* an empty list that owns its events */

#endif
