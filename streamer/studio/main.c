/* main.c of studio: everything that decodes or writes, for one room: poster pictures and the recording, or,
 * in a process of its own and only while a viewer needs it, the low rendition (shrink.c).
 *
 * A child of its own, so that a decoder's crash or a slow disk never reaches the live picture. The main
 * thread reads file descriptor 3, puts packets on one timeline and hands them to two pipelines that know
 * nothing of each other. */
#include "streamer/pipeline/child.h"
#include "streamer/pipeline/rtp.h"
#include "streamer/pipeline/say.h"
#include "streamer/studio/lips.h"
#include "streamer/studio/polite.h"
#include "streamer/studio/posters.h"
#include "streamer/studio/recorder.h"
#include "streamer/studio/shrink.h"
#include "streamer/studio/timeline.h"

enum {
    TICK_MS = 200,
    FINISH_MS = 2500,         /* the relay waits three seconds after PIPE_END */
    BYTES_MOST = 1500 * 1000, /* taken in a second, 12 Mb/s: four times what a phone sends */
    KEY_FIRST_MS = 1000,      /* a missing first keyframe is asked for after this */
    KEY_AGAIN_MS = 12000,     /* a later one after this, and never more often */
    KEY_GAP_MS = 4000,
    POSTERS_RETRY_MS = 30000,
};

static const char *const studio_plugins[] = {"app",
                                             "coreelements",
                                             "isomp4",
                                             "jpeg",
                                             "libav",
                                             "matroska",
                                             "opus",
                                             "opusparse",
                                             "rtp",
                                             "rtpmanager",
                                             "videoconvertscale",
                                             "videoparsersbad",
                                             "vpx",
                                             "x264",
                                             NULL};
static const struct plugin_set studio_set = {"studio", studio_plugins};

struct studio {
    struct setup setup;
    struct wire wire;
    struct timeline video, audio;
    struct lips lips;
    bool led; /* a sender report counted, and the log has it */
    struct posters posters;
    struct recorder recorder;
    struct polite polite;
    bool posters_run;
    int64_t posters_retry_us;
    int64_t heard_us;  /* the latest video packet */
    int64_t second_us; /* start of the second that is counted */
    size_t second_bytes;
    unsigned refused;
};

static void studio_posters(struct studio *st, int64_t now_us)
{
    if (st->setup.codec == SETUP_NO_VIDEO || st->setup.poster_ms == 0)
        return;
    if (st->posters_run && posters_broken(&st->posters)) {
        posters_stop(&st->posters);
        st->posters_run = false;
        st->posters_retry_us = now_us + POSTERS_RETRY_MS * INT64_C(1000);
    }
    if (!st->posters_run && now_us >= st->posters_retry_us) {
        st->posters_run = posters_start(&st->posters, &st->setup, &st->wire);
        if (!st->posters_run)
            posters_stop(&st->posters);
        st->posters_retry_us = now_us + POSTERS_RETRY_MS * INT64_C(1000);
    }
}

static bool studio_admit(struct studio *st, size_t length, int64_t at_us)
{
    if (at_us - st->second_us >= 1000000) {
        st->second_us = at_us;
        st->second_bytes = 0;
    }
    st->second_bytes += length;
    return st->second_bytes <= BYTES_MOST;
}

static void studio_rtp(struct studio *st, const struct pipe_head *head, const uint8_t *packet)
{
    const struct setup *s = &st->setup;
    struct rtp_glance look;
    int64_t now_us = g_get_monotonic_time();
    bool read = rtp_look(&look, packet, head->length) && studio_admit(st, head->length, now_us);
    if (read && s->codec != SETUP_NO_VIDEO && look.pt == s->video_pt) {
        int64_t us = timeline_us(&st->video, look.timestamp, now_us);
        st->heard_us = now_us;
        st->lips.video_ssrc = look.ssrc;
        if (st->posters_run)
            posters_rtp(&st->posters, packet, head->length, us);
        if (s->record)
            recorder_video(&st->recorder, packet, head->length, us);
    } else if (read && s->audio && look.pt == s->audio_pt) {
        int64_t us = timeline_us(&st->audio, look.timestamp, now_us);
        st->lips.audio_ssrc = look.ssrc;
        if (s->record)
            recorder_audio(&st->recorder, packet, head->length, us);
    } else
        st->refused++;
}

