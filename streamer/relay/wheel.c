/* wheel.c: slots of doubly linked rings, one lap is WHEEL_SLOTS ticks (4 s); a timer of a later lap is passed
 * over. A bit per slot says whether it is worth a look, so that the way to the next timer is found by
 * counting zeros. */
#include "streamer/relay/wheel.h"

#include <glib.h>

struct wheel {
    int64_t tick;                    /* the next one to run */
    uint64_t used[WHEEL_SLOTS / 64]; /* bit set: the slot may hold timers */
    struct timer slots[WHEEL_SLOTS]; /* ring heads */
};

struct wheel *wheel_new(int64_t now_us)
{
    struct wheel *w = g_new0(struct wheel, 1);
    w->tick = now_us / WHEEL_TICK_US;
    for (int i = 0; i < WHEEL_SLOTS; i++)
        w->slots[i].next = w->slots[i].prev = &w->slots[i];
    return w;
}

void wheel_free(struct wheel *w)
{
    g_free(w);
}

bool timer_is_set(const struct timer *t)
{
    return t->next != NULL;
}

static void timer_unlink(struct timer *t)
{
    t->prev->next = t->next;
    t->next->prev = t->prev;
    t->next = t->prev = NULL;
}

void wheel_stop(struct wheel *w, struct timer *t)
{
    (void)w;
    if (timer_is_set(t))
        timer_unlink(t);
}

static void timer_link(struct timer *head, struct timer *t)
{
    t->prev = head->prev;
    t->next = head;
    head->prev->next = t;
    head->prev = t;
}

void wheel_set(struct wheel *w, struct timer *t, int64_t due_us)
{
    wheel_stop(w, t);
    int64_t tick = (due_us + WHEEL_TICK_US - 1) / WHEEL_TICK_US;
    t->due_tick = MAX(tick, w->tick);
    unsigned slot = (unsigned)(t->due_tick % WHEEL_SLOTS);
    timer_link(&w->slots[slot], t);
    w->used[slot / 64] |= UINT64_C(1) << (slot % 64);
}

/* Timers are moved to a ring of their own first: whatever a callback sets or stops then disturbs no walk. */
static void wheel_run_slot(struct wheel *w, int64_t tick, int64_t now_us)
{
    unsigned slot = (unsigned)(tick % WHEEL_SLOTS);
    struct timer *head = &w->slots[slot], due = {.next = &due, .prev = &due};
    if (!(w->used[slot / 64] >> (slot % 64) & 1))
        return;
    for (struct timer *t = head->next, *next; t != head; t = next) {
        next = t->next;
        if (t->due_tick <= tick) {
            timer_unlink(t);
            timer_link(&due, t);
        }
    }
    if (head->next == head)
        w->used[slot / 64] &= ~(UINT64_C(1) << (slot % 64));
    while (due.next != &due) {
        struct timer *t = due.next;
        timer_unlink(t);
        t->fire_cb(t->arg, now_us);
    }
}

void wheel_run(struct wheel *w, int64_t now_us)
{
    int64_t until = now_us / WHEEL_TICK_US;
    if (until - w->tick > WHEEL_SLOTS) /* slept for more than a lap: one lap visits every slot */
        w->tick = until - WHEEL_SLOTS;
    while (w->tick <= until) {
        int64_t tick = w->tick++; /* first, so that a timer set by a callback for "now" comes next turn */
        wheel_run_slot(w, tick, now_us);
    }
}

int64_t wheel_wait_us(const struct wheel *w, int64_t now_us, int64_t most_us)
{
    int64_t most_ticks = MIN(most_us / WHEEL_TICK_US + 1, WHEEL_SLOTS - 1);
    for (int64_t ahead = 0; ahead <= most_ticks; ahead++) {
        unsigned slot = (unsigned)((w->tick + ahead) % WHEEL_SLOTS);
        uint64_t rest = w->used[slot / 64] >> (slot % 64);
        if (rest == 0) {
            ahead += 63 - slot % 64; /* nothing up to the word's end */
            continue;
        }
        ahead += __builtin_ctzll(rest);
        if (ahead > most_ticks)
            break;
        int64_t wait_us = (w->tick + ahead) * WHEEL_TICK_US - now_us;
        return wait_us < 0 ? 0 : MIN(wait_us, most_us);
    }
    return most_us;
}
