/* weather.h: what a bad network does to packets on their way: lost, delayed, jittered, doubled, reordered,
 * squeezed through a rate limit or blocked, the same way for the same seed and traffic. Knows times and
 * bytes, not sockets: badlink.c is a UDP proxy around it, badnet.c a cable between two network namespaces.
 * One thread. */
#ifndef LOAD_LINK_WEATHER_H
#define LOAD_LINK_WEATHER_H

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum way { UP, DOWN, WAYS }; /* client to server, server to client */

struct weather;

struct packet {
    int64_t due_us;
    uint64_t order; /* ties leave in the order they came */
    void *owner;    /* as given to weather_take */
    enum way way;
    size_t length;
    uint8_t bytes[];
};

/* The options --loss, --delay, … of a program; after g_option_context_parse comes weather_new. */
const GOptionEntry *weather_options(void);
struct weather *weather_new(void);
void weather_free(struct weather *w);

/* A packet sets out; it is copied, lost or doubled. */
void weather_take(struct weather *w, enum way way, void *owner, const uint8_t *bytes, size_t length,
                  int64_t now_us);
/* The next one that has arrived, yours to g_free; NULL when none has by now. */
struct packet *weather_arrived(struct weather *w, int64_t now_us);
/* Microseconds until the next arrives, at most `most`. */
int64_t weather_wait_us(const struct weather *w, int64_t now_us, int64_t most);

/* "[up|down] NAME VALUE", "[up|down] block|unblock". False when it means nothing. */
bool weather_command(struct weather *w, const char *line);
/* {"up":{"in","out","lost","overflowed"},"down":{…}}: packets. New reference. */
json_t *weather_stats(const struct weather *w);
#define WEATHER_HELP                                                                                         \
    "[up|down] loss|reorder|duplicate|delay|jitter|rate|queue VALUE; [up|down] block|unblock; "

#endif
