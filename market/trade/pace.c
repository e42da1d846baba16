/* pace.c: see pace.h. */
#include "market/trade/pace.h"

int64_t pace_expected(const struct pace *p, int64_t now_ms)
{
    int64_t way;
    if (p->done <= 0 || p->ahead < 0 || p->last_ms < p->moved_ms)
        return 0;
    int64_t each_ms = (p->last_ms - p->moved_ms) / p->done;
    if (__builtin_mul_overflow(each_ms, p->ahead + 1, &way))
        return 0;
    return p->last_ms + way > now_ms ? p->last_ms + way : now_ms;
}

int64_t pace_moment(int64_t device_ms, int64_t from_ms, int64_t now_ms)
{
    return device_ms >= from_ms && device_ms <= now_ms ? device_ms : now_ms;
}
