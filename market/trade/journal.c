/* journal.c: the append-only, hash-chained record. */
#include "market/trade/journal.h"

#include <glib.h>
#include <string.h>
#include "market/base/id.h"
#include "market/base/shape.h"

struct journal {
    GArray *rows;   /* struct journal_row, of the running batch */
    GArray *before; /* struct head: what was last before each of them */
    int64_t last_id;
    char last_hash[ID_HASH_CHARS + 1];
};

struct head {
    int64_t id;
    char hash[ID_HASH_CHARS + 1];
};

static const char first_hash[] = "0000000000000000000000000000000000000000000000000000000000000000";

static void row_clear(gpointer data)
{
    struct journal_row *row = data;
    json_decref(row->open);
    json_decref(row->full);
    g_free(row->open_text);
    g_free(row->full_text);
}

struct journal *journal_new(struct store *store)
{
    struct journal *journal = g_new0(struct journal, 1);
    journal->rows = g_array_new(FALSE, TRUE, sizeof(struct journal_row));
    g_array_set_clear_func(journal->rows, row_clear);
    journal->before = g_array_new(FALSE, FALSE, sizeof(struct head));
    g_strlcpy(journal->last_hash, first_hash, sizeof journal->last_hash);
    QUERY query = store_query_args(store, "SELECT id, hash FROM journal ORDER BY id DESC LIMIT 1", NULL, 0);
    enum step step = query_step(query);
    if (step == STEP_ROW) {
        journal->last_id = query_int(query, 0);
        g_strlcpy(journal->last_hash, query_text(query, 1), sizeof journal->last_hash);
    } else if (step != STEP_DONE) {
        journal_free(journal);
        return NULL;
    }
    return journal;
}

void journal_free(struct journal *journal)
{
    if (!journal)
        return;
    g_array_unref(journal->rows);
    g_array_unref(journal->before);
    g_free(journal);
}

/* One row as bytes: everything but the hash itself. NULL and "" are told apart by a leading mark. */
static void row_hash(const char *before, int64_t id, int64_t at_ms, const int64_t references[3],
                     const char *kind, const char *open, const char *full, char out[ID_HASH_CHARS + 1])
{
    char numbers[128];
    int length =
        g_snprintf(numbers, sizeof numbers,
                   "%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT
                   " %" G_GINT64_FORMAT " %d%d",
                   id, at_ms, references[0], references[1], references[2], open != NULL, full != NULL);
    const struct id_part parts[] = {
        {before, ID_HASH_CHARS},         {numbers, (size_t)length},       {kind, strlen(kind)},
        {open, open ? strlen(open) : 0}, {full, full ? strlen(full) : 0},
    };
    id_digest(parts, G_N_ELEMENTS(parts), out);
}

