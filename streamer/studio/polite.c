/* polite.c: see polite.h. */
#include "streamer/studio/polite.h"

bool polite_ask(struct polite *p, bool missed, int64_t patience_us, int64_t gap_us, int64_t now_us)
{
    if (!missed) {
        p->missed_since_us = 0;
        return false;
    }
    if (p->missed_since_us == 0)
        p->missed_since_us = now_us;
    if (now_us - p->missed_since_us < patience_us || (p->asked_us != 0 && now_us - p->asked_us < gap_us))
        return false;
    p->asked_us = now_us;
    return true;
}
