/* seqs.c: a ring of bits under the highest number seen. */
#include "tests/load/swarm/seqs.h"

static void mark(struct seqs *s, uint32_t n, bool here)
{
    uint64_t *word = &s->bits[n % SEQS_WINDOW / 64];
    const uint64_t bit = UINT64_C(1) << (n % 64);
    *word = here ? *word | bit : *word & ~bit;
}

bool seqs_has(const struct seqs *s, uint32_t n)
{
    return s->bits[n % SEQS_WINDOW / 64] >> (n % 64) & 1;
}

enum seqs_news seqs_add(struct seqs *s, uint16_t seq, uint32_t *extended)
{
    if (!s->started) {
        s->started = true;
        s->highest = UINT32_C(0x10000) | seq; /* room to look back below the first one */
        s->base = s->highest - 1;
        for (uint32_t n = 1; n < SEQS_WINDOW; n++)
            mark(s, s->highest - n, true); /* nothing before the first counts as missing */
        mark(s, s->highest, true);
        s->received = 1;
        *extended = s->highest;
        return SEQS_NEXT;
    }
    const int ahead = (int16_t)(uint16_t)(seq - (s->highest & 0xFFFF));
    const uint32_t n = s->highest + (uint32_t)ahead;
    *extended = n;
    if (ahead <= 0) {
        if (ahead <= -SEQS_WINDOW)
            return SEQS_ANCIENT;
        if (seqs_has(s, n)) {
            s->duplicates++;
            return SEQS_DUPLICATE;
        }
        mark(s, n, true);
        s->late++;
        s->received += n > s->base;
        return SEQS_LATE;
    }
    for (uint32_t skipped = s->highest + 1; skipped != n; skipped++)
        mark(s, skipped, false);
    mark(s, n, true);
    s->highest = n;
    s->received++;
    return ahead == 1 ? SEQS_NEXT : SEQS_JUMPED;
}

void seqs_restart(struct seqs *s)
{
    s->base = s->highest;
    s->received = s->duplicates = s->late = 0;
}

uint64_t seqs_expected(const struct seqs *s)
{
    return s->started ? s->highest - s->base : 0;
}

uint64_t seqs_lost(const struct seqs *s)
{
    const uint64_t expected = seqs_expected(s);
    return expected > s->received ? expected - s->received : 0;
}
