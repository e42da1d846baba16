/* journal.h: what happened, written in the transaction in which it happened. Live push, catch-up, audit and
 * replay read it. Each row's hash covers the row and the hash before it, so that a row cannot be changed,
 * taken out or slipped in unnoticed. */
#ifndef TRADE_JOURNAL_H
#define TRADE_JOURNAL_H

#include "market/trade/trade.h"

enum { JOURNAL_CATCH_UP = 1000 }; /* a client further behind is given the state anew */

/* A row as it will be published after the commit. */
struct journal_row {
    int64_t id, at_ms, stall, person;
    char slug[33];
    const char *kind;            /* static */
    json_t *open, *full;         /* NULL: there is only the text */
    char *open_text, *full_text; /* as they are stored; full_text NULL: the same as open_text */
};

/* The writer's end: knows the last row's id and hash. NULL when it cannot be read. */
struct journal *journal_new(struct store *store);
void journal_free(struct journal *journal);

struct journal_entry {
    const char *kind; /* static, as in the README's list */
    int64_t stall;    /* 0: none */
    const char *slug; /* of that stall, or NULL */
    int64_t person;   /* the buyer it concerns, 0: none */
    json_t *open;     /* TAKEN; NULL: strangers see nothing */
    json_t *full;     /* TAKEN; NULL: the same as open */
    char *open_text;  /* TAKEN, from g_malloc: instead of open, compact JSON already */
    char *full_text;  /* instead of full */
};
enum result journal_add(struct trade *trade, const struct journal_entry *entry);

/* Rows of this batch that wait for the commit. A command that is undone takes its rows back by their earlier
 * count. */
size_t journal_count(const struct journal *journal);
void journal_rewind(struct journal *journal, size_t count);
const struct journal_row *journal_rows(const struct journal *journal);
void journal_published(struct journal *journal); /* forgets them */

/* Highest id of all; 0 for none. */
int64_t journal_mark(struct trade *trade);
/* Rows of a stall (0: of all stalls) after `mark`, as the asker may see them:
 * {"rows":[{id,at,kind,stall,body}],"mark":N,"too_old":bool}. Ascending; at most `limit`; `mark` in the
 * answer is how far it looked, "more" tells that there is more. */
enum result journal_after(struct trade *trade, int64_t stall, int64_t mark, int64_t limit, json_t **out);

/* Recomputes the chain. True when every row fits; else *first_bad is the first id that does not. *rows
 * counts, `head` gets the last hash. */
bool journal_verify(struct store *store, int64_t *rows, int64_t *first_bad, char head[65]);

#endif
