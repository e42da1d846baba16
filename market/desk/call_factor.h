/* call_factor.h: the rows of the table of commands that are about the office's second factor. Inside desk/
 * only. */
#ifndef DESK_CALL_FACTOR_H
#define DESK_CALL_FACTOR_H

#include "market/desk/call.h"

#define FACTOR_OFFICE (ROLE_CADRE | ROLE_ADMIN)

#define FACTOR_COMMANDS                                                                                      \
    {"factor.mine", FACTOR_OFFICE, CMD_QUERY | CMD_COOKIE | CMD_DOOR, run_factor_mine, NULL, NULL},          \
        {"factor.begin",   FACTOR_OFFICE, CMD_KEY | CMD_COOKIE | CMD_PROOF | CMD_DOOR,                       \
         run_factor_begin, NULL,          again_factor_begin},                                               \
        {"factor.confirm",   FACTOR_OFFICE,         CMD_KEY | CMD_COOKIE | CMD_PROOF | CMD_DOOR,             \
         run_factor_confirm, before_factor_confirm, NULL},                                                   \
        {"factor.codes",       FACTOR_OFFICE,       CMD_KEY | CMD_COOKIE | CMD_PROOF,                        \
         run_factor_codes_run, before_factor_codes, NULL},                                                   \
        {"factor.off",   FACTOR_OFFICE,     CMD_KEY | CMD_COOKIE | CMD_PROOF,                                \
         run_factor_off, before_factor_off, NULL},                                                           \
        {"factor.rule", FACTOR_OFFICE, CMD_QUERY, run_factor_rule, NULL, NULL},                              \
        {"factor.require", ROLE_ADMIN, CMD_KEY | CMD_PROOF, run_factor_require, NULL, NULL},                 \
    {                                                                                                        \
        "admin.factor_reset", ROLE_SYSTEM, 0, run_admin_factor_reset, NULL, NULL                             \
    }

#define FACTOR_RUNS(X)                                                                                       \
    X(factor_mine)                                                                                           \
    X(factor_begin)                                                                                          \
    X(factor_confirm)                                                                                        \
    X(factor_codes_run) X(factor_off) X(factor_rule) X(factor_require) X(admin_factor_reset)
#define X(name) enum result run_##name(struct call *call);
FACTOR_RUNS(X)
#undef X
enum result before_factor_confirm(struct desk *desk, struct call *call);
enum result before_factor_codes(struct desk *desk, struct call *call);
enum result before_factor_off(struct desk *desk, struct call *call);
enum result again_factor_begin(struct call *call, json_t *stored);

#endif
