/* run_statement.c: bank statements brought by hand. The file is read on a thread of its own, which then has
 * the desk book it slice by slice, each a command of a few milliseconds behind the orders that came before
 * it. Cut off in the middle, what was booked stays; the same file again books the rest. */
#include <glib.h>
#include <string.h>
#include "market/base/shape.h"
#include "market/desk/call_pay.h"
#include "market/desk/desk_inner.h"
#include "market/trade/answer.h"
#include "market/trade/bankbook.h"

enum { FILE_TEXT_MAX = 7 * 1024 * 1024 /* 5 MB as base64 */, SLICE_US = 4000 };

static enum result refuse_file(struct call *call, const char *word)
{
    shape_text(trade_extra(&call->trade), "reason", word);
    return trade_bad_field(&call->trade, "file", "a statement that can be read is expected");
}

static json_t *statement_json(const struct statement *s)
{
    json_t *about = json_object(), *issues = json_array();
    for (guint i = 0; i < s->issues->len; i++) {
        const struct statement_issue *issue =
            &((const struct statement_issue *)(const void *)s->issues->data)[i];
        json_t *row = json_object();
        shape_int(row, "row", (int64_t)issue->row);
        shape_text(row, "what", issue->word);
        json_array_append_new(issues, row);
    }
    shape_text(about, "account", s->account);
    shape_text(about, "chain",
               s->chain == CHAIN_NONE    ? "none"
               : s->chain == CHAIN_WHOLE ? "whole"
                                         : "broken");
    shape_id(about, "chain_row", (int64_t)s->chain_row);
    shape_json(about, "opening", s->has_balance ? json_integer(money_dong(s->opening)) : NULL);
    shape_json(about, "closing", s->has_balance ? json_integer(money_dong(s->closing)) : NULL);
    shape_json(about, "issues", issues);
    return about;
}

static enum result read_statement(struct call *call, const char *base64, struct statement **out)
{
    gsize size = 0;
    g_autofree guchar *bytes = g_base64_decode(base64, &size);
    struct sheet *sheet = NULL;
    enum sheet_reason readable = sheet_read((const char *)bytes, size, &sheet);
    if (readable != SHEET_OK)
        return refuse_file(call, sheet_word(readable));
    enum statement_reason reason = statement_read(sheet, out);
    sheet_free(sheet);
    return reason == STATEMENT_OK ? R_OK : refuse_file(call, statement_word(reason));
}

/* ---- on the desk thread */

struct opening {
    int64_t account;
    const struct statement *statement;
    char key[65], digest[ID_HASH_CHARS + 1];
    char number[20]; /* out */
    bool done;       /* out: this key was answered, and will be again */
};

static enum result run_open(struct call *call)
{
    struct opening *o = call->inner;
    struct answer answer = {0};
    enum result known = answer_find(&call->trade, o->key, o->digest, &answer);
    o->done = answer.found;
    json_decref(answer.body);
    return known == R_OK && !o->done ? bankbook_open(&call->trade, o->account, o->statement, o->number)
                                     : known;
}

static enum result run_slice(struct call *call)
{
    return bankbook_take_slice(&call->trade, call->inner);
}

static const struct command open_command = {"statement.open", PAY_OFFICE, 0, run_open, NULL, NULL},
                            slice_command = {"statement.slice", PAY_OFFICE, 0, run_slice, NULL, NULL};

/* ---- on the thread for files */

static enum result book(struct desk *desk, struct call *call, struct statement *statement)
{
    struct opening o = {.account = json_integer_value(json_object_get(call->params, "id")),
                        .statement = statement};
    struct bankbook_slice slice = {.statement = statement, .budget_us = SLICE_US};
    int64_t counts[BANK_VERDICTS] = {0};
    JSON content = json_copy(call->params);
    g_strlcpy(o.key, json_string_value(json_object_get(content, "key")), sizeof o.key);
    json_object_del(content, "key");
    answer_digest(call->command->name, content, o.digest);
    enum result done = desk_inner_run(desk, &open_command, call, &o);
    if (done != R_OK || o.done)
        return done;
    statement_name(statement, o.number);
    for (; done == R_OK && slice.from < statement->events->len; slice.from = slice.to) {
        done = desk_inner_run(desk, &slice_command, call, &slice);
        for (int v = 0; done == R_OK && v < BANK_VERDICTS; v++)
            counts[v] += slice.counts[v];
    }
    call->found = json_object();
    shape_json(call->found, "counts", bankbook_counts_json(statement->events->len, counts));
    shape_json(call->found, "statement", statement_json(statement));
    return done;
}

/* {id: bank account, file: base64 of the bytes as the bank gave them}. From here on its hash stands for the
 * file: a repeat is known by it. */
enum result before_statement(struct desk *desk, struct call *call)
{
    struct fields f;
    struct statement *statement = NULL;
    char hash[ID_HASH_CHARS + 1];
    fields_open(&f, call->params);
    call_id(&f, "id");
    field_key(&f);
    const char *file = field_raw(&f, "file", 1, FILE_TEXT_MAX);
    enum result done = call_fields(call, &f);
    if (done == R_OK)
        done = read_statement(call, file, &statement);
    if (done != R_OK)
        return done;
    id_hash(file, hash);
    shape_text(call->params, "file", hash);
    done = book(desk, call, statement);
    statement_free(statement);
    return done;
}

/* All of it is booked by now: this gives the answer its key. */
enum result run_statement_import(struct call *call)
{
    struct fields f;
    fields_open(&f, call->params);
    call_id(&f, "id");
    field_raw(&f, "file", ID_HASH_CHARS, ID_HASH_CHARS);
    enum result done = call_fields(call, &f);
    if (done != R_OK || !call->found) /* answered under its key between opening and now */
        return done != R_OK ? done : R_BUSY;
    call->body = json_incref(call->found);
    return R_OK;
}
