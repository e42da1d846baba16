/* push.h: who wants to be told of an order by web push, and what each phone was told last.
 *
 * A message is due while the word for the order's state differs from the one last told. There is no queue to
 * lose: who was away hears the newest state, and a crash between sending and writing down repeats one message
 * that the phone shows under the same name. Desk thread; push_due: any reader. */
#ifndef TRADE_PUSH_H
#define TRADE_PUSH_H

#include "market/trade/order.h"

enum {
    PUSH_ENDPOINT_MAX = 1000, /* bytes */
    PUSH_P256DH_CHARS = 87,
    PUSH_AUTH_CHARS = 22,
    PUSH_PER_ORDER = 4, /* phones */
    PUSH_PER_PERSON = 40,
    PUSH_TRIES_MAX = 12,
    PUSH_AT_ONCE = 64 /* messages of one push_due */
};

struct push_wish {
    const char *endpoint, *p256dh, *auth, *lang;
};

/* May this be asked of us? https, a name and not an address, no log-in in it, the usual port; or exactly the
 * one authority ("localhost:8443") that a test allows. Pure; what the name leads to is checked when it is
 * dialled. */
bool push_endpoint_ok(const char *endpoint, const char *allowed);
bool push_keys_ok(const char *p256dh, const char *auth);

/* The same phone again takes the place of its older row. R_WRONG_MOMENT: the order is over. R_TOO_MANY: the
 * limits above. */
enum result push_add(struct trade *trade, const struct order *order, const struct push_wish *wish);
/* All of this person's phones for the order. */
enum result push_stop(struct trade *trade, const struct order *order);

/* The same for the asker's place in line: its phone is told when there is an offer, and from then on of that
 * order. R_UNKNOWN: not the asker's place. R_WRONG_MOMENT: it waits no longer. R_TOO_MANY: phones, as for an
 * order. */
enum result push_wait(struct trade *trade, int64_t wait, const struct push_wish *wish);
enum result push_wait_stop(struct trade *trade, int64_t wait);
/* The place became the offer `order` to `person`: its phones are told of that order from now on. */
enum result push_offered(struct trade *trade, int64_t wait, int64_t person, int64_t order);
/* One order became another: its phones are told of that one from now on, each once. */
enum result push_moved(struct trade *trade, int64_t from, int64_t to);
enum result push_wait_over(struct trade *trade, int64_t wait); /* it came to nothing */

/* {"messages":[{id,endpoint,p256dh,auth,lang,code,stall_name,word,until}],"next_at":ms or null}: what is due
 * now, at most PUSH_AT_ONCE, and when the next one is. until: ms, after it the message is of no use; or null.
 */
enum result push_due(struct trade *trade, json_t **out);

enum push_outcome { PUSH_TOLD, PUSH_GONE, PUSH_LATER };
/* What came of sending `word`. GONE forgets the phone; LATER tries again after `wait_s` or a growing pause, a
 * few times. */
enum result push_done(struct trade *trade, int64_t id, const char *word, enum push_outcome outcome,
                      int64_t wait_s);

#endif
