/* factorrule.h: must who works in the office have a second factor? An admin's setting; a change counts at
 * once. Off before anybody set it, so that a commune without smartphones is not locked out. Desk thread;
 * reading: any reader. */
#ifndef TRADE_FACTORRULE_H
#define TRADE_FACTORRULE_H

#include "market/trade/trade.h"

enum { FACTORRULES_MAX = 1000 /* that may ever be set */ };

bool factorrule_required(struct store *store);
/* Is this one of the office, without a second factor though the office must have one? */
bool factorrule_asks(struct store *store, int64_t person, uint32_t roles);
/* R_WRONG_MOMENT {"reason"}: "full", or "no-factor": the asker has none, and would shut the own door. */
enum result factorrule_set(struct trade *trade, bool required);
/* {required, made_by|null, made_at|null, people:[{id,name,on}]}: of the office, who can log in. */
enum result factorrule_json(struct trade *trade, json_t **out);

#endif