static void studio_report(struct studio *st, const uint8_t *rtcp, size_t length)
{
    if (!lips_report(&st->lips, rtcp, length, &st->video, &st->audio, g_get_monotonic_time()))
        return;
    if (!st->led)
        say(SAY_INFO, "studio.lips", "s:i", "apart_ms", (int)(-st->audio.lead_us / 1000));
    st->led = true;
}

/* A first poster and a recording that cannot start are worth a keyframe soon; a fresher poster only after a
 * while. */
static void studio_ask(struct studio *st, int64_t now_us)
{
    bool streams = st->heard_us != 0 && now_us - st->heard_us < 1000000;
    bool first = recorder_wants_keyframe(&st->recorder) || (st->posters_run && posters_none(&st->posters));
    bool late = st->posters_run && posters_due(&st->posters, now_us);
    int64_t patience_ms = first ? KEY_FIRST_MS : MAX(KEY_AGAIN_MS, 3 * (int64_t)st->setup.poster_ms);
    int64_t gap_ms = first ? KEY_GAP_MS : patience_ms;
    if (polite_ask(&st->polite, streams && (first || late), patience_ms * 1000, gap_ms * 1000, now_us))
        wire_send(&st->wire, PIPE_KEYFRAME, PIPE_VIDEO, 0, NULL, 0);
}

static void studio_tick(struct studio *st)
{
    static int64_t last_us;
    int64_t now_us = g_get_monotonic_time();
    if (now_us - last_us < TICK_MS * INT64_C(1000))
        return;
    last_us = now_us;
    studio_posters(st, now_us);
    recorder_tick(&st->recorder, now_us);
    studio_ask(st, now_us);
}

/* The relay said so, or is gone: what was recorded is to be whole either way. */
static void studio_finish(struct studio *st)
{
    int64_t end_us = g_get_monotonic_time() + FINISH_MS * INT64_C(1000);
    while (!recorder_finish(&st->recorder) && g_get_monotonic_time() < end_us)
        g_usleep(10000);
    recorder_abandon(&st->recorder);
    child_leave(CHILD_DONE);
}

static void studio_take(struct studio *st, const struct pipe_head *head, const uint8_t *bytes)
{
    switch ((enum pipe_type)head->type) {
    case PIPE_RTP:
        studio_rtp(st, head, bytes);
        break;
    case PIPE_PING:
        wire_send(&st->wire, PIPE_PONG, PIPE_NONE, 0, NULL, 0);
        break;
    case PIPE_END:
        studio_finish(st);
        break;
    case PIPE_RTCP:
        studio_report(st, bytes, head->length);
        break;
    case PIPE_SETUP:
    case PIPE_READY:
    case PIPE_KEYFRAME:
    case PIPE_PONG:
    case PIPE_STATS:
    case PIPE_FILE:
        break;
    }
}

int main(int argc, char **argv)
{
    static struct studio st = {.video = {.rate = 90000}, .audio = {.rate = 48000}};
    static uint8_t bytes[PIPE_TEXT_MAX];
    struct pipe_head head;

    child_begin("studio", argc, argv, &studio_set, true, &st.wire, &st.setup);
    if (st.setup.low_kbps > 0)
        shrink_run(&st.setup, &st.wire);
    child_load(&studio_set);
    recorder_init(&st.recorder, &st.setup, &st.wire);
    studio_posters(&st, g_get_monotonic_time());
    child_shut(&st.wire, SANDBOX_FILES);
    say(SAY_INFO, "studio.ready", "s:b, s:b", "posters", st.posters_run, "record", st.setup.record);
    wire_patience(&st.wire, TICK_MS);
    for (;;) {
        enum wire_got got = wire_read(&st.wire, &head, bytes);
        if (got == WIRE_END)
            studio_finish(&st);
        if (got == WIRE_MESSAGE)
            studio_take(&st, &head, bytes);
        studio_tick(&st);
    }
}
