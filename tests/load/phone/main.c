/* main.c of phone: a farmer's phone for demonstrations and tests: publishes by WHIP with real ICE, DTLS and
 * SRTP, and comes back by itself when the line breaks or the server is not ready for it.
 *
 *   phone --url https://HOST/whip/STALL --token T [--video FILE] [--codec h264|vp8] [--insecure|--ca FILE]
 *         [--duration S] [--pattern ball|smpte|snow|…]
 *
 * One JSON line per change of state on stdout. SIGTERM and SIGINT say goodbye to the server (DELETE).
 * Exit code 0: it was on air at least once; 1: never; 2: misused. */
#include "tests/load/phone/picture.h"
#include "tests/load/phone/session.h"
#include "tests/load/phone/whip.h"

#include <curl/curl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OFFER_MS = 10000, TICK_MS = 200, WAIT_FIRST_MS = 500, WAIT_MOST_MS = 10000, WAIT_REFUSED_MS = 3000 };

static struct {
    char *url, *token, *video, *codec, *ca, *pattern;
    int duration_s;
    gboolean insecure;
} options;

static bool stop;
static bool was_on_air;
static int64_t end_ms; /* 0: never */

static void on_signal(int number)
{
    (void)number;
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
}

static bool over(void)
{
    return __atomic_load_n(&stop, __ATOMIC_RELAXED) ||
           (end_ms > 0 && g_get_monotonic_time() / 1000 >= end_ms);
}

static void tell(const char *state, const char *why, int status, int wait_ms)
{
    json_t *line = json_pack("{s:I, s:s}", "at", (json_int_t)(g_get_real_time() / 1000), "state", state);
    if (why && why[0])
        json_object_set_new(line, "why", json_stringn_nocheck(why, strlen(why)));
    if (status > 0)
        json_object_set_new(line, "status", json_integer(status));
    if (wait_ms > 0)
        json_object_set_new(line, "wait_ms", json_integer(wait_ms));
    char *text = json_dumps(line, JSON_COMPACT | JSON_ENSURE_ASCII);
    if (text)
        puts(text);
    fflush(stdout);
    free(text);
    json_decref(line);
}

/* Stays with a connection until it breaks or the phone is told to stop. True when media flowed. */
static bool stay(struct session *s)
{
    enum session_state state = SESSION_OFFERED;
    bool on_air = false;
    while (!over() && state != SESSION_LOST) {
        enum session_state now = session_state(s, state, TICK_MS);
        if (now == SESSION_CONNECTED && !on_air) {
            on_air = was_on_air = true;
            tell("publishing", NULL, 0, 0);
        }
        state = now;
    }
    if (state == SESSION_LOST)
        tell("lost", on_air ? "the line broke" : "no connection", 0, 0);
    return on_air;
}

/* One attempt from camera to goodbye. Returns how long to wait before the next, or 0: at once with a short
 * wait. */
static int publish(const struct whip_door *door, const struct session_shape *shape, bool *on_air)
{
    struct whip_reply reply = {0};
    int wait_ms = 0;
    *on_air = false;
    tell("connecting", NULL, 0, 0);
    struct session *s = session_new(shape);
    const char *offer = session_offer(s, OFFER_MS);
    if (!offer)
        tell("failed", "no offer", 0, 0);
    else {
        whip_post(door, offer, &reply);
        if (reply.status != 201) {
            tell(reply.status ? "refused" : "unreachable", reply.words, reply.status, reply.retry_ms);
            wait_ms = reply.retry_ms > 0 ? reply.retry_ms : reply.status ? WAIT_REFUSED_MS : 0;
        } else if (!session_answer(s, reply.answer))
            tell("failed", "the answer makes no sense", reply.status, 0);
        else
            *on_air = stay(s);
    }
    if (reply.session && reply.session[0]) {
        int status = whip_delete(door, reply.session);
        if (over())
            tell("deleted", NULL, status, 0);
    }
    session_free(s);
    whip_reply_done(&reply);
    return wait_ms;
}

