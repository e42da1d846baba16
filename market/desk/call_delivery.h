/* call_delivery.h: the rows of the table of commands that are about zones, trips and doors. Inside desk/
 * only. */
#ifndef DESK_CALL_DELIVERY_H
#define DESK_CALL_DELIVERY_H

#include "market/desk/call.h"

#define DELIVERY_OFFICE (ROLE_CADRE | ROLE_ADMIN)
#define DELIVERY_HANDS (ROLE_COURIER | DELIVERY_OFFICE)

/* clang-format off */
#define DELIVERY_COMMANDS                                                                                    \
    {"zone.list", WHO_ANY, CMD_QUERY, run_zone_list_run, NULL, NULL},                                        \
    {"zone.set", DELIVERY_OFFICE, CMD_KEY, run_zone_set_run, NULL, NULL},                                    \
    {"point.set", DELIVERY_OFFICE, CMD_KEY, run_point_set_run, NULL, NULL},                                  \
    {"trip.list", DELIVERY_HANDS, CMD_QUERY, run_trip_list_run, NULL, NULL},                                 \
    {"trip.get", DELIVERY_HANDS, CMD_QUERY, run_trip_get, NULL, NULL},                                       \
    {"trip.waiting", DELIVERY_HANDS, CMD_QUERY, run_trip_waiting_run, NULL, NULL},                           \
    {"trip.add", DELIVERY_HANDS, CMD_KEY, run_trip_add_run, NULL, NULL},                                     \
    {"trip.arrange", DELIVERY_HANDS, CMD_KEY, run_trip_arrange_run, NULL, NULL},                             \
    {"trip.move", DELIVERY_HANDS, CMD_KEY, run_trip_move, NULL, NULL},                                       \
    {"trip.spot", ROLE_COURIER, 0, run_trip_spot_run, NULL, NULL},                                           \
    {"stop.mark", ROLE_COURIER, CMD_KEY, run_stop_mark_run, NULL, NULL},                                   \
    {"stop.undo", ROLE_COURIER, CMD_KEY, run_stop_undo_run, NULL, NULL},                                   \
    {"stop.proofs", DELIVERY_HANDS, CMD_QUERY, run_stop_proofs, NULL, NULL},                                 \
    {"delivery.get", WHO_PERSON, CMD_QUERY, run_delivery_get, NULL, NULL}
/* clang-format on */

#define DELIVERY_RUNS(X)                                                                                     \
    X(zone_list_run)                                                                                         \
    X(zone_set_run)                                                                                          \
    X(point_set_run) X(trip_list_run) X(trip_get) X(trip_waiting_run) X(trip_add_run) X(trip_arrange_run)    \
        X(trip_move) X(trip_spot_run) X(stop_mark_run) X(stop_undo_run) X(stop_proofs) X(delivery_get)
#define X(name) enum result run_##name(struct call *call);
DELIVERY_RUNS(X)
#undef X

#endif
