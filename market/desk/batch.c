/* batch.c: many commands, one transaction, one flush to disk; only then anybody is told. The heart of the
 * desk, on its one thread.
 *
 * A refusal undoes its own command and nothing else: each has a savepoint. But a savepoint makes SQLite copy
 * every page that is touched after it, which for an order is more work than its rows. So orders that stand
 * together share one, and hardly ever need it: most refusals come before anything is written. When one comes
 * after, all that shared are undone and run again, each with a savepoint of its own. Orders at the front of a
 * batch, which under load are all of it, need none at all: the transaction itself is begun again.
 *
 * When the disk itself fails there is no second try: PostgreSQL and others learned that a repeated fsync may
 * report success for data that is gone. Everybody in the batch is told "not saved", no command is taken any
 * more, queries go on, and the process is left to its supervisor. */
#include "market/desk/desk_inner.h"

#include "market/base/clock.h"
#include "market/base/log.h"
#include "market/base/shape.h"
#include "market/trade/answer.h"
#include "market/trade/highwater.h"
#include "market/trade/journal.h"
#include "market/trade/session.h"

/* A repeat from somebody without a cookie may log in again as whom the first one made: the answer with the
 * cookie got lost. */
enum { REPEAT_BUYER_MS = 24 * 3600 * 1000, REPEAT_OTHER_MS = LINK_MINUTES * 60 * 1000 };

static bool is_fine(enum result r)
{
    return result_http(r) < 400;
}

static enum result repeat(struct call *call, struct answer *answer)
{
    if (!answer->same) {
        json_decref(answer->body);
        return R_KEY_REUSED;
    }
    enum result done = answer->result;
    if (call->command->again) {
        done = call->command->again(call, answer->body);
        json_decref(answer->body);
    } else {
        call->body = answer->body;
    }
    if (is_fine(done) && answer->without_login && answer->maker && !call->trade.who.person) {
        bool buyer = person_roles(call->trade.store, answer->maker) == ROLE_BUYER;
        if (answer->age_ms <= (buyer ? REPEAT_BUYER_MS : REPEAT_OTHER_MS)) {
            enum result in = call_log_in(call, answer->maker);
            return in == R_OK ? done : in;
        }
    }
    return done;
}

static enum result take_key(struct call *call)
{
    struct fields f;
    if (call->key[0])
        return R_OK;
    fields_open(&f, call->params);
    const char *key = field_key(&f);
    if (f.bad)
        return trade_bad_field(&call->trade, f.bad, f.why);
    g_strlcpy(call->key, key, sizeof call->key);
    json_object_del(call->params, "key");
    return R_OK;
}

/* A session that was left open somewhere does not move money. What was done already is still answered. */
static bool proved(const struct call *call)
{
    const struct trade *trade = &call->trade;
    return !(call->command->flags & CMD_PROOF) || !trade->who.session ||
           session_marked(trade->store, trade->who.session, SESSION_PASSWORD, trade->now_ms,
                          clock_steady_ms());
}

/* Runs a command whose key counts: once, and then from memory. */
static enum result run_keyed(struct call *call)
{
    struct answer answer;
    char digest[ID_HASH_CHARS + 1];
    const char *key = call->key;
    int64_t scope = call->trade.who.person;
    enum result read = take_key(call);
    if (read != R_OK)
        return read;
    answer_digest(call->command->name, call->params, digest);
    enum result done = answer_find(&call->trade, key, digest, &answer);
    if (done != R_OK)
        return done;
    if (answer.found)
        return repeat(call, &answer);
    if (!proved(call))
        return R_PASSWORD_AGAIN;
    call->trade.key = key;
    done = call->command->run(call);
    call->trade.key = NULL;
    if (!is_fine(done))
        return done;
    if (call->body)
        call->text = shape_dump(call->body, false);
    g_autofree char *other = call->kept ? shape_dump(call->kept, false) : NULL;
    enum result kept = answer_keep(&call->trade, key, digest, scope, scope ? scope : call->maker, done,
                                   other ? other : call->text);
    return kept == R_OK ? done : kept;
}

static enum result run_command(struct call *call)
{
    unsigned flags = call->command->flags;
    enum result allowed = command_allowed(call->command, &call->trade.who);
    if (allowed != R_OK)
        return allowed;
    if (flags & CMD_KEY && (!(flags & CMD_KEY_MAY) || call->key[0] || json_object_get(call->params, "key")))
        return run_keyed(call);
    return call->command->run(call);
}

/* Runs it and, when it is refused, takes back what it told the journal and the call. True: what it did stays.
 */
static bool run_bare(struct desk *desk, struct call *call)
{
    size_t rows = journal_count(desk->journal);
    int64_t written = store_written(desk->store);
    call->trade.store = desk->store;
    call->trade.journal = desk->journal;
    call->trade.now_ms = clock_wall_ms();
    call->result = run_command(call);
    bool keep = is_fine(call->result) && !(call->command->flags & CMD_UNDO);
    desk->wrote = desk->wrote || (keep && store_written(desk->store) != written);
    if (!keep) {
        journal_rewind(desk->journal, rows);
        call->forget = false;
        call->ended_session = call->ended_person = 0;
        call->ended_token = false;
    }
    return keep;
}

static void run_alone(struct desk *desk, struct call *call)
{
    if (!store_mark(desk->store)) {
        call->result = R_NOT_SAVED;
        return;
    }
    bool keep = run_bare(desk, call);
    if (!(keep ? store_keep(desk->store) : store_undo(desk->store)))
        call->result = R_NOT_SAVED;
}

