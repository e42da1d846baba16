#include "tests/unit/market/desk_fixture.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "market/base/clock.h"
#include "market/trade/trade.h"

/* Yours. */
static json_t *read_body(json_t *body, const char *text)
{
    return body ? json_incref(body) : text ? json_loads(text, 0, NULL) : NULL;
}

static void on_events(void *user, const struct desk_event *events, size_t count)
{
    struct fixture *f = user;
    pthread_mutex_lock(&f->lock);
    for (size_t i = 0; i < count; i++)
        g_ptr_array_add(f->events, json_pack("{s:I,s:s,s:s,s:I,s:o?,s:o?}", "id", (json_int_t)events[i].id,
                                             "kind", events[i].kind, "slug", events[i].slug, "person",
                                             (json_int_t)events[i].person, "open",
                                             read_body(events[i].open, events[i].open_text), "full",
                                             read_body(events[i].full, events[i].full_text)));
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
}

static void on_failed(void *user, const char *why)
{
    struct fixture *f = user;
    assert_non_null(why);
    pthread_mutex_lock(&f->lock);
    f->failures++;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
}

static void on_ended(void *user, int64_t session, int64_t person)
{
    struct fixture *f = user;
    assert_true(session >= 0 && person >= 0); /* both 0: a token */
    pthread_mutex_lock(&f->lock);
    f->ended++;
    pthread_mutex_unlock(&f->lock);
}

static void open_desk(struct fixture *f)
{
    static const struct push_setup push = {.public_key = "BNone"}; /* phones may ask; nobody sends */
    const char *why = "";
    const struct desk_config config = {.database = f->database,
                                       .readers = 2,
                                       .hashers = 2,
                                       .on_events = on_events,
                                       .on_failed = on_failed,
                                       .on_ended = on_ended,
                                       .user = f,
                                       .push = &push,
                                       .origin = "https://localhost:8443"};
    f->desk = desk_open(&config, &why);
    if (!f->desk)
        fail_msg("desk_open: %s", why);
}

static void drop_event(gpointer event)
{
    json_decref(event);
}

/* By one-time links, as a cadre would: no password is hashed, which would take longer than most tests. */
static void log_in(struct fixture *f, int i, struct who *who)
{
    const struct who admin = {.person = 1, .roles = ROLE_ADMIN};
    json_t *link =
        expect(f, R_CREATED, "person.link", &admin, json_pack("{s:s,s:i}", "key", fresh_key(), "id", i + 1));
    const char *url = json_string_value(json_object_get(link, "url"));
    struct answer a =
        ask(f, "person.login_link", &f->stranger, json_pack("{s:s}", "code", url + strlen("/l/")));
    assert_int_equal(a.result, R_OK);
    assert_non_null(a.cookie);
    f->cookies[i] = g_strdup(a.cookie);
    *who = f->stranger;
    assert_true(desk_who_cookie(f->desk, a.cookie, who));
    assert_int_equal(who->person, i + 1);
    answer_free(&a);
    json_decref(link);
}

