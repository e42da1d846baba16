/* call_push.h: the rows of the table of commands that are about telling a sleeping phone, and about how a
 * buyer means to pay. Inside desk/ only. */
#ifndef DESK_CALL_PUSH_H
#define DESK_CALL_PUSH_H

#include "market/desk/call.h"

/* clang-format off */
#define PUSH_COMMANDS                                                                                        \
    {"push.key", WHO_ANY, CMD_QUERY, run_push_key, NULL, NULL},                                              \
    {"push.add", WHO_PERSON, CMD_KEY, run_push_add_run, NULL, NULL},                                         \
    {"push.stop", WHO_PERSON, 0, run_push_stop_run, NULL, NULL},                                             \
    {"push.wait", WHO_PERSON, CMD_KEY, run_push_wait_run, NULL, NULL},                                       \
    {"push.wait_stop", WHO_PERSON, 0, run_push_wait_stop_run, NULL, NULL},                                   \
    {"push.due", ROLE_SYSTEM, CMD_QUERY, run_push_due_run, NULL, NULL},                                      \
    {"push.done", ROLE_SYSTEM, 0, run_push_done_run, NULL, NULL},                                            \
    {"order.pay_way", WHO_PERSON, CMD_KEY, run_order_pay_way, NULL, NULL}
/* clang-format on */

enum result run_push_key(struct call *call);
enum result run_push_add_run(struct call *call);
enum result run_push_stop_run(struct call *call);
enum result run_push_wait_run(struct call *call);
enum result run_push_wait_stop_run(struct call *call);
enum result run_push_due_run(struct call *call);
enum result run_push_done_run(struct call *call);
enum result run_order_pay_way(struct call *call);

#endif
