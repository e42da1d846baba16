/* weather.c: a heap of packets by the time they arrive, and the dice. */
#include "tests/load/link/weather.h"
#include "tests/load/base/clock.h"
#include "tests/load/base/rng.h"

#include <string.h>

struct settings {                    /* of one way; changed by commands while running */
    double loss, reorder, duplicate; /* percent */
    double delay_ms, jitter_ms;
    double rate_kbps, queue_ms; /* 0: no limit; what does not fit into the queue is dropped */
    bool blocked;
};

struct direction {
    struct settings set;
    struct rng rng;
    int64_t line_free_us; /* when the rate limit lets the next packet go */
    int64_t last_due_us;
    uint64_t in, out, lost, overflowed;
};

struct weather {
    struct direction ways[WAYS];
    GPtrArray *heap; /* struct packet, the earliest first */
    uint64_t order;
};

static struct settings chosen = {.queue_ms = 300};
static int chosen_seed = 1;

const GOptionEntry *weather_options(void)
{
    static const GOptionEntry entries[] = {
        {"loss", 0, 0, G_OPTION_ARG_DOUBLE, &chosen.loss, "percent", "P"},
        {"reorder", 0, 0, G_OPTION_ARG_DOUBLE, &chosen.reorder, "percent that overtakes by up to 20 ms", "P"},
        {"duplicate", 0, 0, G_OPTION_ARG_DOUBLE, &chosen.duplicate, "percent", "P"},
        {"delay", 0, 0, G_OPTION_ARG_DOUBLE, &chosen.delay_ms, "ms each way", "MS"},
        {"jitter", 0, 0, G_OPTION_ARG_DOUBLE, &chosen.jitter_ms, "up to this much more", "MS"},
        {"rate", 0, 0, G_OPTION_ARG_DOUBLE, &chosen.rate_kbps, "kb/s each way", "KBPS"},
        {"queue", 0, 0, G_OPTION_ARG_DOUBLE, &chosen.queue_ms,
         "what may wait for the rate limit (default 300)", "MS"},
        {"seed", 0, 0, G_OPTION_ARG_INT, &chosen_seed, "same seed, same weather (default 1)", "N"},
        {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL}};
    return entries;
}

struct weather *weather_new(void)
{
    struct weather *w = g_new0(struct weather, 1);
    w->heap = g_ptr_array_new();
    for (int way = 0; way < WAYS; way++) {
        w->ways[way].set = chosen;
        w->ways[way].rng = rng_make((uint64_t)chosen_seed * 2 + (uint64_t)way);
    }
    return w;
}

static bool earlier(const struct packet *a, const struct packet *b)
{
    return a->due_us != b->due_us ? a->due_us < b->due_us : a->order < b->order;
}

static void heap_swap(GPtrArray *heap, guint a, guint b)
{
    gpointer t = heap->pdata[a];
    heap->pdata[a] = heap->pdata[b];
    heap->pdata[b] = t;
}

static void heap_push(GPtrArray *heap, struct packet *p)
{
    g_ptr_array_add(heap, p);
    for (guint i = heap->len - 1; i > 0 && earlier(heap->pdata[i], heap->pdata[(i - 1) / 2]); i = (i - 1) / 2)
        heap_swap(heap, i, (i - 1) / 2);
}

static struct packet *heap_pop(GPtrArray *heap)
{
    struct packet *first = heap->pdata[0];
    heap_swap(heap, 0, heap->len - 1);
    g_ptr_array_set_size(heap, (gint)heap->len - 1);
    for (guint i = 0;;) {
        guint least = i;
        for (guint child = 2 * i + 1; child <= 2 * i + 2; child++)
            if (child < heap->len && earlier(heap->pdata[child], heap->pdata[least]))
                least = child;
        if (least == i)
            return first;
        heap_swap(heap, i, least);
        i = least;
    }
}

void weather_free(struct weather *w)
{
    if (!w)
        return;
    while (w->heap->len)
        g_free(heap_pop(w->heap));
    g_ptr_array_unref(w->heap);
    g_free(w);
}