static void pause_ms(int wait_ms)
{
    int64_t until_ms = g_get_monotonic_time() / 1000 + wait_ms;
    while (!over() && g_get_monotonic_time() / 1000 < until_ms)
        g_usleep(20000);
}

static void keep_publishing(const struct whip_door *door, const struct session_shape *shape)
{
    int wait_ms = WAIT_FIRST_MS;
    while (!over()) {
        bool on_air;
        int asked_ms = publish(door, shape, &on_air);
        if (over())
            return;
        wait_ms = on_air ? WAIT_FIRST_MS : MIN(wait_ms * 2, WAIT_MOST_MS);
        /* A little chance, so that a thousand phones do not come back in the same millisecond. */
        int chosen_ms = (asked_ms > 0 ? asked_ms : wait_ms) + g_random_int_range(0, 200);
        tell("waiting", NULL, 0, chosen_ms);
        pause_ms(chosen_ms);
    }
}

static bool read_options(int *argc, char ***argv)
{
    const GOptionEntry entries[] = {
        {"url", 0, 0, G_OPTION_ARG_STRING, &options.url, "WHIP endpoint", "URL"},
        {"token", 0, 0, G_OPTION_ARG_STRING, &options.token, "bearer token", "TOKEN"},
        {"video", 0, 0, G_OPTION_ARG_FILENAME, &options.video, "film this file, round and round", "FILE"},
        {"codec", 0, 0, G_OPTION_ARG_STRING, &options.codec, "h264 (default) or vp8", "CODEC"},
        {"pattern", 0, 0, G_OPTION_ARG_STRING, &options.pattern, "test picture (default ball)", "NAME"},
        {"insecure", 0, 0, G_OPTION_ARG_NONE, &options.insecure, "trust any certificate", NULL},
        {"ca", 0, 0, G_OPTION_ARG_FILENAME, &options.ca, "trust this certificate", "FILE"},
        {"duration", 0, 0, G_OPTION_ARG_INT, &options.duration_s, "stop after so many seconds", "S"},
        {0},
    };
    g_autoptr(GError) error = NULL;
    g_autoptr(GOptionContext) context = g_option_context_new("- publishes a test picture by WHIP");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, &error))
        fprintf(stderr, "%s\n", error->message);
    else if (!options.url)
        fprintf(stderr, "--url is missing\n");
    else if (options.codec && strcmp(options.codec, "h264") != 0 && strcmp(options.codec, "vp8") != 0)
        fprintf(stderr, "--codec is h264 or vp8\n");
    else if (options.video && access(options.video, R_OK) != 0)
        fprintf(stderr, "%s cannot be read\n", options.video);
    else
        return true;
    return false;
}

int main(int argc, char **argv)
{
    if (!read_options(&argc, &argv))
        return 2;
    const struct sigaction act = {.sa_handler = on_signal};
    sigaction(SIGTERM, &act, NULL);
    sigaction(SIGINT, &act, NULL);
    signal(SIGPIPE, SIG_IGN);
    gst_init(NULL, NULL);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    if (options.duration_s > 0)
        end_ms = g_get_monotonic_time() / 1000 + options.duration_s * INT64_C(1000);
    const struct whip_door door = {options.url, options.token, options.ca, options.insecure, &stop};
    const struct session_shape shape = {.vp8 = options.codec && strcmp(options.codec, "vp8") == 0,
                                        .file = options.video != NULL,
                                        .pattern = options.pattern ? options.pattern : "ball"};
    g_autoptr(GError) error = NULL;
    GstElement *player = options.video ? picture_player(options.video, &error) : NULL;
    if (options.video && !player) {
        fprintf(stderr, "%s\n", error->message);
        return 2;
    }
    keep_publishing(&door, &shape);
    picture_player_free(player);
    tell("ended", NULL, 0, 0);
    return was_on_air || stop ? 0 : 1; /* told to go before it was on air: no failure */
}
