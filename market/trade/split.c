/* split.c: see split.h. 128-bit products: an amount may be 10^15 and the weights as large. */
#include "market/trade/split.h"

__extension__ typedef __int128 wide;

bool split_by_weight(struct money whole, const int64_t *weights, size_t count, struct money *parts)
{
    wide sum = 0, left = money_dong(whole);
    wide remainders[SPLIT_MAX];
    int64_t shares[SPLIT_MAX];
    if (count > SPLIT_MAX || left < 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (weights[i] < 0)
            return false;
        sum += weights[i];
    }
    if (sum <= 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        wide product = (wide)money_dong(whole) * weights[i];
        shares[i] = (int64_t)(product / sum);
        remainders[i] = product % sum;
        left -= shares[i];
    }
    for (; left > 0; left--) {
        size_t best = 0;
        for (size_t i = 1; i < count; i++)
            if (remainders[i] > remainders[best])
                best = i;
        shares[best]++;
        remainders[best] = -1;
    }
    for (size_t i = 0; i < count; i++)
        if (!money_make(&parts[i], shares[i]))
            return false;
    return true;
}

bool split_rate(struct money whole, int64_t points, struct money *part)
{
    if (points < 0 || points > SPLIT_WHOLE || money_dong(whole) < 0)
        return false;
    wide share = ((wide)money_dong(whole) * points + SPLIT_WHOLE / 2) / SPLIT_WHOLE;
    return money_make(part, (int64_t)share);
}
