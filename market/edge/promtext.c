/* promtext.c: families, samples, and the relay's counters put into families. */
#include "market/edge/promtext.h"

#include <string.h>

enum { QUEUE_BOUNDS_MAX = 16 };

/* Counters people look for by name; the rest are samples of relay_events_total. */
static const struct {
    const char *counter, *metric, *help;
} named[] = {
    {"datagrams_in", "relay_received_datagrams_total", "UDP datagrams that came in."},
    {"datagrams_out", "relay_sent_datagrams_total", "UDP datagrams sent."},
    {"rtp_out", "relay_sent_rtp_packets_total", "Media packets sent to viewers."},
    {"rtp_bytes_out", "relay_sent_rtp_bytes_total", "Bytes of sealed media sent to viewers."},
    {"srtp_refused", "relay_srtp_auth_fail_total", "Media packets that were not authentic."},
    {"srtcp_refused", "relay_srtcp_auth_fail_total", "Control packets that were not authentic."},
    {"srtp_replayed", "relay_srtp_replayed_total", "Media packets that had come before."},
    {"stun_bad_integrity", "relay_ice_bad_integrity_total", "STUN checks made with a wrong password."},
    {"dtls_unproved", "relay_dtls_gate_drop_total", "DTLS records from addresses no STUN check has proved."},
    {"dtls_failed", "relay_dtls_failed_total", "Handshakes that failed or took too long."},
    {"nacks", "relay_nack_total", "Lost packets that viewers asked for again."},
    {"resent", "relay_resent_packets_total", "Packets sent again."},
    {"plis_in", "relay_pli_total", "Keyframes that viewers asked for."},
    {"keyframes_asked", "relay_keyframes_asked_total", "Keyframes asked from phones."},
    {"joins", "relay_joins_total", "Viewers whose handshake was done."},
    {"joins_cached", "relay_joins_cached_total", "Joins shown a picture at once from the cache."},
    {"viewers_refused", "relay_viewers_refused_total", "Viewers sent away because all places were taken."},
    {"viewers_lagged", "relay_viewers_lagged_total",
     "Times a viewer fell behind and was moved to a keyframe."},
    {"publishes", "relay_publishes_total", "Phones that began to publish."},
    {"takeovers", "relay_takeovers_total", "Phones that took over from an older connection."},
    {"rendition_switches", "relay_rendition_switches_total", "Times a viewer got another rendition."},
    {"transcodes", "relay_transcodes_total", "Low renditions started in studio."},
    {"low_missed", "relay_low_missed_total",
     "Times a viewer got sound alone while no low rendition could be made for it."},
    {"child_deaths", "relay_child_deaths_total", "Deaths of ingest and studio processes."},
};

bool promtext_is_name(const char *text)
{
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
    return g_ascii_islower(text[0]) && text[length] == '\0' && length <= 64;
}

void promtext_family(GString *out, const char *name, const char *type, const char *help)
{
    g_string_append_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void promtext_sample(GString *out, const char *name, const char *label, const char *value, uint64_t number)
{
    g_string_append(out, name);
    if (label)
        g_string_append_printf(out, "{%s=\"%s\"}", label, value);
    g_string_append_printf(out, " %" G_GUINT64_FORMAT "\n", number);
}

void promtext_one(GString *out, const char *name, const char *type, const char *help, uint64_t number)
{
    promtext_family(out, name, type, help);
    promtext_sample(out, name, NULL, NULL, number);
}

void promtext_seconds(GString *out, const char *name, const char *help, const uint32_t *bounds_us,
                      const uint64_t *counts, size_t bounds, uint64_t sum_us)
{
    uint64_t total = 0;
    promtext_family(out, name, "histogram", help);
    for (size_t i = 0; i < bounds; i++) {
        total += counts[i];
        g_string_append_printf(out, "%s_bucket{le=\"%u.%06u\"} %" G_GUINT64_FORMAT "\n", name,
                               bounds_us[i] / 1000000, bounds_us[i] % 1000000, total);
    }
    total += counts[bounds];
    g_string_append_printf(out, "%s_bucket{le=\"+Inf\"} %" G_GUINT64_FORMAT "\n", name, total);
    g_string_append_printf(out, "%s_sum %" G_GUINT64_FORMAT ".%06u\n%s_count %" G_GUINT64_FORMAT "\n", name,
                           sum_us / 1000000, (unsigned)(sum_us % 1000000), name, total);
}

static bool is_named(const char *counter)
{
    for (size_t i = 0; i < G_N_ELEMENTS(named); i++)
        if (!strcmp(named[i].counter, counter))
            return true;
    return false;
}

static uint64_t count_of(const json_t *value)
{
    json_int_t number = json_integer_value(value);
    return number < 0 ? 0 : (uint64_t)number;
}

static void promtext_relay_stages(GString *out, const json_t *stages)
{
    const char *stage;
    json_t *value;
    if (!json_is_object(stages))
        return;
    promtext_family(out, "relay_stage_seconds_total", "counter", "The relay's time by what it was spent on.");
    json_object_foreach((json_t *)(uintptr_t)stages, stage, value)
    {
        uint64_t us = count_of(value);
        if (json_is_integer(value) && promtext_is_name(stage))
            g_string_append_printf(out,
                                   "relay_stage_seconds_total{stage=\"%s\"} %" G_GUINT64_FORMAT ".%06u\n",
                                   stage, us / 1000000, (unsigned)(us % 1000000));
    }
}

static void promtext_relay_queue(GString *out, const json_t *queue)
{
    uint32_t bounds_us[QUEUE_BOUNDS_MAX];
    uint64_t counts[QUEUE_BOUNDS_MAX + 1];
    const json_t *bounds = json_object_get(queue, "bounds_us"), *each = json_object_get(queue, "counts");
    size_t size = json_array_size(bounds);
    if (size == 0 || size > QUEUE_BOUNDS_MAX || json_array_size(each) != size + 1)
        return;
    for (size_t i = 0; i <= size; i++) {
        counts[i] = count_of(json_array_get(each, i));
        if (i < size)
            bounds_us[i] = (uint32_t)count_of(json_array_get(bounds, i));
    }
    promtext_seconds(out, "relay_queue_seconds", "From a packet's arrival to the last viewer's copy of it.",
                     bounds_us, counts, size, count_of(json_object_get(queue, "sum_us")));
}

void promtext_relay(GString *out, const json_t *stats)
{
    json_t *counters = json_object_get(stats, "counters"), *value;
    const char *name;
    promtext_one(out, "relay_up", "gauge", "1 when the relay answers.", json_is_object(counters));
    if (!json_is_object(counters))
        return;
    promtext_one(out, "relay_rooms", "gauge", "Rooms the relay holds.",
                 count_of(json_object_get(stats, "rooms")));
    promtext_one(out, "relay_viewers", "gauge", "Viewers of all rooms.",
                 count_of(json_object_get(stats, "viewers")));
    for (size_t i = 0; i < G_N_ELEMENTS(named); i++)
        if (json_is_integer(value = json_object_get(counters, named[i].counter)))
            promtext_one(out, named[i].metric, "counter", named[i].help, count_of(value));
    promtext_family(out, "relay_events_total", "counter", "Everything else the relay counts.");
    json_object_foreach(counters, name, value)
    {
        if (json_is_integer(value) && promtext_is_name(name) && !is_named(name))
            promtext_sample(out, "relay_events_total", "event", name, count_of(value));
    }
    promtext_relay_stages(out, json_object_get(stats, "stage_us"));
    promtext_relay_queue(out, json_object_get(stats, "queue"));
}