/* When the packet comes out at the other end, or -1 when it never does. */
static int64_t travel(struct direction *d, size_t length, int64_t now_us)
{
    const struct settings *s = &d->set;
    int64_t leaves_us = now_us;
    if (s->blocked || rng_chance(&d->rng, s->loss / 100)) {
        d->lost++;
        return -1;
    }
    if (s->rate_kbps > 0) {
        leaves_us = MAX(now_us, d->line_free_us) + (int64_t)((double)(length + 28) * 8000 / s->rate_kbps);
        if ((double)(leaves_us - now_us) > s->queue_ms * 1000) {
            d->overflowed++;
            return -1;
        }
        d->line_free_us = leaves_us;
    }
    int64_t due_us = leaves_us + (int64_t)(s->delay_ms * 1000 + rng_unit(&d->rng) * s->jitter_ms * 1000);
    if (rng_chance(&d->rng, s->reorder / 100))
        return MAX(leaves_us, due_us - 20000); /* overtakes those before it */
    due_us = MAX(due_us, d->last_due_us);      /* jitter alone keeps the order */
    d->last_due_us = due_us;
    return due_us;
}

void weather_take(struct weather *w, enum way way, void *owner, const uint8_t *bytes, size_t length,
                  int64_t now_us)
{
    struct direction *d = &w->ways[way];
    const int copies = rng_chance(&d->rng, d->set.duplicate / 100) ? 2 : 1;
    d->in++;
    for (int i = 0; i < copies; i++) {
        const int64_t due_us = travel(d, length, now_us);
        if (due_us < 0)
            continue;
        struct packet *p = g_malloc(sizeof *p + length);
        *p = (struct packet){
            .due_us = due_us, .order = w->order++, .owner = owner, .way = way, .length = length};
        memcpy(p->bytes, bytes, length);
        heap_push(w->heap, p);
    }
}

struct packet *weather_arrived(struct weather *w, int64_t now_us)
{
    if (w->heap->len == 0 || ((struct packet *)w->heap->pdata[0])->due_us > now_us)
        return NULL;
    struct packet *p = heap_pop(w->heap);
    w->ways[p->way].out++;
    return p;
}

int64_t weather_wait_us(const struct weather *w, int64_t now_us, int64_t most)
{
    return w->heap->len ? CLAMP(((struct packet *)w->heap->pdata[0])->due_us - now_us, 0, most) : most;
}

static double *setting(struct settings *s, const char *name)
{
    const struct {
        const char *name;
        double *value;
    } table[] = {{"loss", &s->loss},      {"reorder", &s->reorder},  {"duplicate", &s->duplicate},
                 {"delay", &s->delay_ms}, {"jitter", &s->jitter_ms}, {"rate", &s->rate_kbps},
                 {"queue", &s->queue_ms}};
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
        if (g_str_equal(table[i].name, name))
            return table[i].value;
    return NULL;
}

bool weather_command(struct weather *w, const char *line)
{
    static const char *const ways[WAYS + 1] = {"up", "down", NULL};
    g_auto(GStrv) words = g_strsplit(line, " ", 4);
    const bool one_way = words[0] && g_strv_contains(ways, words[0]);
    const char *name = words[0] ? words[one_way ? 1 : 0] : NULL;
    if (!name)
        return false;
    const char *value = words[one_way ? 2 : 1];
    bool known = false;
    for (int way = 0; way < WAYS; way++) {
        struct settings *s = &w->ways[way].set;
        if (one_way && !g_str_equal(words[0], ways[way]))
            continue;
        double *place = setting(s, name);
        if (place && value)
            *place = g_ascii_strtod(value, NULL);
        else if (g_str_equal(name, "block") || g_str_equal(name, "unblock"))
            s->blocked = name[0] == 'b';
        else
            continue;
        known = true;
    }
    return known;
}

json_t *weather_stats(const struct weather *w)
{
    static const char *const names[WAYS] = {"up", "down"};
    json_t *j = json_object();
    for (int way = 0; way < WAYS; way++) {
        const struct direction *d = &w->ways[way];
        json_object_set_new(j, names[way],
                            json_pack("{s:I, s:I, s:I, s:I}", "in", (json_int_t)d->in, "out",
                                      (json_int_t)d->out, "lost", (json_int_t)d->lost, "overflowed",
                                      (json_int_t)d->overflowed));
    }
    return j;
}
