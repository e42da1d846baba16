/* recovery.c: see recovery.h. */
#include "market/trade/recovery.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>
#include "market/trade/person.h"

static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
enum { HALF = RECOVERY_CHARS / 2 };

bool recovery_make(struct recovery *out)
{
    id_secret(out->salt);
    for (int i = 0; i < RECOVERY_CODES; i++) {
        char code[RECOVERY_CHARS + 1] = "";
        for (int s = 0; s < RECOVERY_CHARS; s++)
            code[s] = symbols[randombytes_uniform(sizeof symbols - 1)];
        g_snprintf(out->code[i], sizeof out->code[i], "%.*s-%s", HALF, code, code + HALF);
        if (!recovery_print(code, out->salt, out->print[i]))
            return false;
        sodium_memzero(code, sizeof code);
    }
    return true;
}

bool recovery_read(const char *typed, char out[RECOVERY_CHARS + 1])
{
    size_t length = 0;
    for (; *typed; typed++) {
        char c = g_ascii_toupper(*typed);
        if (c == ' ' || c == '-')
            continue;
        c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
        if (length == RECOVERY_CHARS || !strchr(symbols, c))
            return false;
        out[length++] = c;
    }
    out[length] = '\0';
    return length == RECOVERY_CHARS;
}

bool recovery_print(const char code[RECOVERY_CHARS + 1], const char *salt, char out[ID_HASH_CHARS + 1])
{
    return password_print(code, salt, out);
}

enum result recovery_keep(struct trade *trade, int64_t person, const struct recovery *codes)
{
    enum result done = recovery_forget(trade, person);
    if (done != R_OK)
        return done;
    if (store_run(trade->store, "UPDATE factor SET salt = $2 WHERE person = $1", ARG_INT(person),
                  ARG_TEXT(codes->salt)) != STEP_DONE)
        return trade_fault(trade);
    for (int i = 0; i < RECOVERY_CODES; i++)
        if (store_run(trade->store, "INSERT INTO recovery_code (person, print) VALUES ($1, $2)",
                      ARG_INT(person), ARG_TEXT(codes->print[i])) != STEP_DONE)
            return trade_fault(trade);
    return R_OK;
}

enum result recovery_use(struct trade *trade, int64_t person, const char *print)
{
    if (store_run(trade->store, "DELETE FROM recovery_code WHERE person = $1 AND print = $2", ARG_INT(person),
                  ARG_TEXT(print)) != STEP_DONE)
        return trade_fault(trade);
    return store_changes(trade->store) ? R_OK : R_BAD_CODE;
}

bool recovery_there(struct store *store, int64_t person, const char *print)
{
    QUERY query = store_query(store, "SELECT 1 FROM recovery_code WHERE person = $1 AND print = $2",
                              ARG_INT(person), ARG_TEXT(print));
    return query_row(query);
}

int64_t recovery_left(struct store *store, int64_t person)
{
    return store_int(store, "SELECT COUNT(*) FROM recovery_code WHERE person = $1", person, 0);
}

enum result recovery_forget(struct trade *trade, int64_t person)
{
    enum step step = store_run(trade->store, "DELETE FROM recovery_code WHERE person = $1", ARG_INT(person));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}
