/* nacks.c: an unordered array of gaps; losses are few, so a linear walk is cheapest. */
#include "tests/load/swarm/nacks.h"

#include <glib.h>

enum { FIRST_ASK_US = 5000, ASK_AGAIN_US = 40000, ASKS = 10 };

struct gap {
    uint32_t seq;
    int64_t since_us, asked_us;
    int asks;
};

struct nacks {
    struct gap gaps[NACKS_MAX];
    size_t count;
    uint64_t repaired, given_up, asked;
};

struct nacks *nacks_new(void)
{
    return g_new0(struct nacks, 1);
}

void nacks_free(struct nacks *n)
{
    g_free(n);
}

static void drop(struct nacks *n, size_t i)
{
    n->gaps[i] = n->gaps[--n->count];
}

void nacks_missing(struct nacks *n, uint32_t extended, int64_t now_us)
{
    if (n->count == NACKS_MAX) {
        n->given_up++;
        return;
    }
    n->gaps[n->count++] =
        (struct gap){.seq = extended, .since_us = now_us, .asked_us = now_us - ASK_AGAIN_US + FIRST_ASK_US};
}

void nacks_arrived(struct nacks *n, uint32_t extended)
{
    for (size_t i = 0; i < n->count; i++)
        if (n->gaps[i].seq == extended) {
            n->repaired += n->gaps[i].asks > 0; /* else it only came out of order */
            drop(n, i);
            return;
        }
}

size_t nacks_due(struct nacks *n, int64_t now_us, uint16_t *out, size_t room)
{
    size_t found = 0;
    for (size_t i = 0; i < n->count;) {
        struct gap *g = &n->gaps[i];
        if (now_us - g->since_us > NACKS_GIVE_UP_MS * 1000) {
            n->given_up++;
            drop(n, i);
            continue;
        }
        if (found < room && g->asks < ASKS && now_us - g->asked_us >= ASK_AGAIN_US) {
            g->asks++;
            g->asked_us = now_us;
            out[found++] = (uint16_t)g->seq;
        }
        i++;
    }
    n->asked += found;
    return found;
}

uint64_t nacks_repaired(const struct nacks *n)
{
    return n->repaired;
}

uint64_t nacks_given_up(const struct nacks *n)
{
    return n->given_up;
}

uint64_t nacks_asked(const struct nacks *n)
{
    return n->asked;
}

void nacks_restart(struct nacks *n)
{
    n->repaired = n->given_up = n->asked = 0;
}
