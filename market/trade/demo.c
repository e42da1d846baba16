/* demo.c: the demo commune. Only made when asked for by --demo; passwords and tokens are random for each
 * database. */
#include "market/trade/demo.h"

#include <glib.h>
#include <sodium.h>
#include "market/base/shape.h"
#include "market/trade/live.h"
#include "market/trade/lot.h"
#include "market/trade/session.h"

#define SLUG "khe-nhinh"

static const struct {
    const char *key, *name, *phone, *place;
    enum role role;
} people[DEMO_PEOPLE] = {
    {"admin", "Quản trị xã Hữu Kiệm", "+84912000001", "Ủy ban nhân dân xã Hữu Kiệm", ROLE_ADMIN},
    {"cadre", "Vi Văn Nam", "+84912000002", "Hội Nông dân xã Hữu Kiệm", ROLE_CADRE},
    {"farmer", "Cụt Thị Hương", "+84912000003", "Bản Khe Nhinh, xã Hữu Kiệm", ROLE_FARMER},
    {"buyer", "Nguyễn Thị Lan", "+84912000004", "Khối 2, thị trấn Mường Xén", ROLE_BUYER},
    {"courier", "Moong Văn Tình", "+84912000005", "Bản Đỉnh Sơn, xã Hữu Kiệm", ROLE_COURIER},
};
enum { CADRE = 1, FARMER = 2 }; /* their places in the table */

static const struct lot_request lots[] = {
    {.name = "Cải ngồng",
     .unit = UNIT_KG,
     .price = 15000,
     .amount = 40000,
     .tolerance = 10,
     .note = "Hái lúc sáng sớm, không thuốc"},
    {.name = "Bí xanh",
     .unit = UNIT_KG,
     .price = 12000,
     .amount = 60000,
     .tolerance = 10,
     .note = "Mỗi quả 1 đến 2 kg"},
    {.name = "Gừng núi",
     .unit = UNIT_KG,
     .price = 35000,
     .amount = 25000,
     .tolerance = 10,
     .note = "Gừng sẻ, củ nhỏ, cay thơm"},
    {.name = "Mận tam hoa",
     .unit = UNIT_KG,
     .price = 25000,
     .amount = 30000,
     .tolerance = 10,
     .note = "Chín cây"},
    {.name = "Rau dớn", .unit = UNIT_BUNCH, .price = 8000, .amount = 50, .note = "Rau rừng, bó khoảng 400 g"},
};

bool demo_passwords(struct demo_password out[DEMO_PEOPLE])
{
    static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789"; /* none that look alike */
    for (int i = 0; i < DEMO_PEOPLE; i++) {
        for (int c = 0; c < DEMO_PASSWORD; c++)
            out[i].plain[c] = letters[randombytes_uniform(sizeof letters - 1)];
        out[i].plain[DEMO_PASSWORD] = '\0';
        if (!password_hash(out[i].plain, out[i].hash))
            return false;
    }
    return true;
}

static enum result make_people(struct trade *trade, const struct demo_password *passwords,
                               int64_t ids[DEMO_PEOPLE])
{
    for (int i = 0; i < DEMO_PEOPLE; i++) {
        char old[PASSWORD_TEXT];
        const char *hash = passwords ? passwords[i].hash : NULL;
        ids[i] = person_by_login(trade->store, people[i].phone, old);
        const struct person_request request = {people[i].name, people[i].phone, people[i].place,
                                               (uint32_t)people[i].role, hash};
        enum result done = R_OK;
        if (!ids[i])
            done = person_add(trade, &request, &ids[i]);
        else if (hash)
            done = person_set_password(trade, ids[i], hash);
        if (done != R_OK)
            return done;
    }
    return R_OK;
}

static enum result make_stall(struct trade *trade, int64_t farmer, struct stall *stall)
{
    enum result found = stall_by_slug(trade, SLUG, stall);
    if (found != R_UNKNOWN)
        return found;
    const struct stall_request request = {.slug = SLUG,
                                          .name = "Rau Khe Nhinh",
                                          .village = "Bản Khe Nhinh",
                                          .farmer = farmer,
                                          .about = "Rau trồng trên sườn núi đá bản Khe Nhinh, xã Hữu Kiệm, "
                                                   "Kỳ Sơn. Đặt trong lúc xem, chiều giao dọc Quốc lộ 7."};
    enum result done = stall_add(trade, &request, stall);
    for (size_t i = 0; done == R_OK && i < G_N_ELEMENTS(lots); i++) {
        int64_t lot;
        done = lot_add(trade, stall, &lots[i], &lot);
    }
    return done;
}

static enum result make_live(struct trade *trade, const struct stall *stall)
{
    struct live live;
    bool made;
    enum result done = live_plan(trade, stall, "Hái rau buổi sáng", trade->now_ms, &live, &made);
    return done == R_OK ? live_approve(trade, stall, &live) : done;
}

static enum result make_secrets(struct trade *trade, const struct demo_password *passwords,
                                const int64_t *ids, json_t **out)
{
    JSON tokens = json_object();
    JSON logins = json_object();
    for (int i = 0; i < DEMO_PEOPLE; i++) {
        int64_t id;
        char secret[ID_SECRET_CHARS + 1];
        enum result done = token_add(trade, ids[i], 0, TOKEN_API, "demo", &id, secret);
        if (done != R_OK)
            return done;
        shape_text(tokens, people[i].key, secret);
        json_t *login = json_object();
        shape_text(login, "phone", people[i].phone);
        shape_text(login, "password", passwords[i].plain);
        shape_json(logins, people[i].key, login);
    }
    *out = json_object();
    shape_json(*out, "tokens", json_incref(tokens));
    shape_json(*out, "people", json_incref(logins));
    shape_text(*out, "stall", SLUG);
    return R_OK;
}

enum result demo_make(struct trade *trade, const struct demo_password *passwords, json_t **out)
{
    int64_t ids[DEMO_PEOPLE];
    struct stall stall;
    enum result done = make_people(trade, passwords, ids);
    trade->who.person = done == R_OK ? ids[CADRE] : 0; /* the journal says who approved */
    if (done == R_OK)
        done = make_stall(trade, ids[FARMER], &stall);
    if (done == R_OK && stall.open)
        done = make_live(trade, &stall);
    return done == R_OK && passwords ? make_secrets(trade, passwords, ids, out) : done;
}
