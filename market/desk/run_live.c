/* run_live.c: live sessions, by people and by what the relay reports. */
#include "market/desk/call.h"

#include <glib.h>
#include "market/base/shape.h"
#include "market/trade/live.h"

/* Reads {id} (or {live}), the session and its stall. */
static enum result find_live(struct call *call, struct fields *f, struct live *live, struct stall *stall)
{
    int64_t id = call_id(f, "live");
    if (f->bad)
        return R_BAD_FIELD;
    enum result found = live_by_id(&call->trade, id, live);
    return found == R_OK ? stall_by_id(&call->trade, live->stall, stall) : found;
}

static enum result answer(struct call *call, enum result done, const struct live *live)
{
    if (done == R_OK)
        call_body(call, "live", live_json(&call->trade, live->id));
    return done;
}

enum result run_live_plan_run(struct call *call)
{
    struct fields f;
    struct stall stall;
    struct live live;
    bool made = false;
    fields_open(&f, call->params);
    enum result done = call_own_stall(call, &f, &stall);
    const char *title = field_text_or(&f, "title", TEXT_LINE, 0, 120, "");
    int64_t planned_at =
        field_int_or(&f, "planned_at", 1, INT64_C(253402300799999), 0); /* to the year 9999 */
    if (done == R_OK || f.bad)
        done = call_fields(call, &f);
    if (done == R_OK && !stall.open)
        done = R_STALL_CLOSED;
    if (done == R_OK)
        done = live_plan(&call->trade, &stall, title, planned_at, &live, &made);
    fields_free(&f);
    done = answer(call, done, &live);
    return done == R_OK && made ? R_CREATED : done;
}

enum result run_live_list_run(struct call *call)
{
    const char *state = json_string_value(json_object_get(call->params, "state"));
    if (state && g_strcmp0(state, "open") != 0 && g_strcmp0(state, "ended") != 0)
        return trade_bad_field(&call->trade, "state", "open or ended is expected");
    return live_list(&call->trade, g_strcmp0(state, "ended") != 0, &call->body);
}

enum result run_live_approve_run(struct call *call)
{
    struct fields f;
    struct stall stall;
    struct live live;
    fields_open(&f, call->params);
    enum result done = find_live(call, &f, &live, &stall);
    field_text_or(&f, "reason", TEXT_LINE, 0, 300, "");
    if (done == R_OK || f.bad)
        done = call_fields(call, &f);
    if (done == R_OK)
        done = live_approve(&call->trade, &stall, &live);
    fields_free(&f);
    return answer(call, done, &live);
}

/* A cadre who holds up somebody else's session says why; a farmer may stop without a word. */
static enum result move(struct call *call, enum live_state to, bool needs_reason)
{
    struct fields f;
    struct stall stall;
    struct live live;
    fields_open(&f, call->params);
    enum result done = find_live(call, &f, &live, &stall);
    bool own = done == R_OK && call->trade.who.person == stall.farmer;
    if (done == R_OK)
        done = stall_mine(&call->trade, &stall);
    const char *reason = needs_reason && !own ? field_text(&f, "reason", TEXT_LINE, 1, 300)
                                              : field_text_or(&f, "reason", TEXT_LINE, 0, 300, "");
    if (done == R_OK || done == R_BAD_FIELD)
        done = call_fields(call, &f);
    if (done == R_OK)
        done = live_advance(&call->trade, &stall, &live, to, reason);
    fields_free(&f);
    return answer(call, done, &live);
}

enum result run_live_pause(struct call *call)
{
    return move(call, LIVE_PAUSED, true);
}

enum result run_live_resume(struct call *call)
{
    struct fields f;
    struct stall stall;
    struct live live;
    fields_open(&f, call->params);
    enum result found = find_live(call, &f, &live, &stall);
    if (found == R_OK && live.state != LIVE_PAUSED)
        return R_WRONG_MOMENT;
    return move(call, LIVE_LIVE, false);
}

enum result run_live_stop(struct call *call)
{
    return move(call, LIVE_ENDED, true);
}

/* The relay has a publisher. A session that is live or paused already stays what it is. */
enum result run_live_publishing(struct call *call)
{
    struct fields f;
    struct stall stall;
    struct live live;
    fields_open(&f, call->params);
    enum result done = call_stall(call, &f, &stall);
    if (f.bad)
        return call_fields(call, &f);
    if (done == R_OK)
        done = live_open(&call->trade, stall.id, &live);
    if (done == R_OK && live.state == LIVE_PLANNED)
        done = live_advance(&call->trade, &stall, &live, LIVE_LIVE, "");
    return answer(call, done, &live);
}

/* Nobody has published for the grace time: the session is over. One that never began is left alone. */
enum result run_live_grace_over(struct call *call)
{
    struct fields f;
    struct stall stall;
    struct live live;
    fields_open(&f, call->params);
    enum result done = find_live(call, &f, &live, &stall);
    if (f.bad)
        return call_fields(call, &f);
    if (done == R_OK && live.state == LIVE_PLANNED)
        return R_WRONG_MOMENT;
    if (done == R_OK)
        done = live_advance(&call->trade, &stall, &live, LIVE_ENDED, "");
    return answer(call, done, &live);
}

enum result run_live_allowed_run(struct call *call)
{
    static const char *const actions[] = {"publish", "watch", NULL};
    struct fields f;
    struct stall stall;
    fields_open(&f, call->params);
    enum result found = call_stall(call, &f, &stall);
    int action = field_word(&f, "action", actions);
    if (f.bad)
        return call_fields(call, &f);
    return found == R_OK ? live_allowed(&call->trade, &stall, action == 0, &call->body) : found;
}

enum result run_rooms_open(struct call *call)
{
    return live_rooms(&call->trade, &call->body);
}
