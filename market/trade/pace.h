/* pace.h: when a trip comes by, from how it has come on so far. Pure; any thread. */
#ifndef TRADE_PACE_H
#define TRADE_PACE_H

#include <stdint.h>

struct pace {
    int64_t moved_ms, last_ms; /* when it set off; when its latest stop was done */
    int64_t done, ahead;       /* stops done; stops to do before the one that is asked about */
};
/* 0: not known yet, no stop is done. Never before `now_ms`. */
int64_t pace_expected(const struct pace *pace, int64_t now_ms);

/* The best time of something: what the phone said when it lies between `from_ms` and `now_ms`, else now. */
int64_t pace_moment(int64_t device_ms, int64_t from_ms, int64_t now_ms);

#endif
