/* call_carrier.h: the rows of the table of commands that are about delivery companies, and what runs them.
 * Inside desk/ only. */
#ifndef DESK_CALL_CARRIER_H
#define DESK_CALL_CARRIER_H

#include "market/desk/call_pay.h"

#define CARRIER_COMMANDS                                                                                     \
    {"carrier.list", PAY_OFFICE, CMD_QUERY, run_carrier_list, NULL, NULL},                                   \
        {"carrier.set", PAY_OFFICE, CMD_KEY, run_carrier_set, NULL, NULL},                                   \
        {"carrier.hand", PAY_OFFICE, CMD_KEY, run_carrier_hand, NULL, NULL},                                 \
        {"carrier.returned", PAY_OFFICE, CMD_KEY, run_carrier_returned, NULL, NULL},                         \
        {"carrier.remit", PAY_OFFICE, CMD_KEY | CMD_FILE, run_carrier_remit, before_remit, NULL},            \
        {"carrier.report", PAY_OFFICE, CMD_QUERY, run_carrier_report, NULL, NULL},                           \
    {                                                                                                        \
        "carrier.difference", PAY_PAYER, CMD_KEY | CMD_PROOF, run_carrier_difference, NULL, NULL             \
    }

#define CARRIER_RUNS(X) X(list) X(set) X(hand) X(returned) X(remit) X(report) X(difference)
#define X(name) enum result run_carrier_##name(struct call *call);
CARRIER_RUNS(X)
#undef X
enum result before_remit(struct desk *desk, struct call *call);

#endif
