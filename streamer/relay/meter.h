/* meter.h: where a worker's time goes, by stage, and how long packets waited in it. One reading of the clock
 * for each change of stage, some for each frame, none for a packet. The worker's thread. */
#ifndef RELAY_METER_H
#define RELAY_METER_H

#include <stdint.h>

/* clang-format off */
#define METER_STAGES(X) \
    X(IDLE, idle)       /* waiting */ \
    X(RECEIVE, receive) /* datagrams in: STUN, DTLS, opening, RTCP */ \
    X(PIPE, pipe)       /* to and from ingest and studio, numbering, history */ \
    X(SEAL, seal)       /* rewriting and sealing for each viewer */ \
    X(SEND, send)       /* handing batches to the kernel */ \
    X(OTHER, other)     /* timers, the link, TCP */
/* clang-format on */

enum meter_stage {
#define X(stage, word) METER_##stage,
    METER_STAGES(X)
#undef X
        METER_COUNT
};

enum { METER_QUEUE_BOUNDS = 8 };
extern const uint32_t meter_queue_bounds_us[METER_QUEUE_BOUNDS];

struct meter { /* zeroed: idle */
    enum meter_stage stage;
    int64_t since_us; /* the last change */
    uint64_t stage_us[METER_COUNT];
    uint64_t queue[METER_QUEUE_BOUNDS + 1]; /* how often up to each bound, and longer */
    uint64_t queue_us;
};

/* What follows is `stage`; returns what it was before. */
enum meter_stage meter_enter(struct meter *m, enum meter_stage stage);
/* The oldest packet of a burst came at `from_us`, the last viewer's was sealed at the last change of stage.
 */
void meter_queue(struct meter *m, int64_t from_us);
void meter_add(struct meter *sum, const struct meter *m);
const char *meter_word(enum meter_stage stage);

#endif
