/* carrier.h: delivery companies that collect at the door ("COD"): orders handed to them, their lists of what
 * they collected, and what they have paid on. Each has an account of the ledger, carrier:<id>: what it
 * collected and has not paid yet. It comes to 0 by its payouts, its fees and the differences that somebody
 * put away by name.
 *
 *   handed ──▶ collected     by a line of its list; once for ever
 *     └──────▶ returned      the parcel came back; the order may go another way
 *
 * Desk thread; reading: any reader. */
#ifndef TRADE_CARRIER_H
#define TRADE_CARRIER_H

#include "market/trade/books.h"
#include "market/trade/remit.h"

enum { CARRIER_TEXT = 80, CARRIER_PHONE = 20, CARRIER_LINK = 200 };

struct carrier_request {
    int64_t id; /* 0: a new one */
    const char *name;
    const char *phone; /* for its buyers; NULL: as it was, "" none */
    const char *link;  /* https; "{}" stands for a parcel's number; NULL: as it was, "" none */
    bool open;
};
/* R_UNKNOWN; R_ALREADY: the name is taken. *made is its row. */
enum result carrier_set(struct trade *trade, const struct carrier_request *request, int64_t *made);
/* [{id,name,phone,link,state,balance,under_way}] */
enum result carrier_list(struct trade *trade, json_t **out);

/* The order goes with this carrier under its number (remit_tracking), which is to collect what is due now.
 * R_WRONG_MOMENT {"reason": "not-confirmed" | "order-closed" | "on-a-trip" | "with-carrier" | "closed" | of
 * cod.h}; R_ALREADY: the number is in use. A line of an earlier list that waited for the number is booked at
 * once. */
enum result carrier_hand(struct trade *trade, int64_t carrier, const struct pay_order *order,
                         const char *tracking);
/* R_UNKNOWN; R_WRONG_MOMENT: collected or returned already. */
enum result carrier_returned(struct trade *trade, int64_t carrier, const char *tracking);
/* Is the order with a carrier now, or was collected for by one? */
bool carrier_has(struct trade *trade, int64_t order);
/* Is a carrier still to collect for it at the buyer's door? Of what is paid already it says nothing. */
bool carrier_collects(struct trade *trade, int64_t order);
/* Has a carrier been paid for it at the buyer's door? */
bool carrier_brought(struct trade *trade, int64_t order);

/* For those of the order: {name, phone|null, link|null, tracking, state, handed_at} of its last parcel; NULL:
 * none. */
json_t *carrier_way_json(struct trade *trade, int64_t order);

/* Books a list: {rows,booked,known,changed,unknown}. A line known already changes nothing; "changed": known
 * with other amounts, which is for a person to ask about; "unknown": kept, and booked when its order is
 * handed over. */
enum result carrier_remit(struct trade *trade, int64_t carrier, const struct remit_line *lines, size_t count,
                          json_t **out);
/* Puts a difference away: `amount` is taken off what the carrier owes (below 0: added to it), with its
 * reason. */
enum result carrier_difference(struct trade *trade, int64_t carrier, const char *fact, struct money amount,
                               const char *reason);

/* {carrier, days:[{day,expected,collected,fees,remitted,put_away}], differences:[{tracking,order|null,what,
 * expected,collected,at}]}; `what`: waiting, less, more, unknown. The days are Vietnam's, from_ms to to_ms.
 */
enum result carrier_report(struct trade *trade, int64_t carrier, int64_t from_ms, int64_t to_ms,
                           json_t **out);

#endif
