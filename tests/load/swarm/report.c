/* report.c: one JSON object for one run. */
#include "tests/load/swarm/swarm.h"

#include <string.h>

struct totals {
    uint64_t packets, bytes, expected, lost, video_expected, video_lost, duplicates, late, dropped, rtcp,
        strangers;
    uint64_t asked, repaired, given_up, in_rtx;
    double worst_permille,
        least_permille; /* what even the luckiest viewer missed was lost before the fan-out */
    int starved;        /* connected, and not one packet in the window */
};

static double permille(uint64_t part, uint64_t whole)
{
    return whole ? 1000.0 * (double)part / (double)whole : 0;
}

static void add_viewer(struct totals *t, const struct viewer *v)
{
    uint64_t expected = 0, lost = 0;
    for (int kind = 0; kind < VIEWER_KINDS; kind++) {
        const struct viewer_stream *s = &v->streams[kind];
        expected += seqs_expected(&s->seqs);
        lost += seqs_lost(&s->seqs);
        t->bytes += s->bytes;
        t->duplicates += s->seqs.duplicates;
        t->late += s->seqs.late;
    }
    t->packets += viewer_packets(v);
    t->expected += expected;
    t->lost += lost;
    t->video_expected += seqs_expected(&v->streams[VIEWER_VIDEO].seqs);
    t->video_lost += seqs_lost(&v->streams[VIEWER_VIDEO].seqs);
    t->dropped += v->dropped;
    t->rtcp += v->rtcp;
    t->strangers += v->strangers;
    t->in_rtx += v->repairs_in_rtx;
    t->worst_permille = MAX(t->worst_permille, permille(lost, expected));
    t->least_permille = MIN(t->least_permille, permille(lost, expected));
    t->starved += expected == 0;
    if (v->nacks) {
        t->asked += nacks_asked(v->nacks);
        t->repaired += nacks_repaired(v->nacks);
        t->given_up += nacks_given_up(v->nacks);
    }
}

static json_t *join_json(const struct swarm *s)
{
    struct sample answer, connect, media, video;
    sample_init(&answer), sample_init(&connect), sample_init(&media), sample_init(&video);
    int64_t first = INT64_MAX, last = 0;
    for (int i = 0; i < s->options.viewers; i++) {
        const struct viewer *v = s->seats[i].viewer;
        if (!v || s->seats[i].failed)
            continue;
        first = MIN(first, v->asked_us);
        last = MAX(last, v->connected_us);
        sample_add(&answer, (double)(v->answered_us - v->asked_us) / 1000);
        sample_add(&connect, (double)(v->connected_us - v->asked_us) / 1000);
        if (v->first_media_us)
            sample_add(&media, (double)(v->first_media_us - v->asked_us) / 1000);
        if (v->first_video_us)
            sample_add(&video, (double)(v->first_video_us - v->asked_us) / 1000);
    }
    const double seconds = last > first ? (double)(last - first) / 1e6 : 0;
    json_t *j = json_pack("{s:o, s:o, s:o, s:o, s:o, s:i}", "per_s",
                          sample_real(seconds > 0 ? (double)connect.values->len / seconds : 0), "answer_ms",
                          sample_json(&answer), "connected_ms", sample_json(&connect), "first_media_ms",
                          sample_json(&media), "first_video_ms", sample_json(&video), "retries", s->retries);
    sample_done(&answer), sample_done(&connect), sample_done(&media), sample_done(&video);
    return j;
}

static json_t *checked_json(const struct swarm *s)
{
    struct sample delay, skew;
    uint64_t opened = 0, forged = 0, breaks = 0;
    int viewers = 0, keyed = 0;
    sample_init(&delay), sample_init(&skew);
    for (int i = 0; i < s->options.viewers; i++) {
        const struct viewer *v = s->seats[i].viewer;
        if (!v || s->seats[i].failed || !v->options->decrypt)
            continue;
        viewers++;
        keyed += v->began_with_key;
        for (int kind = 0; kind < VIEWER_KINDS; kind++) {
            opened += v->streams[kind].opened;
            forged += v->streams[kind].not_authentic;
            breaks += v->streams[kind].time_breaks;
        }
        if (v->streams[VIEWER_AUDIO].skew_known && v->streams[VIEWER_VIDEO].skew_known)
            sample_add(&skew,
                       (double)(v->streams[VIEWER_AUDIO].skew_us - v->streams[VIEWER_VIDEO].skew_us) / 1000);
        g_array_append_vals(delay.values, v->delay_ms.values->data, v->delay_ms.values->len);
    }
    json_t *j =
        json_pack("{s:i, s:I, s:I, s:I, s:i, s:o, s:o}", "viewers", viewers, "opened", (json_int_t)opened,
                  "not_authentic", (json_int_t)forged, "time_breaks", (json_int_t)breaks, "began_with_key",
                  keyed, "delay_ms", sample_json(&delay), "lip_skew_ms", sample_json(&skew));
    sample_done(&delay), sample_done(&skew);
    return j;
}

