/* orders.c: buyers by the thousand: places durable orders over kept-alive HTTPS or WebSockets, as fast as
 * they are answered (closed loop), at a fixed rate (open loop: latency counts from the moment an order was
 * due, so a stall of the server is seen), or a given number of them (a race for the last kilograms). JSON
 * result on stdout. */
#include "tests/load/base/clock.h"
#include "tests/load/base/rng.h"
#include "tests/load/base/sample.h"
#include "tests/load/orders/line.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

enum { STATUSES = 600, EVENTS = 256, BODY_MAX = 1024, DEPTH_MAX = 64, READY_WAIT_US = 30000000 };

struct lot {
    int64_t id, price;
};

struct options {
    char *url, *stall, *lots, *token;
    int connections, depth, count, quantity, seed;
    double seconds, warmup, rate, hot;
    gboolean websocket, fresh;
};

struct flight {  /* one order under way */
    uint64_t id; /* 0: free */
    int64_t due_us;
    int quantity;
};

struct buyer {
    struct line *line;
    struct flight flights[DEPTH_MAX];
    int under_way, number;
};

static struct options options = {
    .connections = 64, .depth = 1, .seconds = 10, .warmup = 1, .hot = 0, .quantity = 500, .seed = 1};
static struct line_target target;
static struct buyer *buyers;
static GArray *lots;
static struct rng rng;
static struct sample latency_ms;
static uint64_t statuses[STATUSES], statuses_warm[STATUSES], next_id, answered_total;
static int64_t sold, start_us, warm_us, end_us, last_us;
static GQueue waiting = G_QUEUE_INIT; /* open loop: due times nobody was free for */
static uint64_t scheduled;
static bool running;
static volatile sig_atomic_t interrupted;

static void make_body(char *out, const struct buyer *b, int quantity)
{
    const guint which =
        lots->len > 1 && !rng_chance(&rng, options.hot) ? 1 + (guint)(rng_next(&rng) % (lots->len - 1)) : 0;
    const struct lot *lot = &g_array_index(lots, struct lot, which);
    g_snprintf(out, BODY_MAX,
               "{\"key\":\"load-%016" G_GINT64_MODIFIER
               "x%08x\",\"stall\":\"%s\",\"lines\":[{\"lot\":%" G_GINT64_FORMAT
               ",\"quantity\":%d,\"price\":%" G_GINT64_FORMAT "}],\"name\":\"Khách %d\",\"phone\":\"09%08d\","
               "\"place\":\"Mường Xén\"}",
               (guint64)rng_next(&rng), (unsigned int)next_id, options.stall, lot->id, quantity, lot->price,
               b->number, 10000000 + b->number);
}

static void place(struct buyer *b, int64_t due_us)
{
    char body[BODY_MAX];
    struct flight *f = b->flights;
    while (f->id)
        f++;
    *f = (struct flight){.id = ++next_id, .due_us = due_us, .quantity = options.quantity};
    b->under_way++;
    make_body(body, b, f->quantity);
    if (options.websocket)
        line_call(b->line, f->id, "order.place", body);
    else
        line_post(b->line, "/api/v1/orders", body, options.fresh);
}

static bool may_place(const struct buyer *b)
{
    return line_is_ready(b->line) && b->under_way < options.depth;
}

/* Gives a free buyer what waits: due orders of the open loop, or simply the next one. */
static void feed(struct buyer *b)
{
    while (running && may_place(b)) {
        if (options.rate > 0) {
            int64_t *due = g_queue_pop_head(&waiting);
            if (!due)
                return;
            place(b, *due);
            g_free(due);
        } else if (options.count == 0 || next_id < (uint64_t)options.count) {
            place(b, clock_us());
        } else {
            return;
        }
    }
}

static void note(struct flight *f, int status)
{
    const int64_t now_us = clock_us();
    status = CLAMP(status, 0, STATUSES - 1);
    statuses[status]++;
    answered_total++;
    last_us = now_us;
    if (status == 201)
        sold += f->quantity;
    if (now_us >= warm_us && (end_us == 0 || now_us < end_us)) {
        statuses_warm[status]++;
        sample_add(&latency_ms, (double)(now_us - f->due_us) / 1000);
    }
    f->id = 0;
}

static void buyer_ready(void *owner)
{
    feed(owner);
}