/* As it was handed in, but for the key, which stays where it was put. */
static void start_again(struct call *call)
{
    json_decref(call->body);
    json_decref(call->kept);
    json_decref(call->trade.extra);
    g_free(call->text);
    call->body = call->kept = call->trade.extra = NULL;
    call->text = NULL;
    call->cookie = COOKIE_LEAVE;
    call->secret[0] = '\0';
    call->maker = call->ended_session = call->ended_person = 0;
    call->retry_after_s = 0;
    call->forget = call->ended_token = false;
}

/* From `first` up to `end` with one savepoint. False: one was refused after it had written something. */
static bool try_together(struct desk *desk, struct call *first, const struct call *end)
{
    for (struct call *call = first; call != end; call = call->next) {
        int64_t written = store_written(desk->store);
        if (!run_bare(desk, call) && store_written(desk->store) != written)
            return false;
    }
    return !store_failed(desk->store);
}

/* False: what was to be undone could not be, so nothing of this transaction may be kept. `alone`: nothing has
 * been done in it before, so it is its own savepoint and SQLite copies no page at all. */
static bool run_together(struct desk *desk, struct call *first, const struct call *end, bool alone)
{
    size_t rows = journal_count(desk->journal);
    if (alone ? try_together(desk, first, end)
              : store_mark(desk->store) && try_together(desk, first, end) && store_keep(desk->store))
        return true;
    journal_rewind(desk->journal, rows);
    if (!(alone ? store_again(desk->store) : store_undo(desk->store)))
        return false;
    for (struct call *call = first; call != end && !store_failed(desk->store); call = call->next) {
        start_again(call);
        run_alone(desk, call);
    }
    return true;
}

static bool run_all(struct desk *desk, struct call *list)
{
    const struct call *first = list;
    bool fine = true;
    while (list && fine && !store_failed(desk->store)) {
        struct call *end = list->next;
        while (end && list->command->flags & CMD_TWICE && end->command->flags & CMD_TWICE)
            end = end->next;
        if (end == list->next && !(list == first && list->command->flags & CMD_TWICE))
            run_alone(desk, list);
        else
            fine = run_together(desk, list, end, list == first);
        list = end;
    }
    return fine && !store_failed(desk->store);
}

static void publish(struct desk *desk)
{
    size_t count = journal_count(desk->journal);
    const struct journal_row *rows = journal_rows(desk->journal);
    if (count && desk->config.on_events) {
        struct desk_event *events = g_new(struct desk_event, count);
        for (size_t i = 0; i < count; i++)
            events[i] = (struct desk_event){.id = rows[i].id,
                                            .at_ms = rows[i].at_ms,
                                            .stall = rows[i].stall,
                                            .slug = rows[i].slug,
                                            .person = rows[i].person,
                                            .kind = rows[i].kind,
                                            .open = rows[i].open,
                                            .full = rows[i].full,
                                            .open_text = rows[i].open_text,
                                            .full_text = rows[i].full_text};
        desk->config.on_events(desk->config.user, events, count);
        g_free(events);
    }
    journal_published(desk->journal);
}

/* What the commit took away from somebody holds before anybody is answered. */
static void take_away(struct desk *desk, const struct call *list)
{
    bool forget = false;
    for (const struct call *call = list; call; call = call->next)
        forget = forget || call->forget;
    if (forget)
        who_cache_empty(desk->who);
    for (const struct call *call = list; call && desk->config.on_ended; call = call->next)
        if (call->ended_session || call->ended_person || call->ended_token)
            desk->config.on_ended(desk->config.user, call->ended_session, call->ended_person);
}

static size_t note_waits(struct desk *desk, const struct call *list, int64_t now_us)
{
    size_t count = 0;
    for (; list; list = list->next, count++)
        span_add(&desk->tally.queued, now_us - list->handed_us, 1);
    return count;
}

/* All of it, up to the disk. */
static bool save(struct desk *desk, struct call *list)
{
    int64_t begun_us = clock_steady_us();
    size_t count = note_waits(desk, list, begun_us);
    desk->wrote = false;
    if (!store_begin(desk->store) || !run_all(desk, list))
        return false;
    if (desk->wrote && !highwater_raise(desk->store, clock_wall_ms()))
        return false;
    int64_t run_us = clock_steady_us();
    bool done = store_commit(desk->store);
    tally_batch(&desk->tally, count, run_us - begun_us, clock_steady_us() - run_us);
    return done;
}

static void finish_all(struct call *list)
{
    while (list) {
        struct call *call = list;
        list = call->next;
        call_finish(call);
    }
}

static void fail(struct desk *desk, struct call *list)
{
    const char *why = store_failed(desk->store);
    store_rollback(desk->store);
    journal_rewind(desk->journal, 0);
    bool first = !atomic_exchange(&desk->failed, true);
    for (struct call *call = list; call; call = call->next)
        call->result = R_NOT_SAVED;
    finish_all(list);
    if (!first)
        return;
    log_line(LOG_LEVEL_ERROR, "desk.failed", LOG_TEXT("why", why ? why : "commit refused"));
    if (desk->config.on_failed)
        desk->config.on_failed(desk->config.user, why ? why : "commit refused");
}

void batch_run(struct desk *desk, struct call *list)
{
    if (atomic_load(&desk->failed)) {
        fail(desk, list);
        return;
    }
    if (!save(desk, list)) {
        fail(desk, list);
    } else {
        take_away(desk, list);
        publish(desk);
        finish_all(list);
        store_tend(desk->store); /* everybody has been answered */
    }
}

void query_run(struct store *reader, struct call *call)
{
    call->trade.store = reader;
    call->trade.now_ms = clock_wall_ms();
    call->result = command_allowed(call->command, &call->trade.who);
    if (call->result != R_OK)
        return;
    if (!store_begin(reader)) {
        call->result = R_BUSY;
        return;
    }
    call->result = call->command->run(call);
    store_commit(reader);
}
