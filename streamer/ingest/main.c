/* main.c of ingest: one phone's packets through rtpbin and back to the relay.
 *
 * The main thread reads file descriptor 3 and does nothing that could wait: a wait here is a gap for every
 * viewer. A crash costs the stream a tenth of a second, since packets wait in the socket of the next child.
 */
#include "streamer/ingest/intake.h"
#include "streamer/pipeline/child.h"
#include "streamer/pipeline/say.h"

#include <jansson.h>

enum { STATS_MS = 1000 };

static const char *const ingest_plugins[] = {"app", "coreelements", "rtp", "rtpmanager", NULL};
static const struct plugin_set ingest_set = {"ingest", ingest_plugins};

static void ingest_stats(struct intake *in)
{
    static int64_t last_ms;
    int64_t now_ms = g_get_monotonic_time() / 1000;
    if (now_ms - last_ms < STATS_MS)
        return;
    last_ms = now_ms;
    struct tally_sum sum = tally_read(&in->tally);
    if (patience_follow(&in->patience))
        say(SAY_INFO, "ingest.patience", "s:i", "wait_ms", (int)in->patience.ms);
    unsigned dropped = __atomic_load_n(&in->wire->dropped, __ATOMIC_RELAXED);
    wire_send_json(in->wire, PIPE_STATS, "{s:I, s:I, s:I, s:I, s:I, s:I}", "lost", (json_int_t)sum.lost,
                   "recovered", (json_int_t)sum.recovered, "received", (json_int_t)sum.received, "jitter_ms",
                   (json_int_t)sum.jitter_ms, "refused", (json_int_t)in->refused, "dropped",
                   (json_int_t)dropped);
}

static void ingest_take(struct intake *in, const struct pipe_head *head, const uint8_t *bytes)
{
    switch ((enum pipe_type)head->type) {
    case PIPE_RTP:
        intake_rtp(in, head, bytes);
        break;
    case PIPE_RTCP:
        intake_rtcp(in, head, bytes);
        break;
    case PIPE_KEYFRAME:
        intake_keyframe(in, head->layer);
        break;
    case PIPE_PING:
        wire_send(in->wire, PIPE_PONG, PIPE_NONE, 0, NULL, 0);
        break;
    case PIPE_END:
        child_leave(CHILD_DONE);
    case PIPE_SETUP: /* the first one stands: a new phone gets a new child */
    case PIPE_READY:
    case PIPE_PONG:
    case PIPE_STATS:
    case PIPE_FILE:
        break;
    }
}

int main(int argc, char **argv)
{
    static struct wire wire;
    static struct setup setup;
    static struct intake in;
    static uint8_t bytes[PIPE_TEXT_MAX];
    struct pipe_head head;
    int64_t started_us = g_get_monotonic_time();

    child_begin("ingest", argc, argv, &ingest_set, false, &wire, &setup);
    intake_build(&in, &setup, &wire);
    child_play(in.pipeline);
    child_shut(&wire, SANDBOX_MEDIA);
    say(SAY_INFO, "ingest.ready", "s:I", "us", (json_int_t)(g_get_monotonic_time() - started_us));
    wire_patience(&wire, STATS_MS);
    for (;;) {
        enum wire_got got = wire_read(&wire, &head, bytes);
        if (got == WIRE_END)
            child_leave(CHILD_DONE);
        if (got == WIRE_MESSAGE)
            ingest_take(&in, &head, bytes);
        ingest_stats(&in);
    }
}
