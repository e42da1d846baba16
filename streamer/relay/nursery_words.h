/* nursery_words.h: what relay (nursery.c) and nursery (nursery_process.c) say to each other on their
 * SOCK_SEQPACKET pair: one struct a message, a descriptor beside it where the list says so. */
#ifndef RELAY_NURSERY_WORDS_H
#define RELAY_NURSERY_WORDS_H

#include "streamer/relay/nursery.h"

enum nursery_kind {
    NURSERY_START = 1, /* relay → nursery: program, number of a spare socket */
    NURSERY_KILL,      /* relay → nursery: number of one that was started */
    NURSERY_DIAL,      /* relay → nursery */
    NURSERY_SPARE,     /* nursery → relay: number; + our end */
    NURSERY_DIALLED,   /* nursery → relay: error 0 + the connection, or errno */
    NURSERY_FAILED,    /* nursery → relay: number; errno of the start */
};

enum { NURSERY_SPARES = 8 };

struct nursery_word {
    uint32_t kind, program, number;
    int32_t error;
};

/* The process: never returns, needs no memory from the heap, opens no file. */
void nursery_process(int fd, const struct nursery_plan *plan) __attribute__((noreturn));

#endif
