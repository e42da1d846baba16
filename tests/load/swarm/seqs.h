/* seqs.h: which sequence numbers of one RTP stream have come: counts losses, doubles and latecomers. Pure. */
#ifndef SWARM_SEQS_H
#define SWARM_SEQS_H

#include <stdbool.h>
#include <stdint.h>

#define SEQS_WINDOW 1024 /* numbers remembered behind the highest */

struct seqs {
    uint64_t bits[SEQS_WINDOW / 64];
    uint32_t highest;  /* extended with the roll-overs (RFC 3550 A.1) */
    uint32_t base;     /* highest when counting began */
    uint64_t received; /* different ones since then */
    uint64_t duplicates, late;
    bool started;
};

enum seqs_news { SEQS_NEXT, SEQS_JUMPED, SEQS_LATE, SEQS_DUPLICATE, SEQS_ANCIENT };

/* `*extended` gets the number with roll-overs. SEQS_JUMPED: numbers between were skipped (so far). */
enum seqs_news seqs_add(struct seqs *s, uint16_t seq, uint32_t *extended);
bool seqs_has(const struct seqs *s, uint32_t extended);
void seqs_restart(struct seqs *s); /* counts from here on */
uint64_t seqs_expected(const struct seqs *s);
uint64_t seqs_lost(const struct seqs *s);

#endif
