/* paystate.c: see paystate.h. */
#include "market/trade/paystate.h"

const char *pay_state_name(enum pay_state state)
{
    static const char *const names[] = {
#define X(name, word) [PAY_##name] = word,
        PAY_STATES(X)
#undef X
    };
    return names[state];
}

/* Differences of amounts that are both within 0…MONEY_MAX always fit. */
static struct money minus(struct money a, struct money b)
{
    struct money out = {0};
    return money_sub(&out, a, b) ? out : (struct money){0};
}

static struct money kept(const struct pay_view *view)
{
    return minus(view->received, view->returned);
}

static struct money owed(const struct pay_view *view)
{
    return view->cancelled ? (struct money){0} : view->total;
}

struct money pay_due(const struct pay_view *view)
{
    struct money due = minus(owed(view), kept(view));
    return money_dong(due) > 0 ? due : (struct money){0};
}

struct money pay_surplus(const struct pay_view *view)
{
    struct money surplus = minus(kept(view), owed(view));
    return money_dong(surplus) > 0 ? surplus : (struct money){0};
}

enum pay_state pay_state(const struct pay_view *view)
{
    bool something = money_dong(kept(view)) > 0;
    if (money_dong(pay_surplus(view)) > 0)
        return PAY_OVER;
    if (view->cancelled)
        return money_dong(view->received) > 0 ? PAY_RETURNED : PAY_NONE;
    if (money_dong(pay_due(view)) > 0)
        return something ? PAY_PART : PAY_EXPECTED;
    if (!something)
        return PAY_NONE;
    if (money_dong(view->cash) > 0)
        return PAY_CASH;
    return view->settled ? PAY_SETTLED : PAY_PAID;
}
