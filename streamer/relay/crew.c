/* crew.c: notes out to the mirrors of a room, notes in from its viewers elsewhere. Losing a packet because an
 * outpost does not read looks to its viewers like loss on the way; everything else waits for room. */
#include "streamer/relay/crew.h"
#include "streamer/relay/clock.h"

#include <string.h>
#include <sys/epoll.h>

struct mate {
    struct crew *crew;
    unsigned number;
    struct mail *to, *from;
    struct watch watch;
    unsigned viewers; /* sent there and not gone */
    struct counters counters;
    unsigned busy_permille;
    bool ended;
};

struct crew {
    struct loop *loop;
    struct counters *counters;
    void (*said_cb)(void *arg, unsigned from, json_t *said);
    void *arg;
    unsigned count; /* with the first: mates are 1…count-1 */
    struct mate mates[WORKERS_MAX];
    GHashTable *rooms; /* number → room that has a mirror */
    uint32_t rooms_made;
};

void note_drop(struct note *n)
{
    switch ((enum note_kind)n->kind) {
    case NOTE_QUESTION:
    case NOTE_SAID:
        json_decref(n->what);
        break;
    case NOTE_PACKET:
        packet_unref(n->what);
        break;
    case NOTE_OPEN:
    case NOTE_CLOSE:
    case NOTE_NEWS:
    case NOTE_COUNTERS:
    case NOTE_PUBLISHER:
    case NOTE_SOURCE:
    case NOTE_PUSH:
    case NOTE_STOP:
    case NOTE_VIEWERS:
    case NOTE_KEYFRAME:
    case NOTE_LOW:
    case NOTE_ENDED:
        g_free(n->what);
        break;
    }
    n->what = NULL;
}

struct crew *crew_new(struct loop *loop, struct counters *counters,
                      void (*said_cb)(void *arg, unsigned from, json_t *said), void *arg)
{
    struct crew *c = g_new0(struct crew, 1);
    c->loop = loop;
    c->counters = counters;
    c->said_cb = said_cb;
    c->arg = arg;
    c->count = 1;
    c->rooms = g_hash_table_new(NULL, NULL);
    return c;
}

static void mail_empty(struct mail *m)
{
    struct note n;
    do {
        while (mail_take(m, &n))
            note_drop(&n);
        mail_flush(m); /* what was put aside comes forth */
    } while (!mail_is_empty(m));
}

void crew_free(struct crew *c)
{
    if (!c)
        return;
    for (unsigned i = 1; i < c->count; i++) {
        loop_remove(c->loop, &c->mates[i].watch);
        mail_empty(c->mates[i].to);
        mail_empty(c->mates[i].from);
        mail_free(c->mates[i].to);
        mail_free(c->mates[i].from);
    }
    g_hash_table_unref(c->rooms);
    g_free(c);
}

static void crew_note(struct mate *m, struct note *n, int64_t now_us)
{
    struct crew *c = m->crew;
    struct room *r = g_hash_table_lookup(c->rooms, GUINT_TO_POINTER(n->room));
    switch ((enum note_kind)n->kind) {
    case NOTE_SAID:
        c->said_cb(c->arg, m->number, g_steal_pointer(&n->what));
        break;
    case NOTE_VIEWERS:
        if (r)
            room_set_away(r, m->number, n->what, now_us);
        break;
    case NOTE_KEYFRAME:
        if (r)
            room_want_keyframe(r, (enum keyframe_reason)n->number, now_us);
        break;
    case NOTE_LOW:
        if (r)
            small_want_away(r, n->number != 0, now_us);
        break;
    case NOTE_COUNTERS:
        m->counters = *(struct counters *)n->what;
        m->busy_permille = n->number;
        break;
    case NOTE_ENDED:
        m->ended = true;
        break;
    case NOTE_QUESTION:
    case NOTE_OPEN:
    case NOTE_CLOSE:
    case NOTE_NEWS:
    case NOTE_PUBLISHER:
    case NOTE_SOURCE:
    case NOTE_PACKET:
    case NOTE_PUSH:
    case NOTE_STOP:
        break;
    }
    note_drop(n);
}

static void crew_readable(void *arg, uint32_t events)
{
    struct mate *m = arg;
    struct note n;
    int64_t now_us = clock_us();
    (void)events;
    mail_heard(m->from);
    while (mail_take(m->from, &n))
        crew_note(m, &n, now_us);
}

bool crew_add(struct crew *c, struct mail **to, struct mail **from)
{
    if (c->count == WORKERS_MAX)
        return false;
    struct mate *m = &c->mates[c->count];
    *m = (struct mate){.crew = c, .number = c->count++, .to = mail_new(), .from = mail_new()};
    m->watch = (struct watch){.fd = mail_fd(m->from), .events = EPOLLIN, .ready_cb = crew_readable, .arg = m};
    loop_add(c->loop, &m->watch);
    *to = m->to;
    *from = m->from;
    return true;
}

void crew_flush(struct crew *c)
{
    for (unsigned i = 1; i < c->count; i++)
        mail_flush(c->mates[i].to);
}

void crew_stop(struct crew *c)
{
    for (unsigned i = 1; i < c->count; i++)
        mail_put(c->mates[i].to, &(struct note){.kind = NOTE_STOP}, true);
}

bool crew_has_ended(const struct crew *c)
{
    for (unsigned i = 1; i < c->count; i++)
        if (!c->mates[i].ended)
            return false;
    return true;
}