static void buyer_answered(void *owner, uint64_t id, int status, const char *body, size_t length)
{
    static int told;
    struct buyer *b = owner;
    for (int i = 0; i < DEPTH_MAX; i++) {
        struct flight *f = &b->flights[i];
        if (!f->id || (id && f->id != id))
            continue;
        note(f, status); /* a broken connection ends all that were under way on it */
        b->under_way--;
    }
    if (status != 201 && status != 409 && told++ < 3)
        fprintf(stderr, "orders: status %d: %.*s\n", status, (int)MIN(length, (size_t)300), body);
    feed(b);
}

static const struct line_hooks hooks = {buyer_ready, buyer_answered};

static void turn(int epoll, int timeout_ms)
{
    struct epoll_event events[EVENTS];
    const int n = epoll_wait(epoll, events, EVENTS, timeout_ms);
    for (int i = 0; i < n; i++)
        line_event(events[i].data.ptr, events[i].events);
}

static void schedule(int64_t now_us)
{
    static int next_buyer;
    while (options.rate > 0 && running) {
        const int64_t due = start_us + (int64_t)((double)scheduled * 1e6 / options.rate);
        if (due > now_us || (options.count && scheduled >= (uint64_t)options.count))
            break;
        scheduled++;
        g_queue_push_tail(&waiting, g_memdup2(&due, sizeof due));
    }
    for (int tries = 0; waiting.length && tries < options.connections; tries++) {
        next_buyer = (next_buyer + 1) % options.connections;
        feed(&buyers[next_buyer]);
    }
}

static bool all_ready(void)
{
    for (int i = 0; i < options.connections; i++)
        if (!line_is_ready(buyers[i].line))
            return false;
    return true;
}

static bool connect_all(int epoll)
{
    const int64_t limit = clock_us() + READY_WAIT_US;
    for (int i = 0; i < options.connections; i++) {
        buyers[i].number = i;
        buyers[i].line = line_new(&target, epoll, &hooks, &buyers[i]);
        turn(epoll, 0);
    }
    while (!all_ready()) {
        if (clock_us() > limit || interrupted)
            return false;
        turn(epoll, 50);
    }
    return true;
}

static void run(int epoll)
{
    running = true;
    start_us = clock_us();
    warm_us = start_us + (options.count ? 0 : (int64_t)(options.warmup * 1e6));
    end_us = options.count ? 0 : warm_us + (int64_t)(options.seconds * 1e6);
    for (int i = 0; i < options.connections; i++)
        feed(&buyers[i]);
    while (!interrupted && (options.count ? answered_total < (uint64_t)options.count : clock_us() < end_us)) {
        schedule(clock_us());
        turn(epoll, options.rate > 0 ? 1 : 100);
    }
    running = false;
    const int64_t drain = clock_us() + 5000000; /* what is under way is answered too, outside the window */
    for (bool busy = true; busy && clock_us() < drain;) {
        busy = false;
        for (int i = 0; i < options.connections; i++)
            busy |= buyers[i].under_way > 0;
        if (busy)
            turn(epoll, 20);
    }
}

static json_t *status_json(const uint64_t *counts)
{
    json_t *j = json_object();
    for (int i = 0; i < STATUSES; i++) {
        g_autofree char *name = g_strdup_printf("%d", i);
        if (counts[i])
            json_object_set_new(j, i ? name : "broken", json_integer((json_int_t)counts[i]));
    }
    return j;
}

