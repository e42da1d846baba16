/* health.c: /healthz says that the loop turns; /readyz says whether orders can be taken: a write that is
 * rolled back comes home in time, the disk has room, the relay is linked, the certificate lives on, no drain.
 * One check serves all who ask. */
#include "market/edge/health.h"

#include <string.h>
#include <sys/statvfs.h>
#include "market/edge/cert.h"
#include "market/edge/doors.h"
#include "market/edge/limits.h"
#include "market/edge/link.h"

struct health {
    struct edge *edge;
    GPtrArray *waiting; /* of exchanges, held */
    bool checking;
    unsigned round;             /* counts checks: a late answer to an older one is dropped */
    int64_t asked_ms, known_ms; /* known_ms 0: never */
    bool write_ok;
    char *failed;
};

struct health *health_new(struct edge *edge)
{
    struct health *health = g_new0(struct health, 1);
    health->edge = edge;
    health->waiting = g_ptr_array_new();
    return health;
}

void health_free(struct health *health)
{
    if (!health)
        return;
    for (guint i = 0; i < health->waiting->len; i++)
        exchange_unref(g_ptr_array_index(health->waiting, i));
    g_ptr_array_unref(health->waiting);
    g_free(health->failed);
    g_free(health);
}

void health_failed(struct health *health, const char *why)
{
    g_free(health->failed);
    health->failed = g_strdup(why);
}

static void add(json_t *reasons, bool bad, const char *reason)
{
    if (bad)
        json_array_append_new(reasons, json_string(reason));
}

static json_t *reasons_now(struct health *health)
{
    struct edge *edge = health->edge;
    struct statvfs disk;
    json_t *reasons = json_array();
    bool disk_known = statvfs(edge->config->data, &disk) == 0 && disk.f_blocks > 0;
    add(reasons, edge->draining, "draining");
    add(reasons, health->failed != NULL, "store-failed");
    add(reasons, !health->write_ok, "write");
    add(reasons, !disk_known || disk.f_bavail * 1000 / disk.f_blocks < READY_DISK_PERMILLE, "disk");
    add(reasons, !link_ready(edge->link), "relay");
    add(reasons, cert_days_left(edge->cert) < READY_CERT_DAYS, "certificate");
    return reasons;
}

static void answer_ready(struct health *health, struct exchange *x)
{
    json_t *reasons = reasons_now(health);
    bool ready = json_array_size(reasons) == 0;
    if (ready) {
        json_decref(reasons);
        answer_json(x, 200, json_pack("{s:b}", "ok", 1));
        return;
    }
    json_t *extras = json_pack("{s:o}", "reasons", reasons);
    answer_retry(x, R_BUSY, 1, extras);
    json_decref(extras);
}

static void answer_all(struct health *health)
{
    health->checking = false;
    health->known_ms = clock_steady_ms();
    for (guint i = 0; i < health->waiting->len; i++) {
        struct exchange *x = g_ptr_array_index(health->waiting, i);
        if (x->conn)
            answer_ready(health, x);
        exchange_unref(x);
    }
    g_ptr_array_set_size(health->waiting, 0);
}

struct check {
    struct post post;
    struct edge *edge;
    unsigned round;
    bool ok;
};

static void check_run(struct post *post)
{
    struct check *check = (struct check *)post;
    struct health *health = check->edge->health;
    if (health->checking && check->round == health->round) {
        health->write_ok = check->ok;
        answer_all(health);
    }
    g_free(check);
}

static void on_checked(void *user, const struct desk_reply *reply)
{
    struct check *check = user;
    check->ok = result_http(reply->result) < 300;
    edge_post(check->edge, &check->post);
}

static void check_start(struct health *health)
{
    struct who who;
    edge_system_who(&who);
    struct check *check = g_new0(struct check, 1);
    *check = (struct check){.post.run = check_run, .edge = health->edge, .round = ++health->round};
    health->checking = true;
    health->asked_ms = clock_steady_ms();
    if (desk_call(health->edge->desk, "check.write", &who, NULL, on_checked, check) != R_OK)
        check_run(&check->post);
}

void health_tick(struct health *health, int64_t now_ms)
{
    if (!health->checking || now_ms - health->asked_ms < READY_WRITE_MS)
        return;
    health->write_ok = false; /* too slow is not ready */
    answer_all(health);
}

void door_health(struct exchange *x)
{
    answer_json(x, 200, json_pack("{s:b}", "ok", 1));
}

void door_ready(struct exchange *x)
{
    struct health *health = x->edge->health;
    if (!health->checking && health->known_ms && clock_steady_ms() - health->known_ms < READY_CACHE_MS) {
        answer_ready(health, x);
        return;
    }
    g_ptr_array_add(health->waiting, exchange_ref(x));
    if (!health->checking)
        check_start(health);
}
