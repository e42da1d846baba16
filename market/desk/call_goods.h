/* call_goods.h: the rows of the table of commands that are about flash prices, harvests, origin, write-offs,
 * the waitlist and merging. Inside desk/ only. */
#ifndef DESK_CALL_GOODS_H
#define DESK_CALL_GOODS_H

#include "market/desk/call.h"

#define GOODS_SELLER (ROLE_FARMER | ROLE_CADRE | ROLE_ADMIN)

/* clang-format off */
#define GOODS_COMMANDS                                                                                       \
    {"lot.flash", GOODS_SELLER, CMD_KEY, run_lot_flash, NULL, NULL},                                         \
    {"lot.flash_end", GOODS_SELLER, CMD_KEY, run_lot_flash_end, NULL, NULL},                                 \
    {"lot.picked", GOODS_SELLER, CMD_KEY, run_lot_picked, NULL, NULL},                                       \
    {"lot.spoil", GOODS_SELLER, CMD_KEY, run_lot_spoil, NULL, NULL},                                         \
    {"lot.spoiled", GOODS_SELLER, CMD_QUERY, run_lot_spoiled, NULL, NULL},                                   \
    {"lot.origin", GOODS_SELLER, CMD_KEY, run_lot_origin, NULL, NULL},                                       \
    {"lot.picture", GOODS_SELLER, CMD_KEY, run_lot_picture, NULL, NULL},                                     \
    {"lot.shown", GOODS_SELLER, CMD_QUERY, run_lot_shown, NULL, NULL},                                       \
    {"lot.from", WHO_ANY, CMD_QUERY, run_lot_from, NULL, NULL},                                              \
    {"lot.labels", GOODS_SELLER, CMD_QUERY, run_lot_labels, NULL, NULL},                                     \
    {"certificate.add", GOODS_SELLER, CMD_KEY, run_certificate_add, NULL, NULL},                             \
    {"certificate.remove", GOODS_SELLER, CMD_KEY, run_certificate_remove, NULL, NULL},                       \
    {"certificate.file", WHO_ANY, CMD_QUERY, run_certificate_file, NULL, NULL},                              \
    {"wait.join", WHO_ANY, CMD_KEY, run_wait_join, NULL, NULL},                                              \
    {"wait.leave", WHO_PERSON, CMD_KEY, run_wait_leave, NULL, NULL},                                         \
    {"wait.list", WHO_PERSON, CMD_QUERY, run_wait_list, NULL, NULL},                                         \
    {"order.take", WHO_PERSON, CMD_KEY, run_order_take, NULL, NULL},                                         \
    {"order.merge", WHO_PERSON, CMD_KEY, run_order_merge, NULL, NULL}
/* clang-format on */

#define GOODS_RUNS(X)                                                                                        \
    X(lot_flash)                                                                                             \
    X(lot_flash_end)                                                                                         \
    X(lot_picked)                                                                                            \
    X(lot_spoil)                                                                                             \
    X(lot_spoiled) X(lot_origin) X(lot_picture) X(lot_shown) X(lot_from) X(lot_labels) X(certificate_add)    \
        X(certificate_remove) X(certificate_file) X(wait_join) X(wait_leave) X(wait_list) X(order_take)      \
            X(order_merge)
#define X(name) enum result run_##name(struct call *call);
GOODS_RUNS(X)
#undef X

#endif