static void print_result(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    int unanswered = 0;
    for (int i = 0; i < options.connections; i++)
        unanswered += buyers[i].under_way;
    const double seconds = (double)((end_us ? end_us : last_us) - warm_us) / 1e6;
    json_t *j =
        json_pack("{s:s, s:i, s:i, s:o, s:o, s:o, s:I, s:i, s:I, s:o, s:o, s:o}", "door",
                  options.websocket ? "ws" : "https", "connections", options.connections, "depth",
                  options.depth, "seconds", sample_real(seconds), "target_per_s", sample_real(options.rate),
                  "placed_per_s", sample_real((double)statuses_warm[201] / MAX(seconds, 0.001)), "asked",
                  (json_int_t)next_id, "unanswered", unanswered, "sold", (json_int_t)sold, "statuses",
                  status_json(statuses), "latency_ms", sample_json(&latency_ms), "client_cpu_s",
                  sample_real((double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                              (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6));
    json_dumpf(j, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    putchar('\n');
    json_decref(j);
}

static bool read_lots(void)
{
    g_auto(GStrv) parts = g_strsplit(options.lots ? options.lots : "", ",", 100);
    lots = g_array_new(FALSE, FALSE, sizeof(struct lot));
    for (char **p = parts; *p; p++) {
        struct lot lot;
        if (sscanf(*p, "%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT, &lot.id, &lot.price) == 2)
            g_array_append_val(lots, lot);
    }
    return lots->len > 0;
}

static bool options_read(int *argc, char ***argv)
{
    struct options *o = &options;
    const GOptionEntry entries[] = {
        {"url", 0, 0, G_OPTION_ARG_STRING, &o->url, "the market", "https://HOST:PORT"},
        {"stall", 0, 0, G_OPTION_ARG_STRING, &o->stall, "whose lots", "SLUG"},
        {"lots", 0, 0, G_OPTION_ARG_STRING, &o->lots, "lots and their prices", "ID:PRICE,…"},
        {"token", 0, 0, G_OPTION_ARG_STRING, &o->token, "bearer token of a buyer; a WebSocket needs one",
         "T"},
        {"hot", 0, 0, G_OPTION_ARG_DOUBLE, &o->hot,
         "share of orders that want the first lot, 0…1 (default 0)", "S"},
        {"quantity", 0, 0, G_OPTION_ARG_INT, &o->quantity, "grams or pieces an order (default 500)", "N"},
        {"connections", 'c', 0, G_OPTION_ARG_INT, &o->connections, "default 64", "N"},
        {"ws", 0, 0, G_OPTION_ARG_NONE, &o->websocket, "WebSocket calls instead of HTTPS", NULL},
        {"depth", 0, 0, G_OPTION_ARG_INT, &o->depth, "calls under way on each WebSocket (default 1)", "N"},
        {"fresh", 0, 0, G_OPTION_ARG_NONE, &o->fresh, "every order is a new buyer's: no cookie", NULL},
        {"seconds", 0, 0, G_OPTION_ARG_DOUBLE, &o->seconds, "measured (default 10)", "S"},
        {"warmup", 0, 0, G_OPTION_ARG_DOUBLE, &o->warmup, "before that (default 1)", "S"},
        {"rate", 0, 0, G_OPTION_ARG_DOUBLE, &o->rate,
         "orders a second, open loop (default 0: as fast as answered)", "N"},
        {"count", 0, 0, G_OPTION_ARG_INT, &o->count, "stop after this many, no warm-up", "N"},
        {"seed", 0, 0, G_OPTION_ARG_INT, &o->seed, "mixed with the clock into the keys (default 1)", "N"},
        {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL}};
    g_autoptr(GError) error = NULL;
    g_autoptr(GOptionContext) context = g_option_context_new("- buyers by the thousand");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, &error)) {
        fprintf(stderr, "orders: %s\n", error->message);
        return false;
    }
    o->depth = o->websocket ? CLAMP(o->depth, 1, DEPTH_MAX) : 1;
    if (o->url && o->stall && o->connections > 0 && read_lots() && line_target_read(&target, o->url))
        return true;
    fprintf(stderr, "orders: give --url https://HOST:PORT --stall SLUG --lots ID:PRICE,…\n");
    return false;
}

static void interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

int main(int argc, char **argv)
{
    struct rlimit files;
    if (!options_read(&argc, &argv))
        return 2;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    signal(SIGINT, interrupt);
    signal(SIGTERM, interrupt);
    signal(SIGPIPE, SIG_IGN);
    target.websocket = options.websocket;
    target.token = options.token;
    rng = rng_make((uint64_t)options.seed + (uint64_t)clock_us()); /* keys must not repeat from run to run */
    sample_init(&latency_ms);
    buyers = g_new0(struct buyer, (gsize)options.connections);
    const int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!connect_all(epoll)) {
        fprintf(stderr, "orders: cannot get %d connections to %s\n", options.connections, options.url);
        return 1;
    }
    run(epoll);
    print_result();
    for (int i = 0; i < options.connections; i++)
        line_free(buyers[i].line);
    close(epoll);
    return statuses[0] == 0 ? 0 : 1;
}