/* As if each of them had just given the password. */
static void prove_all(struct fixture *f)
{
    sqlite3 *db = NULL;
    g_autofree char *sql = g_strdup_printf(
        "PRAGMA wal_autocheckpoint = 0; INSERT OR REPLACE INTO session_proof (session, at_ms, steady_ms)"
        " SELECT id, %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT " FROM session",
        clock_wall_ms(), clock_steady_ms());
    assert_int_equal(sqlite3_open_v2(f->database, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    sqlite3_busy_timeout(db, 20000);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

void fixture_open(struct fixture *f)
{
    g_autofree char *template = g_build_filename(g_get_tmp_dir(), "desk-XXXXXX", NULL);
    memset(f, 0, sizeof *f);
    f->folder = g_strdup(g_mkdtemp(template));
    assert_non_null(f->folder);
    f->database = g_build_filename(f->folder, "market.db", NULL);
    f->events = g_ptr_array_new_with_free_func(drop_event);
    f->stranger = (struct who){.address = "198.51.100.1", .lang = "vi"};
    f->system = (struct who){.roles = ROLE_SYSTEM, .lang = "vi"};
    open_desk(f);
    json_t *demo = desk_demo(f->desk, false);
    assert_non_null(demo);
    struct who *people[] = {&f->admin, &f->cadre, &f->farmer, &f->buyer, &f->courier};
    for (int i = 0; i < 5; i++)
        log_in(f, i, people[i]);
    prove_all(f);
    json_decref(demo);
    json_t *state = expect(f, R_OK, "stall.get", &f->stranger, json_pack("{s:s}", "slug", "khe-nhinh"));
    size_t i;
    json_t *lot;
    json_array_foreach(json_object_get(state, "lots"), i, lot)
    {
        assert_true(i < 5);
        f->lot[i] = json_integer_value(json_object_get(lot, "id"));
        f->price[i] = json_integer_value(json_object_get(lot, "price"));
    }
    json_decref(state);
}

void fixture_reopen(struct fixture *f)
{
    desk_close(f->desk);
    open_desk(f);
}

void fixture_close(struct fixture *f)
{
    desk_close(f->desk);
    static const char *const files[] = {"market.db",      "market.db-wal", "market.db-shm",
                                        "market.db.lock", "backup.db",     "factor-key"};
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(f->folder, files[i], NULL);
        unlink(path);
    }
    rmdir(f->folder);
    for (int i = 0; i < 5; i++)
        g_free(f->cookies[i]);
    g_ptr_array_unref(f->events);
    g_free(f->folder);
    g_free(f->database);
}

int fixture_setup(void **state)
{
    struct fixture *f = g_new0(struct fixture, 1);
    fixture_open(f);
    *state = f;
    return 0;
}

int fixture_teardown(void **state)
{
    fixture_close(*state);
    g_free(*state);
    return 0;
}

struct waiting {
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool finished;
    struct answer answer;
};

static void on_reply(void *user, const struct desk_reply *reply)
{
    struct waiting *w = user;
    pthread_mutex_lock(&w->lock);
    w->answer.result = reply->result;
    w->answer.body =
        reply->body ? json_deep_copy(reply->body) : json_loads(reply->text ? reply->text : "", 0, NULL);
    w->answer.cookie = g_strdup(reply->cookie);
    w->answer.retry_after_s = reply->retry_after_s;
    w->finished = true;
    pthread_cond_signal(&w->done);
    pthread_mutex_unlock(&w->lock);
}

static struct answer ask_once(struct fixture *f, const char *name, const struct who *who, json_t *params)
{
    struct waiting w = {0};
    pthread_mutex_init(&w.lock, NULL);
    pthread_cond_init(&w.done, NULL);
    enum result accepted = desk_call(f->desk, name, who, params, on_reply, &w);
    pthread_mutex_lock(&w.lock);
    while (accepted == R_OK && !w.finished)
        pthread_cond_wait(&w.done, &w.lock);
    pthread_mutex_unlock(&w.lock);
    w.answer.accepted = accepted;
    if (accepted != R_OK)
        w.answer.result = accepted;
    pthread_cond_destroy(&w.done);
    pthread_mutex_destroy(&w.lock);
    return w.answer;
}

/* The fixture's people give their password whenever it is asked for. */
struct answer ask(struct fixture *f, const char *name, const struct who *who, json_t *params)
{
    bool ours = who >= &f->admin && who <= &f->courier;
    json_t *again = ours ? json_deep_copy(params) : NULL;
    struct answer answer = ask_once(f, name, who, params);
    if (ours && answer.result == R_PASSWORD_AGAIN) {
        answer_free(&answer);
        prove_all(f);
        return ask_once(f, name, who, again);
    }
    json_decref(again);
    return answer;
}

void answer_free(struct answer *answer)
{
    json_decref(answer->body);
    g_free(answer->cookie);
}

json_t *expect(struct fixture *f, enum result result, const char *name, const struct who *who, json_t *params)
{
    struct answer a = ask(f, name, who, params);
    if (a.result != result) {
        g_autofree char *text = a.body ? json_dumps(a.body, JSON_COMPACT) : g_strdup("");
        fail_msg("%s: %s instead of %s %s", name, result_code(a.result), result_code(result), text);
    }
    g_free(a.cookie);
    return a.body;
}

void expect_only(struct fixture *f, enum result result, const char *name, const struct who *who,
                 json_t *params)
{
    json_decref(expect(f, result, name, who, params));
}

char *fresh_key(void)
{
    static _Thread_local char key[40];
    static gint count;
    g_snprintf(key, sizeof key, "key-%08x-%08d-test", (unsigned)getpid(), g_atomic_int_add(&count, 1));
    return key;
}

json_t *order_params(struct fixture *f, const char *key, int lot, int64_t quantity)
{
    return json_pack("{s:s,s:s,s:[{s:I,s:I,s:I}],s:s,s:s,s:s}", "key", key ? key : fresh_key(), "stall",
                     "khe-nhinh", "lines", "lot", (json_int_t)f->lot[lot], "quantity", (json_int_t)quantity,
                     "price", (json_int_t)f->price[lot], "name", "Lò Văn Bình", "phone", "0912 345 678",
                     "place", "Khối 1, Mường Xén");
}

int64_t available(struct fixture *f, int lot)
{
    g_autofree char *sql =
        g_strdup_printf("SELECT available FROM lot WHERE id = %" G_GINT64_FORMAT, f->lot[lot]);
    return look(f, sql);
}

int64_t look(struct fixture *f, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_open_v2(f->database, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    sqlite3_busy_timeout(db, 20000);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return value;
}

bool books_fit(struct fixture *f)
{
    json_t *report = expect(f, R_OK, "admin.verify", &f->system, NULL);
    bool ok = json_is_true(json_object_get(report, "ok"));
    json_decref(report);
    return ok;
}
