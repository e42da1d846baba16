/* million.c: a market after years: as many orders as asked for, placed, confirmed and paid by the market's
 * own rules (so that its books fit and its chain holds), thousands in each transaction. Then the questions
 * that must stay quick, asked of the desk as the edge asks them, one at a time. Prints JSON; on the way it
 * says how far it is on stderr.
 *
 *     million [orders] [asked] [directory]       directory: kept, and grown when it is there already */
#include <glib.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "market/base/clock.h"
#include "market/base/quantity.h"
#include "market/desk/desk.h"
#include "market/trade/bankbook.h"
#include "market/trade/books.h"
#include "market/trade/journal.h"
#include "market/trade/lot.h"
#include "market/trade/order.h"
#include "market/trade/payee.h"
#include "market/trade/person.h"
#include "market/trade/weigh.h"

enum { STALLS = 200, BUYERS = 20000, BATCH = 4000, PRICE = 20000, DAYS = 365 };
#define ACCOUNT "3600205123456"

struct world {
    struct trade trade;
    int64_t stalls[STALLS], farmers[STALLS], lots[STALLS], first_buyer;
    int64_t orders, now_ms;
    unsigned seed;
};

static void need(bool fine, const char *what)
{
    if (fine)
        return;
    fprintf(stderr, "million: %s\n", what);
    exit(1);
}

static uint32_t draw(struct world *w, uint32_t below)
{
    w->seed = w->seed * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)(w->seed >> 8) * below) >> 24);
}

static void save(struct world *w)
{
    need(store_commit(w->trade.store) && store_begin(w->trade.store), "the disk refuses");
    journal_published(w->trade.journal);
}

static void make_stall(struct world *w, int i)
{
    char phone[16], slug[16];
    int64_t starts;
    struct stall stall;
    g_snprintf(phone, sizeof phone, "+849%08d", 20000000 + i);
    g_snprintf(slug, sizeof slug, "quay-%d", i);
    const struct person_request farmer = {
        .name = "Người bán", .phone = phone, .place = "Khe Nhinh", .roles = ROLE_FARMER};
    need(person_add(&w->trade, &farmer, &w->farmers[i]) == R_OK, "a farmer");
    const struct stall_request request = {
        .slug = slug, .name = slug, .village = "Khe Nhinh", .about = "", .farmer = w->farmers[i]};
    need(stall_add(&w->trade, &request, &stall) == R_OK, "a stall");
    w->stalls[i] = stall.id;
    for (int n = 0; n < 5; n++) {
        const struct lot_request lot = {.name = "Rau cải",
                                        .note = "",
                                        .unit = UNIT_KG,
                                        .price = PRICE,
                                        .amount = 900000000,
                                        .tolerance = 10};
        need(lot_add(&w->trade, &stall, &lot, &w->lots[i]) == R_OK, "a lot");
    }
    int64_t account;
    const struct bank_account_request bank = {.bin = "970405", .number = ACCOUNT, .holder = "HTX"};
    need(bank_account_add(&w->trade, &bank, &account) == R_OK &&
             payee_set(&w->trade, stall.id, account, 500, &starts) == R_OK,
         "a payee");
}

static void make_people(struct world *w)
{
    for (int i = 0; i < STALLS; i++)
        make_stall(w, i);
    for (int i = 0; i < BUYERS; i++) {
        int64_t id;
        char phone[16];
        g_snprintf(phone, sizeof phone, "+848%08d", 10000000 + i);
        need(person_walk_in(&w->trade, "Chị Hoa", phone, "Mường Xén", &id) == R_OK, "a buyer");
        w->first_buyer = i ? w->first_buyer : id;
    }
    save(w);
}