enum result journal_add(struct trade *trade, const struct journal_entry *entry)
{
    struct journal *journal = trade->journal;
    struct head head = {.id = journal->last_id};
    memcpy(head.hash, journal->last_hash, sizeof head.hash);
    struct journal_row row = {.id = head.id + 1,
                              .at_ms = trade->now_ms,
                              .stall = entry->stall,
                              .person = entry->person,
                              .kind = entry->kind,
                              .open = entry->open,
                              .full = entry->full ? entry->full : json_incref(entry->open),
                              .open_text = entry->open ? shape_dump(entry->open, false) : entry->open_text,
                              .full_text = entry->full ? shape_dump(entry->full, false) : entry->full_text};
    const char *open = row.open_text, *full = row.full_text; /* the batch's from here on */
    g_strlcpy(row.slug, entry->slug ? entry->slug : "", sizeof row.slug);
    row_hash(head.hash, row.id, row.at_ms, (const int64_t[]){row.stall, row.person, trade->who.person},
             row.kind, open, full, journal->last_hash);
    journal->last_id = row.id;
    g_array_append_val(journal->rows, row);
    g_array_append_val(journal->before, head);
    enum step step = store_run(
        trade->store,
        "INSERT INTO journal (id, at_ms, stall, person, actor, kind, open_body, full_body, hash)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        ARG_INT(row.id), ARG_INT(row.at_ms), ARG_ID(row.stall), ARG_ID(row.person), ARG_ID(trade->who.person),
        ARG_TEXT(row.kind), ARG_TEXT(open), ARG_TEXT(full), ARG_TEXT(journal->last_hash));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

size_t journal_count(const struct journal *journal)
{
    return journal->rows->len;
}

void journal_rewind(struct journal *journal, size_t count)
{
    if (count >= journal->rows->len)
        return;
    const struct head *head = &g_array_index(journal->before, struct head, count);
    journal->last_id = head->id;
    memcpy(journal->last_hash, head->hash, sizeof journal->last_hash);
    g_array_set_size(journal->rows, (guint)count);
    g_array_set_size(journal->before, (guint)count);
}

const struct journal_row *journal_rows(const struct journal *journal)
{
    return (const struct journal_row *)(const void *)journal->rows->data;
}

void journal_published(struct journal *journal)
{
    g_array_set_size(journal->rows, 0);
    g_array_set_size(journal->before, 0);
}

int64_t journal_mark(struct trade *trade)
{
    return store_int(trade->store, "SELECT COALESCE(MAX(id), 0) FROM journal", 0, 0);
}

/* A row for a client, or NULL when the asker may see nothing of it. */
static json_t *row_json(struct query *query, bool full)
{
    const char *body = full && query_text(query, 5) ? query_text(query, 5) : query_text(query, 4);
    if (!body)
        return NULL;
    json_t *row = json_object();
    shape_text(row, "t", "row");
    shape_int(row, "id", query_int(query, 0));
    shape_int(row, "at", query_int(query, 1));
    shape_text(row, "kind", query_text(query, 2));
    shape_text(row, "stall", query_text(query, 3));
    shape_json(row, "body", json_loads(body, 0, NULL));
    return row;
}

enum result journal_after(struct trade *trade, int64_t stall, int64_t mark, int64_t limit, json_t **out)
{
    static const char of_stall[] =
        "SELECT j.id, j.at_ms, j.kind, s.slug, j.open_body, j.full_body, j.person, s.farmer"
        " FROM journal j JOIN stall s ON s.id = j.stall WHERE j.stall = $1 AND j.id > $2"
        " ORDER BY j.id LIMIT $3";
    static const char of_all[] =
        "SELECT j.id, j.at_ms, j.kind, s.slug, j.open_body, j.full_body, j.person, s.farmer"
        " FROM journal j JOIN stall s ON s.id = j.stall WHERE j.id > $2 ORDER BY j.id LIMIT $3";
    const struct who *who = &trade->who;
    JSON answer = json_object();
    json_t *rows = json_array();
    shape_json(answer, "rows", rows);
    QUERY query = store_query(trade->store, stall ? of_stall : of_all, ARG_INT(stall), ARG_INT(mark),
                              ARG_INT(limit + 1));
    int64_t seen = 0, last = mark;
    enum step step;
    while ((step = query_step(query)) == STEP_ROW && seen < limit) {
        bool full =
            who_is_cadre(who) ||
            (who->person && (query_int(query, 6) == who->person || query_int(query, 7) == who->person));
        json_t *row = row_json(query, full);
        if (row)
            json_array_append_new(rows, row);
        last = query_int(query, 0);
        seen++;
    }
    if (step == STEP_FAILED)
        return trade_fault(trade);
    bool more = step == STEP_ROW;
    shape_bool(answer, "more", more);
    shape_bool(answer, "too_old", more && limit >= JOURNAL_CATCH_UP);
    shape_int(answer, "mark", more ? last : MAX(last, journal_mark(trade)));
    *out = json_incref(answer);
    return R_OK;
}

bool journal_verify(struct store *store, int64_t *rows, int64_t *first_bad, char head[65])
{
    QUERY query = store_query_args(
        store,
        "SELECT id, at_ms, stall, person, actor, kind, open_body, full_body, hash FROM journal ORDER BY id",
        NULL, 0);
    int64_t last = 0;
    enum step step;
    g_strlcpy(head, first_hash, ID_HASH_CHARS + 1);
    *rows = 0;
    while ((step = query_step(query)) == STEP_ROW) {
        char hash[ID_HASH_CHARS + 1];
        int64_t id = query_int(query, 0);
        row_hash(head, id, query_int(query, 1),
                 (const int64_t[]){query_int(query, 2), query_int(query, 3), query_int(query, 4)},
                 query_text(query, 5), query_text(query, 6), query_text(query, 7), hash);
        if (id != last + 1 || strcmp(hash, query_text(query, 8)) != 0) {
            *first_bad = id;
            return false;
        }
        memcpy(head, hash, sizeof hash);
        last = id;
        ++*rows;
    }
    *first_bad = step == STEP_DONE ? 0 : last + 1;
    return step == STEP_DONE;
}