static json_t *relay_json(const struct swarm *s, const struct totals *t)
{
    const double cpu = s->at_end.cpu_s - s->at_measure.cpu_s, user = s->at_end.user_s - s->at_measure.user_s;
    const int joined = MAX(1, s->options.viewers - s->failed);
    const double joins_cpu = s->at_joined.cpu_s - s->at_start.cpu_s;
    return json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:o, s:i}", "pid", (int)s->relay, "cpu_s",
                     sample_real(cpu), "cpu_percent",
                     sample_real(s->measured_s > 0 ? 100 * cpu / s->measured_s : 0), "us_per_packet",
                     sample_real(t->packets ? 1e6 * cpu / (double)t->packets : 0), "user_us_per_packet",
                     sample_real(t->packets ? 1e6 * user / (double)t->packets : 0), "join_ms_cpu",
                     sample_real(1000 * joins_cpu / joined), "rss_kb", (json_int_t)s->at_end.rss_kb,
                     "rss_kb_before", (json_int_t)s->at_start.rss_kb, "rss_kb_per_viewer",
                     sample_real((double)(s->at_end.rss_kb - s->at_start.rss_kb) / joined), "threads",
                     (int)s->at_end.threads);
}

static json_t *publisher_json(const struct swarm *s)
{
    const struct publisher_counts now = publisher_counts(s->publisher), *then = &s->published_before;
    const double seconds = MAX(s->measured_s, 0.001);
    return json_pack("{s:o, s:o, s:I, s:I, s:I, s:I, s:I}", "packets_per_s",
                     sample_real((double)(now.packets - then->packets) / seconds), "kbps",
                     sample_real((double)(now.bytes - then->bytes) * 8 / 1000 / seconds), "keys",
                     (json_int_t)now.keys, "keys_asked", (json_int_t)now.keys_asked, "resent",
                     (json_int_t)now.resent, "unsent", (json_int_t)now.unsent, "bent", (json_int_t)now.bent);
}

static json_t *media_json(const struct totals *t, double seconds, int viewers)
{
    return json_pack(
        "{s:I, s:o, s:o, s:I, s:I, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:i}", "packets",
        (json_int_t)t->packets, "packets_per_s_per_viewer",
        sample_real((double)t->packets / MAX(seconds, 0.001) / MAX(viewers, 1)), "kbps_per_viewer",
        sample_real((double)t->bytes * 8 / 1000 / MAX(seconds, 0.001) / MAX(viewers, 1)), "expected",
        (json_int_t)t->expected, "lost", (json_int_t)t->lost, "gap_permille",
        sample_real(permille(t->lost, t->expected)), "worst_gap_permille", sample_real(t->worst_permille),
        "least_gap_permille", sample_real(MIN(t->least_permille, t->worst_permille)), "duplicates",
        (json_int_t)t->duplicates, "late", (json_int_t)t->late, "rtcp", (json_int_t)t->rtcp, "strangers",
        (json_int_t)t->strangers, "starved", t->starved);
}

static json_t *loss_json(const struct swarm *s, const struct totals *t)
{
    return json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:o}", "percent", sample_real(s->options.loss),
                     "dropped", (json_int_t)t->dropped, "asked", (json_int_t)t->asked, "repaired",
                     (json_int_t)t->repaired, "in_rtx", (json_int_t)t->in_rtx, "given_up",
                     (json_int_t)t->given_up, "video_residual_percent",
                     sample_real(permille(t->video_lost, t->video_expected) / 10));
}

json_t *report(struct swarm *s)
{
    struct totals t = {.least_permille = 1000};
    for (int i = 0; i < s->options.viewers; i++)
        if (s->seats[i].viewer && !s->seats[i].failed)
            add_viewer(&t, s->seats[i].viewer);
    const int joined = s->settled - s->failed;
    json_t *j = json_pack("{s:i, s:i, s:i, s:i, s:s, s:o, s:o, s:o}", "viewers", s->options.viewers,
                          "connected", joined, "failed", s->failed, "gone", s->gone, "profile",
                          s->options.profile, "seconds", sample_real(s->measured_s), "join", join_json(s),
                          "media", media_json(&t, s->measured_s, joined));
    if (s->checked.decrypt)
        json_object_set_new(j, "checked", checked_json(s));
    if (s->plain.nack)
        json_object_set_new(j, "loss", loss_json(s, &t));
    if (s->relay)
        json_object_set_new(j, "relay", relay_json(s, &t));
    if (s->publisher)
        json_object_set_new(j, "publisher", publisher_json(s));
    if (s->error[0])
        json_object_set_new(j, "error", json_string(s->error));
    return j;
}
