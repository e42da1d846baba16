/* person.c: rows of people, and their roles by name. */
#include "market/trade/person.h"

#include <glib.h>
#include <string.h>
#include "market/base/shape.h"
#include "market/trade/placer.h"

static const char max_id[] = "SELECT COALESCE(MAX(id), 0) FROM person";

static const struct {
    enum role role;
    const char *name;
} roles[] = {{ROLE_FARMER, "farmer"},
             {ROLE_BUYER, "buyer"},
             {ROLE_CADRE, "cadre"},
             {ROLE_COURIER, "courier"},
             {ROLE_ADMIN, "admin"}};

const char *role_name(enum role role)
{
    for (size_t i = 0; i < G_N_ELEMENTS(roles); i++)
        if (roles[i].role == role)
            return roles[i].name;
    return "";
}

bool role_read(const char *name, uint32_t *role)
{
    for (size_t i = 0; name && i < G_N_ELEMENTS(roles); i++) {
        if (strcmp(roles[i].name, name) == 0) {
            *role = (uint32_t)roles[i].role;
            return true;
        }
    }
    return false;
}

json_t *roles_json(uint32_t bits)
{
    json_t *list = json_array();
    for (size_t i = 0; i < G_N_ELEMENTS(roles); i++)
        if (bits & roles[i].role)
            json_array_append_new(list, json_string_nocheck(roles[i].name));
    return list;
}

static enum step insert(struct trade *trade, const struct person_request *r, const char *login, int64_t *id)
{
    int64_t next = store_next_id(trade->store, max_id);
    enum step step =
        store_run(trade->store,
                  "INSERT INTO person (id, name, phone, place, roles, login, password, made_at)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                  ARG_INT(next), ARG_TEXT(r->name), ARG_TEXT(r->phone), ARG_TEXT(r->place), ARG_INT(r->roles),
                  ARG_TEXT(login), ARG_TEXT(r->password), ARG_INT(trade->now_ms));
    if (step == STEP_DONE)
        *id = next;
    return step;
}

enum result person_add(struct trade *trade, const struct person_request *request, int64_t *id)
{
    char none[PASSWORD_TEXT];
    int64_t known = person_by_login(trade->store, request->phone, none);
    if (known) {
        enum result done = placer_adopt(trade, known, request);
        if (done == R_ALREADY)
            shape_text(trade_extra(trade), "field", "phone");
        *id = done == R_OK ? known : *id;
        return done;
    }
    return insert(trade, request, request->phone, id) == STEP_DONE ? R_OK : trade_fault(trade);
}

enum result person_walk_in(struct trade *trade, const char *name, const char *phone, const char *place,
                           int64_t *id)
{
    const struct person_request request = {.name = name, .phone = phone, .place = place, .roles = ROLE_BUYER};
    return insert(trade, &request, NULL, id) == STEP_DONE ? R_OK : trade_fault(trade);
}

enum result person_set_password(struct trade *trade, int64_t id, const char *password)
{
    enum step step = store_run(trade->store, "UPDATE person SET password = $2 WHERE id = $1", ARG_INT(id),
                               ARG_TEXT(password));
    return step == STEP_DONE ? R_OK : trade_fault(trade);
}

int64_t person_by_login(struct store *store, const char *phone, char password[PASSWORD_TEXT])
{
    QUERY query = store_query(store, "SELECT id, password FROM person WHERE login = $1", ARG_TEXT(phone));
    password[0] = '\0';
    if (!query_row(query))
        return 0;
    if (query_text(query, 1))
        g_strlcpy(password, query_text(query, 1), PASSWORD_TEXT);
    return query_int(query, 0);
}

bool person_password(struct store *store, int64_t id, char password[PASSWORD_TEXT])
{
    QUERY query = store_query(store, "SELECT password FROM person WHERE id = $1", ARG_INT(id));
    password[0] = '\0';
    if (!query_row(query) || !query_text(query, 0))
        return false;
    g_strlcpy(password, query_text(query, 0), PASSWORD_TEXT);
    return true;
}

char *person_name(struct trade *trade, int64_t id)
{
    QUERY query = store_query(trade->store, "SELECT name FROM person WHERE id = $1", ARG_INT(id));
    return query_row(query) ? g_strdup(query_text(query, 0)) : NULL;
}

uint32_t person_roles(struct store *store, int64_t id)
{
    return (uint32_t)store_int(store, "SELECT roles FROM person WHERE id = $1", id, 0);
}

static json_t *stalls_of(struct trade *trade, int64_t person)
{
    json_t *list = json_array();
    QUERY query =
        store_query(trade->store, "SELECT slug FROM stall WHERE farmer = $1 ORDER BY id", ARG_INT(person));
    while (query_row(query))
        json_array_append_new(list, json_string_nocheck(query_text(query, 0)));
    return list;
}

/* Columns: id, name, phone, place, roles. */
static json_t *row_json(struct trade *trade, struct query *query)
{
    json_t *person = json_object();
    shape_int(person, "id", query_int(query, 0));
    shape_text(person, "name", query_text(query, 1));
    shape_text(person, "phone", query_text(query, 2));
    shape_text(person, "place", query_text(query, 3));
    shape_json(person, "roles", roles_json((uint32_t)query_int(query, 4)));
    shape_json(person, "stalls", stalls_of(trade, query_int(query, 0)));
    return person;
}

json_t *person_json(struct trade *trade, int64_t id)
{
    QUERY query = store_query(trade->store, "SELECT id, name, phone, place, roles FROM person WHERE id = $1",
                              ARG_INT(id));
    return query_row(query) ? row_json(trade, query) : NULL;
}

enum result person_list(struct trade *trade, uint32_t role, json_t **out)
{
    QUERY query =
        store_query(trade->store,
                    "SELECT id, name, phone, place, roles FROM person"
                    " WHERE login IS NOT NULL AND ($1 = 0 OR (roles & $1) <> 0) ORDER BY id LIMIT $2",
                    ARG_INT(role), ARG_INT(LIST_MAX));
    JSON list = json_array();
    enum step step;
    while ((step = query_step(query)) == STEP_ROW)
        json_array_append_new(list, row_json(trade, query));
    if (step != STEP_DONE)
        return trade_fault(trade);
    *out = json_object();
    shape_json(*out, "people", json_incref(list));
    return R_OK;
}
