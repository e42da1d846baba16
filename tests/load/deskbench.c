/* deskbench.c: durable orders a second through the desk alone, in this process: no network, no TLS. Callers
 * keep `depth` orders under way each; an order counts when it is answered, so after its fsync. Prints JSON;
 * sqlite-raw gives the figure to hold it against.
 *
 *     deskbench [orders] [callers] [depth] [directory] */
#include <glib.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "market/base/clock.h"
#include "market/base/id.h"
#include "market/desk/desk.h"

struct bench {
    struct desk *desk;
    struct who buyer;
    int64_t lots[5], prices[5];
    int orders;
    int64_t *took_us;
    gint started, answered, refused, batches;
    pthread_mutex_t lock;
    pthread_cond_t done;
};

struct flight {
    struct bench *bench;
    int64_t began_us;
};

static void place(struct bench *bench, int number);

static void on_reply(void *user, const struct desk_reply *reply)
{
    struct flight *flight = user;
    struct bench *bench = flight->bench;
    int64_t took = clock_steady_us() - flight->began_us;
    g_free(flight);
    if (reply->result != R_CREATED)
        g_atomic_int_inc(&bench->refused);
    int answered = g_atomic_int_add(&bench->answered, 1);
    bench->took_us[answered] = took;
    if (answered + 1 == bench->orders) {
        pthread_mutex_lock(&bench->lock);
        pthread_cond_signal(&bench->done);
        pthread_mutex_unlock(&bench->lock);
    }
    int next = g_atomic_int_add(&bench->started, 1);
    if (next < bench->orders)
        place(bench, next);
}

static void place(struct bench *bench, int number)
{
    char key[32], body[512];
    struct flight *flight = g_new(struct flight, 1);
    *flight = (struct flight){bench, clock_steady_us()};
    int lot = number % 4;
    g_snprintf(key, sizeof key, "bench-%08x-%08d", (unsigned)getpid(), number);
    g_snprintf(body, sizeof body,
               "{\"key\":\"%s\",\"stall\":\"khe-nhinh\",\"lines\":[{\"lot\":%" G_GINT64_FORMAT
               ",\"quantity\":1,\"price\":%" G_GINT64_FORMAT
               "}],\"name\":\"Lò Văn Bình\",\"phone\":\"0912345678\",\"place\":\"Khối 1, Mường Xén\"}",
               key, bench->lots[lot], bench->prices[lot]);
    if (desk_call(bench->desk, "order.place", &bench->buyer, json_loads(body, 0, NULL), on_reply, flight) !=
        R_OK) {
        fprintf(stderr, "deskbench: not accepted\n");
        exit(1);
    }
}

static void on_events(void *user, const struct desk_event *events, size_t count)
{
    (void)events;
    (void)count;
    g_atomic_int_inc(&((struct bench *)user)->batches);
}

struct single {
    struct bench *bench;
    bool finished;
};

static void on_state(void *user, const struct desk_reply *reply)
{
    struct single *single = user;
    size_t i;
    json_t *lot;
    json_array_foreach(json_object_get(reply->body, "lots"), i, lot)
    {
        if (i < 5) {
            single->bench->lots[i] = json_integer_value(json_object_get(lot, "id"));
            single->bench->prices[i] = json_integer_value(json_object_get(lot, "price"));
        }
    }
    pthread_mutex_lock(&single->bench->lock);
    single->finished = true;
    pthread_cond_signal(&single->bench->done);
    pthread_mutex_unlock(&single->bench->lock);
}

static void ask(struct bench *bench, const char *name, const struct who *who, json_t *params)
{
    struct single single = {.bench = bench};
    pthread_mutex_lock(&bench->lock);
    if (desk_call(bench->desk, name, who, params, on_state, &single) == R_OK)
        while (!single.finished)
            pthread_cond_wait(&bench->done, &bench->lock);
    pthread_mutex_unlock(&bench->lock);
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void prepare(struct bench *bench)
{
    const struct who cadre = {.person = 2, .roles = ROLE_CADRE};
    const struct who nobody = {0};
    json_t *demo = desk_demo(bench->desk, true);
    json_decref(demo);
    ask(bench, "stall.get", &nobody, json_pack("{s:s}", "slug", "khe-nhinh"));
    for (int i = 0; i < 5; i++) {
        char key[40];
        g_snprintf(key, sizeof key, "bench-stock-%08x-%08d", (unsigned)getpid(), i);
        ask(bench, "lot.change", &cadre,
            json_pack("{s:s,s:I,s:i}", "key", key, "id", (json_int_t)bench->lots[i], "add", 900000000));
    }
    bench->buyer = (struct who){.person = 4, .roles = ROLE_BUYER, .address = "127.0.0.1"};
}

int main(int argc, char **argv)
{
    struct bench bench = {.orders = argc > 1 ? atoi(argv[1]) : 50000};
    int under_way = (argc > 2 ? atoi(argv[2]) : 64) * (argc > 3 ? atoi(argv[3]) : 4);
    g_autofree char *folder =
        g_build_filename(argc > 4 ? argv[4] : g_get_tmp_dir(), "deskbench-XXXXXX", NULL);
    const char *why = "";
    if (bench.orders < 1 || under_way < 1 || !g_mkdtemp(folder))
        return 64;
    g_autofree char *database = g_build_filename(folder, "market.db", NULL);
    const struct desk_config config = {
        .database = database, .readers = 1, .hashers = 1, .on_events = on_events, .user = &bench};
    bench.desk = desk_open(&config, &why);
    if (!bench.desk) {
        fprintf(stderr, "deskbench: %s\n", why);
        return 1;
    }
    pthread_mutex_init(&bench.lock, NULL);
    pthread_cond_init(&bench.done, NULL);
    bench.took_us = g_new0(int64_t, (gsize)bench.orders);
    prepare(&bench);
    g_atomic_int_set(&bench.batches, 0);
    int64_t began = clock_steady_us();
    under_way = MIN(under_way, bench.orders);
    g_atomic_int_set(&bench.started, under_way);
    for (int i = 0; i < under_way; i++)
        place(&bench, i);
    pthread_mutex_lock(&bench.lock);
    while (g_atomic_int_get(&bench.answered) < bench.orders)
        pthread_cond_wait(&bench.done, &bench.lock);
    pthread_mutex_unlock(&bench.lock);
    double seconds = (double)(clock_steady_us() - began) / 1e6;
    desk_close(bench.desk);
    qsort(bench.took_us, (size_t)bench.orders, sizeof *bench.took_us, compare);
    printf("{\"orders\":%d,\"refused\":%d,\"under_way\":%d,\"batch\":%.1f,\"orders_per_s\":%.0f,\"p50_ms\":%."
           "2f,\"p99_ms\":%.2f}\n",
           bench.orders, bench.refused, under_way, (double)bench.orders / MAX(bench.batches, 1),
           (double)bench.orders / seconds, (double)bench.took_us[bench.orders / 2] / 1e3,
           (double)bench.took_us[(int)(bench.orders * 0.99)] / 1e3);
    g_autofree char *clean = g_strdup_printf("rm -rf '%s'", folder);
    return system(clean) == 0 && bench.refused == 0 ? 0 : 1;
}
