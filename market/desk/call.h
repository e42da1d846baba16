/* call.h: one command or query on its way through the desk, and the rows of the table that say what may be
 * called. Inside desk/ only. */
#ifndef DESK_CALL_H
#define DESK_CALL_H

#include "market/base/fields.h"
#include "market/base/id.h"
#include "market/desk/desk.h"
#include "market/trade/demo.h"
#include "market/trade/factor.h"
#include "market/trade/person.h"
#include "market/trade/stall.h"
#include "market/trade/trade.h"

struct call;
struct fee_wish;
struct order;
struct tally;

enum command_flag {
    CMD_QUERY = 1,   /* reads only, on a reader thread */
    CMD_KEY = 2,     /* carries a client-made key: repeated, it gives the same answer */
    CMD_KEY_MAY = 4, /* the key may be left out */
    CMD_WS = 8,      /* also on the WebSocket */
    CMD_COOKIE = 16, /* not for bearer tokens: it is about the person and their sessions */
    CMD_UNDO = 32,   /* undone whatever came of it */
    CMD_PROOF = 64,  /* from a browser only within minutes of its password; programs have their token */
    CMD_TWICE = 128, /* changes nothing outside the transaction and its call: may be undone and run again */
    CMD_FILE = 256,  /* `before` reads a file: on a thread of its own, where it keeps neither orders nor
                        log-ins waiting */
    CMD_DOOR = 512,  /* also for who must set up a second factor first */
};

/* Who may call, beside bits of enum role. Whose stall or order it is, is checked by the command itself. */
enum { WHO_ANY = 0, WHO_PERSON = 1 << 16 };

struct command {
    const char *name;
    unsigned who;
    unsigned flags; /* enum command_flag */
    enum result (*run)(struct call *call);
    /* On a hashing thread (CMD_FILE: the one for files), before it is queued: passwords, files. May be NULL.
     */
    enum result (*before)(struct desk *desk, struct call *call);
    /* Answers a repeat whose stored body lacks a secret that is shown once. May be NULL: the stored body is
     * the answer. */
    enum result (*again)(struct call *call, json_t *stored);
};

struct call {
    struct call *next;
    const struct command *command;
    struct tally *tally;
    struct trade trade;
    int64_t handed_us; /* when it was handed in, steady clock */
    json_t *params;
    char key[65];        /* the client's, taken out of params when it first ran; "" before */
    desk_reply_fn reply; /* NULL: nobody waits */
    void *user;

    enum result result;
    json_t *body;
    char *text;   /* body, once it has been written out, or what a command wrote instead of one */
    json_t *kept; /* what is stored under the key instead of body, when body holds a secret; NULL: body */
    enum { COOKIE_LEAVE, COOKIE_SET, COOKIE_CLEAR } cookie;
    char secret[ID_SECRET_CHARS + 1]; /* of a new session */
    int64_t opened;                   /* that session */
    int retry_after_s;
    int64_t maker; /* whom the effect belongs to when nobody was logged in */

    int64_t person;               /* from `before`: who proved to be there */
    char verified[PASSWORD_TEXT]; /* the hash that was matched */
    char hashed[PASSWORD_TEXT];   /* a new one */
    struct factor_proof factor;   /* what was typed of a second factor */
    bool seems_right;             /* by a reader: desk thread decides */
    struct recovery *codes;       /* from `before`: new ones, wiped with the call; NULL: none */
    const struct demo_password *demo;
    json_t *found; /* from `before`: what it made of a file, for the answer */
    void *inner;   /* of a call that another desk thread made (desk_inner_run): that thread's own */

    bool forget; /* roles, tokens or sessions changed: the who-cache must be emptied */
    int64_t ended_session, ended_person;
    bool ended_token;
};

const struct command *command_find(const char *name); /* NULL: unknown */
extern const struct command command_table[];
extern const size_t command_count;

/* May this asker call it at all? R_OK, R_NOT_LOGGED_IN or R_FORBIDDEN. */
enum result command_allowed(const struct command *command, const struct who *who);

