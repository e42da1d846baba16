/* booth.h: the market's end of the link and a running worker, for tests: the relay's thread, a Unix socket,
 * questions and the events that come in between. */
#ifndef TESTS_BOOTH_H
#define TESTS_BOOTH_H

#include "streamer/relay/worker.h"

#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>

struct booth {
    char dir[64], path[80];
    int listening, fd;
    struct worker *worker;
    pthread_t thread;
    json_int_t q;
    json_t *events; /* array of everything that was no answer */
    uint8_t in[1 << 18];
    size_t in_size;
};

void booth_open(struct booth *b, const char *ingest,
                const char *studio); /* starts the worker, says hello, restores nothing */
/* The same; the directory, the link and a host on loopback are filled in. */
void booth_open_with(struct booth *b, const struct worker_options *options);
void booth_close(struct booth *b);             /* stops the worker and waits for its end */
void booth_hang_up(struct booth *b);           /* the market dies */
void booth_accept(struct booth *b);            /* the relay dials again: hellos only */
void booth_say(struct booth *b, json_t *o);    /* steals */
json_t *booth_ask(struct booth *b, json_t *o); /* steals o; adds "q"; the answer is the caller's */
bool booth_wait_event(struct booth *b, const char *t, const char *key,
                      const char *value); /* one that is or comes */
json_int_t booth_counter(struct booth *b, const char *name);
bool booth_wait_counter(struct booth *b, const char *name, json_int_t least);

#endif