/* A notice as the bank's messenger tells it; matched by what its memo says. */
static void pay(struct world *w, const char *code, int64_t dong)
{
    static int64_t number;
    struct bank_event *event = bank_event_new(BANK_SEPAY);
    enum bank_verdict verdict;
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT "-%s", ++number, code);
    g_autofree char *memo = g_strdup_printf("MBVCB.45.067.%s chuyen tien", code);
    bank_event_set(&event->id, id);
    bank_event_set(&event->account, ACCOUNT);
    bank_event_set(&event->memo, memo);
    bank_event_set(&event->reference, id);
    event->at_ms = w->trade.now_ms;
    need(money_make(&event->amount, dong) && bankbook_take(&w->trade, 0, event, &verdict) == R_OK &&
             verdict == BANK_MATCHED,
         "a payment");
    bank_event_free(event);
}

/* `done`: also closed. */
static void make_order(struct world *w, bool done)
{
    uint32_t at = draw(w, STALLS);
    struct stall stall;
    struct order order;
    struct order_placed placed;
    char phone[16];
    uint32_t who = draw(w, BUYERS);
    g_snprintf(phone, sizeof phone, "+848%08u", 10000000 + who);
    struct order_request request = {
        .name = "Chị Hoa",
        .phone = phone,
        .place = "Khối 1, Mường Xén",
        .note = "",
        .buyer = w->first_buyer + who,
        .lines = {{.lot = w->lots[at], .quantity = 500, .price = PRICE, .least = 500}},
        .count = 1};
    w->trade.who = (struct who){.person = request.buyer, .roles = ROLE_BUYER, .lang = "vi"};
    need(stall_by_id(&w->trade, w->stalls[at], &stall) == R_OK &&
             order_place(&w->trade, &stall, &request, &placed) == R_OK,
         "an order");
    const char *code = placed.code;
    need(order_by_code(&w->trade, code, &order) == R_OK, "its code");
    w->trade.who = (struct who){.person = w->farmers[at], .roles = ROLE_FARMER, .lang = "vi"};
    need(order_advance(&w->trade, &stall, &order, ORDER_CONFIRMED,
                       &(struct why_move){"", "", 0}) == R_OK, "a confirmation");
    w->trade.who = (struct who){.roles = ROLE_SYSTEM, .lang = "vi"};
    pay(w, code, PRICE / 2);
    w->trade.who = (struct who){.person = w->farmers[at], .roles = ROLE_FARMER, .lang = "vi"};
    if (done)
        need(weigh_close(&w->trade, &stall, &order, 0) == R_OK, "an end");
    g_free(placed.text);
}

static void make_orders(struct world *w, int64_t wanted)
{
    int64_t from = clock_steady_ms(), step = INT64_C(86400000) * DAYS / MAX(wanted, 1);
    for (int64_t i = 0; i < wanted; i++) {
        w->trade.now_ms += step;
        make_order(w, i < wanted - wanted / 100);
        if (i % BATCH == BATCH - 1)
            save(w);
        if (i % 50000 == 49999)
            fprintf(stderr, "million: %" G_GINT64_FORMAT " orders, %.0f s\n", i + 1,
                    (double)(clock_steady_ms() - from) / 1e3);
    }
    save(w);
}

static void fill(const char *database, int64_t orders)
{
    const char *why = "";
    struct store *store = store_open(&store_sqlite, database, STORE_WRITE, &why);
    need(store != NULL, why);
    struct world w = {.trade = {.store = store,
                                .origin = "",
                                .key = "million",
                                .who = {.person = 2, .roles = ROLE_CADRE, .lang = "vi"}},
                      .seed = 1};
    w.trade.journal = journal_new(store);
    w.trade.now_ms = clock_wall_ms() - INT64_C(86400000) * DAYS;
    need(w.trade.journal && store_begin(store), "the journal");
    make_people(&w);
    make_orders(&w, orders);
    need(store_commit(store), "the disk refuses");
    journal_free(w.trade.journal);
    store_close(store);
}

/* ---- asking */

struct ask {
    struct desk *desk;
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool finished;
    enum result result;
    json_t *body;
};

static void on_reply(void *user, const struct desk_reply *reply)
{
    struct ask *ask = user;
    pthread_mutex_lock(&ask->lock);
    ask->result = reply->result;
    ask->body = json_incref(reply->body);
    ask->finished = true;
    pthread_cond_signal(&ask->done);
    pthread_mutex_unlock(&ask->lock);
}