/* Ends reading: R_OK, or R_BAD_FIELD with the field's name in the problem. Frees nothing. */
enum result call_fields(struct call *call, struct fields *f);
/* The stall named by "slug" or "stall". */
enum result call_stall(struct call *call, struct fields *f, struct stall *out);
/* The same, and the asker must run it. */
enum result call_own_stall(struct call *call, struct fields *f, struct stall *out);
/* The order named by "code", when the asker may see it, and its stall. */
enum result call_order(struct call *call, struct fields *f, struct order *order, struct stall *stall);
/* The order's state after a change; `done` is how that went. */
enum result call_order_answer(struct call *call, enum result done, const struct order *order);
/* Who orders: the one logged in, or somebody new, for whom this browser gets a session. */
enum result call_buyer(struct call *call, const char *name, const char *phone, const char *place,
                       int64_t *buyer);
void call_delivery_wish(struct fields *f, struct fee_wish *wish); /* {zone,point?,fee}, where it is given */
/* "at": when it was pressed, by the phone's clock, which may be wrong: it is kept and decides nothing. 0: not
 * said. */
int64_t call_device_time(struct fields *f);
/* "from" up to but not "to", ms since 1970; all time where they are not given. */
struct period {
    int64_t from_ms, to_ms;
};
struct period call_period(struct fields *f);
void call_phone(struct fields *f, char out[TEXT_PHONE_MAX + 1]); /* "phone", normalised; "" on a mistake */
/* Whose list is read: of the stall named by "stall" or "slug", which the asker must run (*person 0), or the
 * asker's own (stall->id 0; R_FORBIDDEN for a stall's token). */
enum result call_whose(struct call *call, struct fields *f, struct stall *stall, int64_t *person);
/* A number from "id", or from `other`. */
int64_t call_id(struct fields *f, const char *other);
void call_body(struct call *call, const char *name, json_t *value); /* body = {name: value}; TAKES value */
/* {person, factor_first}: who has just logged in. */
void call_person(struct call *call, int64_t person);
/* A look at what was typed of the person's second factor (NULL: nothing was), which is kept in the call. What
 * it comes to is said when it is used up, by factor_take; a wrong one has been counted by then. `begun`: of
 * the one that waits for its first code. R_TOO_MANY. Hashing thread. */
enum result call_guess(struct desk *desk, struct call *call, int64_t person, const char *typed, bool begun);
/* A new session for `person`; its cookie goes out with the reply. */
enum result call_log_in(struct call *call, int64_t person);

/* Each has the type of command.run. */
#define RUNS(X)                                                                                              \
    X(person_login)                                                                                          \
    X(person_login_link)                                                                                     \
    X(person_logout)                                                                                         \
    X(person_me)                                                                                             \
    X(person_sessions)                                                                                       \
    X(person_end_session)                                                                                    \
    X(person_password_change)                                                                                \
    X(person_prove)                                                                                          \
    X(person_add_run)                                                                                        \
    X(person_list_run)                                                                                       \
    X(person_link)                                                                                           \
    X(admin_invite)                                                                                          \
    X(session_seen_run)                                                                                      \
    X(stall_list_run) X(stall_add_run) X(stall_get) X(stall_change_run) X(lot_add_run) X(lot_change_run)     \
        X(live_plan_run) X(live_list_run) X(live_approve_run) X(live_pause) X(live_resume) X(live_stop)      \
            X(order_place_run) X(order_get) X(order_list_run) X(order_confirm) X(order_cancel)               \
                X(token_add_run) X(token_list_run) X(token_revoke_run) X(live_publishing) X(live_grace_over) \
                    X(live_allowed_run) X(journal_after_run) X(rooms_open) X(check_write) X(stats_overview)  \
                        X(admin_verify) X(admin_backup) X(admin_restore) X(demo_run) X(order_weigh)          \
                            X(order_extra) X(order_close) X(hold_expire)
#define X(name) enum result run_##name(struct call *call);
RUNS(X)
#undef X
enum result before_login(struct desk *desk, struct call *call);
enum result before_login_link(struct desk *desk, struct call *call);
enum result before_password(struct desk *desk, struct call *call);
enum result before_prove(struct desk *desk, struct call *call);
enum result before_person_add(struct desk *desk, struct call *call);
enum result again_token(struct call *call, json_t *stored);
enum result again_link(struct call *call, json_t *stored);

#endif
