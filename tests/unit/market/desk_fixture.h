/* desk_fixture.h: a real desk on a real file in a temporary directory, and calls that wait for their answer.
 */
#ifndef TESTS_DESK_FIXTURE_H
#define TESTS_DESK_FIXTURE_H

/* clang-format off: cmocka wants these first */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <glib.h>
#include <pthread.h>
#include <jansson.h>
#include "market/desk/desk.h"

struct fixture {
    char *folder, *database;
    struct desk *desk;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    GPtrArray *events; /* json_t {id,kind,slug,person,open,full}, as published */
    int failures;      /* on_failed calls */
    int ended;         /* on_ended calls */
    struct who admin, cadre, farmer, buyer, courier, stranger,
        system;       /* the demo commune; with sessions where they log in */
    char *cookies[5]; /* of admin, cadre, farmer, buyer, courier */
    int64_t lot[5];   /* of khe-nhinh: ngồng, bí, gừng, mận (kg), dớn (bunch) */
    int64_t price[5];
};

/* What a call came to; free with answer_free. */
struct answer {
    enum result accepted; /* of desk_call itself */
    enum result result;
    json_t *body;
    char *cookie; /* NULL: left alone */
    int retry_after_s;
};

void fixture_open(struct fixture *f);   /* with the demo commune and everybody logged in */
void fixture_reopen(struct fixture *f); /* closes the desk and opens the same file again */
void fixture_close(struct fixture *f);  /* and removes the directory */
int fixture_setup(void **state);        /* for cmocka */
int fixture_teardown(void **state);

/* TAKES params. */
struct answer ask(struct fixture *f, const char *name, const struct who *who, json_t *params);
void answer_free(struct answer *answer);
/* Asks, expects the result, gives the body (yours) back. */
json_t *expect(struct fixture *f, enum result result, const char *name, const struct who *who,
               json_t *params);
/* The same when the body does not matter. */
void expect_only(struct fixture *f, enum result result, const char *name, const struct who *who,
                 json_t *params);

char *fresh_key(void); /* a new key, static buffer of the thread */
/* {key, stall:khe-nhinh, lines:[{lot,quantity,price}], name, phone, place}; key NULL: a fresh one. */
json_t *order_params(struct fixture *f, const char *key, int lot, int64_t quantity);
int64_t available(struct fixture *f, int lot);
/* One integer out of the database by a connection of its own. */
int64_t look(struct fixture *f, const char *sql);
bool books_fit(struct fixture *f);

#endif