/* The body is yours. TAKES params. */
static json_t *ask_desk(struct ask *ask, const char *name, const struct who *who, json_t *params)
{
    ask->finished = false;
    need(desk_call(ask->desk, name, who, params, on_reply, ask) == R_OK, name);
    pthread_mutex_lock(&ask->lock);
    while (!ask->finished)
        pthread_cond_wait(&ask->done, &ask->lock);
    pthread_mutex_unlock(&ask->lock);
    need(result_http(ask->result) < 400, name);
    return ask->body;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

struct question {
    const char *name, *command;
    json_t *(*params)(struct ask *ask, unsigned number);
    void (*before)(struct ask *ask, unsigned number); /* not measured; may be NULL */
    struct who who;
};

static char (*codes)[16];
static unsigned code_count;
static int64_t *farmers;

static json_t *stall_params(struct ask *ask, unsigned number)
{
    (void)ask;
    return json_pack("{s:o}", "slug", json_sprintf("quay-%u", number * 7919u % STALLS));
}

static json_t *order_params(struct ask *ask, unsigned number)
{
    (void)ask;
    return json_pack("{s:s}", "code", codes[number * 7919u % code_count]);
}

/* The month before today, as the farmer's page asks for it first. */
static json_t *settlement_params(struct ask *ask, unsigned number)
{
    (void)ask;
    return json_pack("{s:I,s:I}", "id", (json_int_t)farmers[number * 7919u % STALLS], "from",
                     (json_int_t)(clock_wall_ms() - INT64_C(86400000) * 31));
}

static void keep_notice(struct ask *ask, unsigned number)
{
    const struct who system = {.roles = ROLE_SYSTEM, .lang = "vi"};
    int64_t id = clock_wall_ms() * 1000 + number % 1000; /* also of a second run on the same database */
    g_autofree char *text = g_strdup_printf(
        "{\"id\":%" G_GINT64_FORMAT ",\"gateway\":\"Agribank\",\"transactionDate\":\"2026-05-02 "
        "08:01:02\",\"accountNumber\":\"" ACCOUNT
        "\",\"subAccount\":null,\"code\":null,\"content\":\"MBVCB.45.067.%s chuyen tien CT tu "
        "0123\",\"transferType\":\"in\","
        "\"transferAmount\":%u,\"accumulated\":0,\"referenceCode\":\"FT%" G_GINT64_FORMAT
        "\",\"description\":\"\"}",
        id, codes[number * 104729u % code_count], 1000 + number, id);
    g_autofree char *body = g_base64_encode((const guchar *)text, strlen(text));
    json_decref(ask_desk(ask, "hook.keep", &system,
                         json_pack("{s:s,s:s,s:s}", "source", "sepay", "headers", "{}", "body", body)));
}

static json_t *no_params(struct ask *ask, unsigned number)
{
    (void)ask;
    (void)number;
    return NULL;
}

static json_t *measure(struct ask *ask, const struct question *q, unsigned asked)
{
    g_autofree int64_t *took = g_new(int64_t, asked);
    for (unsigned i = 0; i < asked; i++) {
        if (q->before)
            q->before(ask, i);
        json_t *params = q->params(ask, i);
        int64_t from = clock_steady_us();
        json_decref(ask_desk(ask, q->command, &q->who, params));
        took[i] = clock_steady_us() - from;
    }
    qsort(took, asked, sizeof *took, compare);
    return json_pack("{s:f,s:f,s:f}", "p50_ms", (double)took[asked / 2] / 1e3, "p99_ms",
                     (double)took[asked * 99 / 100] / 1e3, "max_ms", (double)took[asked - 1] / 1e3);
}

static void read_names(const char *database)
{
    const char *why = "";
    struct store *store = store_open(&store_sqlite, database, STORE_READ, &why);
    need(store != NULL, why);
    codes = g_malloc0_n(5000, sizeof *codes);
    farmers = g_new0(int64_t, STALLS);
    int64_t last = store_int(store, "SELECT MAX(id) FROM orders WHERE $1 = 0", 0, 0);
    for (code_count = 0; code_count < 5000; code_count++) {
        QUERY query = store_query(store, "SELECT code FROM orders WHERE id <= $1 ORDER BY id DESC LIMIT 1",
                                  ARG_INT(1 + last * (code_count + 1) / 5000));
        need(query_row(query), "orders");
        g_strlcpy(codes[code_count], query_text(query, 0), sizeof codes[code_count]);
    }
    for (int i = 0; i < STALLS; i++) {
        g_autofree char *slug = g_strdup_printf("quay-%d", i);
        QUERY query = store_query(store, "SELECT farmer FROM stall WHERE slug = $1", ARG_TEXT(slug));
        need(query_row(query), "stalls");
        farmers[i] = query_int(query, 0);
    }
    store_close(store);
}

static json_t *ask_all(const char *database, unsigned asked)
{
    static const struct who cadre = {.person = 2, .roles = ROLE_CADRE, .lang = "vi"},
                            system = {.roles = ROLE_SYSTEM, .lang = "vi"};
    const struct question questions[] = {
        {"stall_page", "stall.get", stall_params, NULL, cadre},
        {"order_by_code", "order.get", order_params, NULL, cadre},
        {"payment_by_code", "payment.get", order_params, NULL, cadre},
        {"orders_for_trips", "trip.waiting", no_params, NULL, cadre},
        {"matcher", "hook.work", no_params, keep_notice, system},
        {"settlement", "settlement.get", settlement_params, NULL, cadre},
    };
    const char *why = "";
    read_names(database);
    const struct desk_config config = {.database = database, .readers = 1, .hashers = 1};
    struct ask ask = {.desk = desk_open(&config, &why)};
    need(ask.desk != NULL, why);
    pthread_mutex_init(&ask.lock, NULL);
    pthread_cond_init(&ask.done, NULL);
    json_t *out = json_object();
    for (size_t i = 0; i < G_N_ELEMENTS(questions); i++) {
        fprintf(stderr, "million: asking %s\n", questions[i].name);
        json_object_set_new(out, questions[i].name, measure(&ask, &questions[i], asked));
    }
    int64_t from = clock_steady_ms();
    json_t *report = ask_desk(&ask, "admin.verify", &system, NULL);
    json_object_set_new(out, "orders", json_incref(json_object_get(report, "orders")));
    json_object_set_new(out, "books_fit", json_incref(json_object_get(report, "ok")));
    json_object_set_new(out, "verify_s", json_real((double)(clock_steady_ms() - from) / 1e3));
    json_decref(report);
    desk_close(ask.desk);
    g_free(codes);
    g_free(farmers);
    return out;
}

int main(int argc, char **argv)
{
    int64_t orders = argc > 1 ? g_ascii_strtoll(argv[1], NULL, 10) : 1000000;
    int asked = argc > 2 ? atoi(argv[2]) : 2000;
    if (argc < 4 || orders < 0 || asked < 100) {
        fprintf(stderr, "usage: million ORDERS ASKED DIRECTORY\n");
        return 64;
    }
    g_autofree char *database = g_build_filename(argv[3], "market.db", NULL);
    struct stat st;
    const char *why = "";
    need(g_mkdir_with_parents(argv[3], 0700) == 0, "the directory cannot be made");
    if (stat(database, &st) != 0) {
        const struct desk_config config = {.database = database, .readers = 1, .hashers = 1};
        struct desk *desk = desk_open(&config, &why);
        need(desk != NULL, why);
        json_decref(desk_demo(desk, true)); /* the people who ask */
        desk_close(desk);
        fill(database, orders);
    }
    json_t *out = ask_all(database, (unsigned)asked);
    need(stat(database, &st) == 0, "the file is gone");
    json_object_set_new(out, "megabytes", json_integer(st.st_size >> 20));
    char *text = json_dumps(out, JSON_INDENT(1) | JSON_REAL_PRECISION(4));
    puts(text);
    free(text);
    bool fits = json_is_true(json_object_get(out, "books_fit"));
    json_decref(out);
    return fits ? 0 : 1;
}
