/* run_system.c: what the edge, timers and the person at the machine ask. */
#include "market/desk/call.h"

#include <string.h>
#include "market/base/log.h"
#include "market/base/shape.h"
#include "market/trade/album.h"
#include "market/trade/flash.h"
#include "market/trade/harvest.h"
#include "market/trade/hold.h"
#include "market/trade/journal.h"
#include "market/trade/session.h"
#include "market/trade/verify.h"
#include "market/trade/waitlist.h"

/* {stall:"slug"|"*", mark, limit}: "*" is for those who may see everything. */
enum result run_journal_after_run(struct call *call)
{
    struct fields f;
    struct stall stall = {0};
    enum result done = R_OK;
    fields_open(&f, call->params);
    int64_t mark = field_number_or(&f, "mark", 0, INT64_MAX, 0);
    int64_t limit = field_number_or(&f, "limit", 1, JOURNAL_CATCH_UP, JOURNAL_CATCH_UP);
    if (strcmp(field_raw(&f, "stall", 1, 64), "*") != 0)
        done = call_stall(call, &f, &stall);
    else if (!who_is_cadre(&call->trade.who))
        done = call->trade.who.person ? R_FORBIDDEN : R_NOT_LOGGED_IN;
    if (f.bad)
        return call_fields(call, &f);
    return done == R_OK ? journal_after(&call->trade, stall.id, mark, limit, &call->body) : done;
}

/* The desk's own timer asks every second: whatever ends by the clock. */
enum result run_hold_expire(struct call *call)
{
    int64_t count;
    enum result done = hold_expire(&call->trade, &count);
    if (done == R_OK)
        done = flash_expire(&call->trade);
    if (done == R_OK)
        done = harvest_expire(&call->trade);
    if (done == R_OK)
        done = waitlist_sweep(&call->trade);
    if (done != R_OK)
        return done;
    call_body(call, "expired", json_integer(count));
    return R_OK;
}

/* Writes a row as an order would, and takes it back: can this database still be written? */
enum result run_check_write(struct call *call)
{
    enum step step = store_run(call->trade.store,
                               "INSERT INTO answer (key, person, maker, digest, status, body, at_ms)"
                               " VALUES ('check-write-check', -1, 0, '', 200, NULL, $1)",
                               ARG_INT(call->trade.now_ms));
    return step == STEP_DONE ? R_OK : trade_fault(&call->trade);
}

/* Today's orders are counted among the newest, so that it costs the same on a database of years. Their sum is
 * made of millions and the rest: twenty thousand of the largest orders are more than SUM can count. What is
 * beyond MONEY_MAX is MONEY_MAX. */
enum result run_stats_overview(struct call *call)
{
    struct trade *trade = &call->trade;
    enum { MILLION = 1000000 };
    static const char today[] = "SELECT COUNT(*), CAST(COALESCE(SUM(t.total / 1000000), 0) AS BIGINT),"
                                " CAST(COALESCE(SUM(t.total % 1000000), 0) AS BIGINT) FROM"
                                " (SELECT total, placed_at, state FROM orders"
                                " ORDER BY id DESC LIMIT 20000) t"
                                " WHERE t.placed_at >= $1 AND t.state <> 'cancelled'";
    int64_t midnight = trade->now_ms -
                       (trade->now_ms + 7 * 3600 * 1000) % DAY_MS; /* in Việt Nam, which has no summer time */
    json_t *body = call->body = json_object();
    shape_int(body, "stalls",
              store_int(trade->store, "SELECT COUNT(*) FROM stall WHERE $1 = 0 AND state = 'open'", 0, 0));
    shape_int(body, "lives",
              store_int(trade->store,
                        "SELECT COUNT(*) FROM live WHERE $1 = 0 AND state <> 'ended' AND state <> 'planned'",
                        0, 0));
    shape_int(body, "waiting",
              store_int(trade->store,
                        "SELECT COUNT(*) FROM live WHERE $1 = 0 AND state <> 'ended' AND state = 'planned'"
                        " AND approved = 0",
                        0, 0));
    QUERY query = store_query(trade->store, today, ARG_INT(midnight));
    if (!query_row(query))
        return trade_fault(trade);
    shape_int(body, "orders_today", query_int(query, 0));
    int64_t whole = MIN(query_int(query, 1), MONEY_MAX / MILLION) * MILLION;
    shape_int(body, "dong_today", MIN(whole + query_int(query, 2), MONEY_MAX));
    return R_OK;
}

enum result run_admin_verify(struct call *call)
{
    call->body = verify_all(call->trade.store);
    return call->body ? R_OK : R_FAULT;
}

/* {file, media}: absolute paths; the copy, with the pictures of lots that lie in media, is whole, fsynced and
 * there under its name only when it is. Read by a reader: orders go on meanwhile. */
enum result run_admin_backup(struct call *call)
{
    struct fields f;
    const char *why = "";
    fields_open(&f, call->params);
    const char *file = field_raw(&f, "file", 2, 4000);
    if (!f.bad && file[0] != '/')
        fields_refuse(&f, "file", "an absolute path is expected");
    const char *media = field_raw(&f, "media", 2, 4000);
    enum result done = call_fields(call, &f);
    if (done != R_OK)
        return done;
    struct album album;
    if (!album_backup(call->trade.store, file, media, &album, &why)) {
        shape_text(trade_extra(&call->trade), "detail", why);
        log_line(LOG_LEVEL_ERROR, "backup.failed", LOG_TEXT("why", why));
        return R_NOT_SAVED;
    }
    log_line(LOG_LEVEL_INFO, "backup.done", LOG_TEXT("file", file), LOG_NUMBER("pictures", album.kept),
             LOG_NUMBER("missing", album.missing));
    call_body(call, "file", json_string(file));
    shape_int(call->body, "pictures", album.kept);
    shape_int(call->body, "pictures_missing", album.missing);
    return R_OK;
}

/* {rows, head, force?}: the end of the journal of the database that is to take this one's place, which has
 * been checked and lies ready. R_WRONG_MOMENT {"reason":"other-line"}: this journal never had that row, so it
 * is no backup of this market. The edge ends the process when the answer is given, and the next one takes it
 * in. */
enum result run_admin_restore(struct call *call)
{
    struct fields f;
    struct trade *trade = &call->trade;
    fields_open(&f, call->params);
    int64_t rows = field_int(&f, "rows", 0, INT64_MAX);
    const char *head = field_raw(&f, "head", ID_HASH_CHARS, ID_HASH_CHARS);
    bool force = field_int_or(&f, "force", 0, 1, 0) == 1;
    enum result done = call_fields(call, &f);
    if (done != R_OK)
        return done;
    QUERY query = store_query(trade->store, "SELECT 1 FROM journal WHERE id = $1 AND hash = $2",
                              ARG_INT(rows), ARG_TEXT(head));
    if (!query_row(query) && rows && !force) {
        shape_text(trade_extra(trade), "reason", "other-line");
        return R_WRONG_MOMENT;
    }
    log_line(LOG_LEVEL_INFO, "restore.asked", LOG_NUMBER("rows", rows),
             LOG_NUMBER("had", journal_mark(trade)));
    call_body(call, "rows", json_integer(journal_mark(trade)));
    return R_OK;
}

enum result run_demo_run(struct call *call)
{
    return demo_make(&call->trade, call->demo, &call->body);
}