unsigned crew_choose(const struct crew *c, unsigned first_load, unsigned busy_most)
{
    unsigned best = 0, least = first_load;
    for (unsigned i = 1; i < c->count; i++)
        if (c->mates[i].viewers < least && c->mates[i].busy_permille < busy_most)
            best = i, least = c->mates[i].viewers;
    return best;
}

void crew_add_load(struct crew *c, unsigned worker, int viewers)
{
    c->mates[worker].viewers += (unsigned)viewers;
}

unsigned crew_viewers(const struct crew *c)
{
    unsigned sum = 0;
    for (unsigned i = 1; i < c->count; i++)
        sum += c->mates[i].viewers;
    return sum;
}

void crew_add_counters(const struct crew *c, struct counters *sum)
{
    for (unsigned i = 1; i < c->count; i++)
        counters_add(sum, &c->mates[i].counters);
}

void crew_ask(struct crew *c, unsigned worker, json_t *question)
{
    mail_put(c->mates[worker].to, &(struct note){.kind = NOTE_QUESTION, .what = question}, true);
}

static struct room_news *crew_news_of(const struct room *r)
{
    struct room_news *news = g_new0(struct room_news, 1);
    const struct track *tracks[ROOM_TRACKS] = {&r->video, &r->audio, &r->small.track};
    *news = (struct room_news){.state = r->state,
                               .paused = r->paused,
                               .was_live = r->was_live,
                               .clock_known = r->clock_known,
                               .clock_shift_us = r->clock_shift_us,
                               .low = small_available(r),
                               .layered = r->small.layered};
    for (int i = 0; i < ROOM_TRACKS; i++) {
        news->tracks[i].codec = tracks[i]->codec;
        news->tracks[i].report_known = tracks[i]->report_known;
        news->tracks[i].report_us = tracks[i]->report_us;
        news->tracks[i].report_timestamp = tracks[i]->report_timestamp;
    }
    return news;
}

static void crew_send_packets(struct mate *m, const struct room *r, const struct track *t, uint64_t from)
{
    struct note n = {.kind = NOTE_PACKET,
                     .number = t == &r->audio   ? ROOM_AUDIO
                               : t == &r->video ? ROOM_VIDEO
                                                : ROOM_LOW,
                     .room = r->number};
    for (uint64_t i = MAX(from, history_oldest(t->history)); i < t->released; i++) {
        struct packet *p = history_get(t->history, i);
        if (!p)
            continue;
        n.what = packet_ref(p);
        if (!mail_put(m->to, &n, false)) {
            m->crew->counters->mail_full++;
            packet_unref(p);
        }
    }
}

/* A joiner there starts like one here: video from the cached keyframe, sound at the live edge. */
void crew_mirror(struct crew *c, unsigned worker, struct room *r)
{
    struct mate *m = &c->mates[worker];
    if (r->away >> worker & 1)
        return;
    if (!r->number)
        r->number = ++c->rooms_made;
    r->away |= 1u << worker;
    g_hash_table_insert(c->rooms, GUINT_TO_POINTER(r->number), r);
    mail_put(m->to, &(struct note){.kind = NOTE_OPEN, .room = r->number, .what = g_strdup(r->name)}, true);
    mail_put(m->to, &(struct note){.kind = NOTE_NEWS, .room = r->number, .what = crew_news_of(r)}, true);
    small_tell_away(r); /* later on changes are told, from what all mirrors know */
    if (gop_can_start(&r->video.gop, r->video.history))
        crew_send_packets(m, r, &r->video, r->video.gop.key_index);
    if (r->audio.released)
        crew_send_packets(m, r, &r->audio, r->audio.released - 1);
}

/* To every worker that mirrors the room, each its own copy. */
static void crew_tell(struct crew *c, const struct room *r, enum note_kind kind, const char *text)
{
    for (unsigned i = 1; i < c->count; i++) {
        struct note n = {.kind = (uint16_t)kind, .room = r->number};
        if (!(r->away >> i & 1))
            continue;
        n.what = kind == NOTE_NEWS ? (void *)crew_news_of(r) : (void *)g_strdup(text);
        mail_put(c->mates[i].to, &n, true);
    }
}

void crew_room_closed(struct crew *c, struct room *r, const char *why)
{
    crew_tell(c, r, NOTE_CLOSE, why);
    if (r->number)
        g_hash_table_remove(c->rooms, GUINT_TO_POINTER(r->number));
    r->away = 0;
}

void crew_room_news(struct crew *c, const struct room *r)
{
    crew_tell(c, r, NOTE_NEWS, NULL);
}

void crew_room_publisher(struct crew *c, const struct room *r)
{
    crew_tell(c, r, NOTE_PUBLISHER, NULL);
}

void crew_room_source(struct crew *c, const struct room *r)
{
    crew_tell(c, r, NOTE_SOURCE, NULL);
}

void crew_room_packets(struct crew *c, const struct room *r, const struct track *t, uint64_t from)
{
    for (unsigned i = 1; i < c->count; i++)
        if (r->away >> i & 1)
            crew_send_packets(&c->mates[i], r, t, from);
}

void crew_room_push(struct crew *c, const struct room *r)
{
    for (unsigned i = 1; i < c->count; i++)
        if (r->away >> i & 1)
            mail_put(c->mates[i].to, &(struct note){.kind = NOTE_PUSH, .room = r->number}, false);
}
