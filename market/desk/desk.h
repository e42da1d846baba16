/* desk.h: where the edge hands in what people want, and gets back what became of it.
 *
 * A *command* changes things: all waiting commands run in one transaction on the desk thread (a savepoint each), one commit
 * (fsync), and only then are they answered and their journal rows published. A *query* only reads and runs on a reader thread with its own
 * read-only connection. Both are rows of a const table (name, who may, run); the edge knows them by name, so HTTP, WebSocket and the
 * relay link share one door. Params and bodies are JSON objects exactly as web/openapi.yaml describes them. */
#ifndef DESK_DESK_H
#define DESK_DESK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "market/base/result.h"
#include "market/base/span.h"
#include "market/base/who.h" /* enum role, struct who */

struct desk;

/* What became of a call. Lives only during the callback. */
struct desk_reply {
    enum result result;
    json_t *body;          /* borrowed; for R_OK/R_CREATED the answer, else problem details ({"field":…}, {"available":…}); may be NULL */
    const char *text;      /* borrowed; body as compact JSON when it has been written already (commands with a key), else NULL */
    const char *cookie;    /* a new session's secret to set as __Host-sid ("" = clear it), or NULL to leave it alone */
    int retry_after_s;     /* for R_TOO_MANY and R_BUSY, else 0 */
};

/* Called once per accepted call, on a desk-owned thread (never on the caller's stack); must not block: copy and wake your loop. */
typedef void (*desk_reply_fn)(void *user, const struct desk_reply *reply);

/* A committed journal row, as the hub sends it. Lives only during the callback. */
struct desk_event {
    int64_t id;            /* grows by commit order; the mark of clients */
    int64_t at_ms;         /* wall clock */
    int64_t stall;         /* row id, 0 for none */
    const char *slug;      /* of that stall */
    int64_t person;        /* the buyer it concerns, 0 for none: sees `full` */
    const char *kind;      /* "order.placed", … */
    json_t *open;          /* what everybody may see, NULL: nothing, or text only */
    json_t *full;          /* what the stall's farmer, cadres and `person` may see */
    const char *open_text, *full_text; /* the same as compact JSON, where it has been written already; else NULL */
};
typedef void (*desk_event_fn)(void *user, const struct desk_event *events, size_t count); /* desk thread, after the commit */

struct desk_config {
    const char *database;  /* file path */
    int readers;           /* query threads, 1…8 */
    int hashers;           /* Argon2id threads, 1…4 */
    desk_event_fn on_events;
    /* The disk failed ("full", "io", "corrupt", …): no command is taken any more, queries are. */
    void (*on_failed)(void *user, const char *why);
    /* May be NULL. After on_failed for "full" or "io": the disk takes writes again. What this process has open stays failed; a fresh
     * one may open the database. Once, ticker thread. */
    void (*on_healed)(void *user);
    void *user;
    /* May be NULL. After a commit that ended a session (its row; 0: all of `person`'s) or revoked a token (both 0): close their sockets, end what
     * is published with it. Desk thread. */
    void (*on_ended)(void *user, int64_t session, int64_t person);
    const char *origin;    /* "https://host:port", without the port 443, for the QR codes of log-in links; NULL: they hold the path only */
    bool trust_clock;      /* the machine's clock counts even when it is behind what was written */
    const struct push_setup *push; /* must outlive the desk; NULL: no web push */
};

/* Opens and migrates the database, checks journal_mode and synchronous, starts the threads. NULL and *why (static) on failure. */
struct desk *desk_open(const struct desk_config *config, const char **why);
/* Takes no more calls, finishes and answers those queued, joins the threads. NULL is fine. */
void desk_close(struct desk *desk);

/* Hands in a command or query. TAKES params (NULL: {}), also on failure. Any thread.
 * R_OK: accepted, `reply` will be called. R_UNKNOWN: no such name. R_BUSY: queue full. R_NOT_SAVED: failed or closing. */
enum result desk_call(struct desk *desk, const char *name, const struct who *who, json_t *params, desk_reply_fn reply, void *user);

/* Who is behind a session cookie or bearer token: looked up in a small cache that the desk thread keeps right
 * (log-out, ban and revocation take effect at their commit). Any thread, no disk in the common case. False: nobody, *who keeps person 0.
 * `who->address` and `who->lang` are left alone. */
bool desk_who_cookie(struct desk *desk, const char *secret, struct who *who);
bool desk_who_bearer(struct desk *desk, const char *secret, struct who *who);
/* Does the token with this hash (id_hash) still count? A question to the database. Any thread. */
bool desk_token_lives(struct desk *desk, const char *hash);

/* What the desk counts about itself, since it was opened. */
struct desk_figures {
    uint64_t done, refused, failed;             /* commands and queries by their status: below 400, 4xx, 5xx */
    uint64_t batches, batched;                  /* commits, and the commands in them */
    /* A command's way: handed in, begun with its batch, all of the batch run, on disk. `queued` counts commands, the others batches. */
    struct span_figures queued, run, commit;
    uint64_t orders_placed, orders_sold_out, orders_refused;
    uint64_t logins, logins_failed, logins_throttled;
    uint64_t queued_commands, queued_queries, queued_passwords; /* at this moment */
};
void desk_figures(struct desk *desk, struct desk_figures *out); /* any thread */

/* May this name be called on the WebSocket (a command meant for it)? */
bool desk_may_ws(const char *name);

/* Makes what the demo commune lacks, and sees to an approved live session of its stall. With `secrets` also new passwords and tokens:
 * the answer is the content of demo.json but for origin and URLs, {tokens:{…},people:{…},stall}; without, an empty object.
 * NULL on failure. Blocks for a second: main thread, before serving. Yours to free. */
json_t *desk_demo(struct desk *desk, bool secrets);

#endif
