/* bucket.h: a table of token buckets and connection counts per client address, bounded: when it is full the
 * address unseen for longest and without connections is forgotten. Time is handed in, milliseconds that never
 * go back. */
#ifndef EDGE_BUCKET_H
#define EDGE_BUCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A single bucket; also used on its own, per WebSocket client. */
struct bucket {
    int64_t milli_tokens; /* thousandths of a token */
    int64_t at_ms;
};
void bucket_fill(struct bucket *b, int64_t burst, int64_t now_ms);
/* Takes one token if there is one. per_min: tokens that come back in a minute. */
bool bucket_take(struct bucket *b, int64_t per_min, int64_t burst, int64_t now_ms);
/* Whole seconds until a token is there, at least 1. */
int bucket_wait_s(const struct bucket *b, int64_t per_min);

struct address_limits {
    size_t addresses;     /* rows in the table */
    unsigned connections; /* of one address at once */
    int64_t requests_per_s, requests_burst;
    int64_t media_per_s, media_burst;
    int64_t hooks_per_s, hooks_burst;
    bool loopback_too; /* false: 127.0.0.0/8 and ::1 are not limited (a load test, a proxy of our own) */
};

struct addresses;
struct addresses *addresses_new(const struct address_limits *limits);
void addresses_free(struct addresses *table);
/* A connection came: false when the address has too many or the table is full of connected ones. */
bool addresses_enter(struct addresses *table, const char *address, int64_t now_ms);
/* …and went. Only after a true addresses_enter. */
void addresses_leave(struct addresses *table, const char *address);
enum address_cost { COST_REQUEST, COST_MEDIA, COST_HOOK, COSTS };
/* A request: false when the address is over its rate; then *wait_s is for Retry-After. */
bool addresses_request(struct addresses *table, const char *address, enum address_cost cost, int64_t now_ms,
                       int *wait_s);
/* Whether this address is under no limit at all, its WebSocket messages included. */
bool addresses_exempt(const struct addresses *table, const char *address);
size_t addresses_count(const struct addresses *table);
/* "203.0.113.7", or the /64 of an IPv6 address; ::ffff:a.b.c.d counts as a.b.c.d. `key` holds 46 bytes. */
void address_key(const char *address, char key[46]);

#endif
