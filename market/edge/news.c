/* news.c: what the desk says on its threads, carried over to the loop's: committed rows, the disk's failure
 * and health, ended sessions. */
#include "market/edge/edge.h"

#include <string.h>
#include "market/edge/health.h"
#include "market/edge/hub.h"
#include "market/edge/inner.h"
#include "market/edge/limits.h"
#include "market/edge/pusher.h"
#include "market/edge/room.h"
#include "market/edge/session.h"
#include "market/edge/socket.h"

void edge_post(struct edge *edge, struct post *post)
{
    if (outbox_put(&edge->outbox, post) && edge->context)
        lws_cancel_service(edge->context);
}

struct rows_post {
    struct post post;
    struct edge *edge;
    size_t count;
    struct row *rows[];
};

static void rows_run(struct post *post)
{
    struct rows_post *p = (struct rows_post *)post;
    for (size_t i = 0; i < p->count; i++) {
        struct row *row = p->rows[i];
        hub_row(p->edge->hub, row);
        if (row->body && *row->slug)
            rooms_event(p->edge->rooms, row->slug, row->kind, row->body);
        row_unref(row);
    }
    g_free(p);
}

void edge_events(void *user, const struct desk_event *events, size_t count)
{
    struct edge *edge = user;
    bool watched = g_atomic_int_get(&edge->watching) > 0;
    struct rows_post *p = g_malloc0(sizeof *p + count * sizeof p->rows[0]);
    p->post.run = rows_run;
    p->edge = edge;
    p->count = count;
    for (size_t i = 0; i < count; i++)
        p->rows[i] = row_new(&events[i], watched);
    edge_post(edge, &p->post);
    if (edge->pusher)
        pusher_events(edge->pusher, events, count);
}

struct failed_post {
    struct post post;
    struct edge *edge;
    char *why;
};

static void failed_run(struct post *post)
{
    struct failed_post *p = (struct failed_post *)post;
    bool early = clock_steady_ms() - p->edge->begun_ms < HEAL_UPTIME_MS;
    bool may_heal = !strcmp(p->why, "full") || (!strcmp(p->why, "io") && !early);
    log_line(LOG_LEVEL_ERROR, "store.failed", LOG_TEXT("why", p->why),
             LOG_TEXT("now", may_heal ? "reading goes on until the disk is well" : "leaving"));
    health_failed(p->edge->health, p->why);
    if (!may_heal)
        edge_drain(p->edge, 1);
    g_free(p->why);
    g_free(p);
}

void edge_failed(void *user, const char *why)
{
    struct failed_post *p = g_new0(struct failed_post, 1);
    p->post.run = failed_run;
    p->edge = user;
    p->why = g_strdup(why);
    edge_post(user, &p->post);
}

struct healed_post {
    struct post post;
    struct edge *edge;
};

static void healed_run(struct post *post)
{
    edge_again(((struct healed_post *)post)->edge);
    g_free(post);
}

void edge_healed(void *user)
{
    struct healed_post *p = g_new0(struct healed_post, 1);
    p->post.run = healed_run;
    p->edge = user;
    edge_post(user, &p->post);
}

struct ended_post {
    struct post post;
    struct edge *edge;
    bool token;
};

static void ended_run(struct post *post)
{
    struct ended_post *p = (struct ended_post *)post;
    socket_recheck(p->edge);
    if (p->token)
        sessions_recheck(p->edge->sessions);
    g_free(p);
}

void edge_ended(void *user, int64_t session, int64_t person)
{
    /* all sockets are looked up again, whoever it was: it costs a look into memory each */
    struct ended_post *p = g_new0(struct ended_post, 1);
    p->post.run = ended_run;
    p->edge = user;
    p->token = !session && !person;
    edge_post(user, &p->post);
}
