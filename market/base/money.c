/* money.c: checked arithmetic on đồng. The only file that does sums with money. */
#include "market/base/money.h"

bool money_make(struct money *out, int64_t dong)
{
    if (dong > MONEY_MAX || dong < -MONEY_MAX)
        return false;
    out->dong = dong;
    return true;
}

bool money_add(struct money *sum, struct money a, struct money b)
{
    int64_t dong;
    return !__builtin_add_overflow(a.dong, b.dong, &dong) && money_make(sum, dong);
}

bool money_sub(struct money *difference, struct money a, struct money b)
{
    int64_t dong;
    return !__builtin_sub_overflow(a.dong, b.dong, &dong) && money_make(difference, dong);
}

bool money_of(struct money *amount, struct money price, struct quantity quantity)
{
    int64_t dong;
    if (price.dong < 0 || quantity.count < 0)
        return false;
    if (__builtin_mul_overflow(price.dong, quantity.count, &dong))
        return false;
    if (quantity.unit == UNIT_KG) {
        if (__builtin_add_overflow(dong, 500, &dong))
            return false;
        dong /= 1000;
    }
    return money_make(amount, dong);
}
