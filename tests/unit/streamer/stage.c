/* stage.c: see stage.h. */
#include "tests/unit/streamer/stage.h"
#include "streamer/relay/clock.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

const uint8_t stage_vp8_key[STAGE_KEY] = {0x10, 0x00}, stage_vp8_delta[STAGE_DELTA] = {0x10, 0x01},
              stage_opus[STAGE_OPUS] = {0xfc};

struct stage *stage_open(const struct worker_options *more)
{
    struct stage *s = g_new0(struct stage, 1);
    struct worker_options o = *more;
    o.ingest = MIRROR_INGEST;
    booth_open_with(&s->booth, &o);
    remote_init(&s->phone);
    s->audio_index = s->video_index = 65000;
    stage_open_room(s, "chim");
    return s;
}

void stage_close(struct stage *s)
{
    remote_done(&s->phone);
    booth_close(&s->booth);
    g_free(s);
}

json_t *stage_open_session(struct stage *s, const char *type, const char *room, struct remote *r)
{
    g_autofree char *offer = remote_offer(r, strcmp(type, "watch") == 0);
    g_snprintf(s->session, sizeof s->session, "%032x", ++s->sessions);
    json_t *a = booth_ask(&s->booth, json_pack("{s:s, s:s, s:s, s:s}", "t", type, "room", room, "session",
                                               s->session, "sdp", offer));
    const char *sdp = json_string_value(json_object_get(a, "sdp"));
    if (sdp)
        remote_take_answer(r, sdp);
    return a;
}

void stage_join(struct stage *s, const char *type, struct remote *r)
{
    json_t *a = stage_open_session(s, type, "chim", r);
    assert_true(json_is_true(json_object_get(a, "ok")));
    assert_string_equal(json_string_value(json_object_get(a, "etag")), r->ufrag);
    json_decref(a);
    assert_true(remote_connect(r));
}

void stage_watch(struct stage *s, struct remote *r)
{
    remote_init(r);
    stage_join(s, "watch", r);
}

void stage_open_room(struct stage *s, const char *room)
{
    json_t *a = booth_ask(&s->booth, json_pack("{s:s, s:s, s:b, s:b, s:i}", "t", "room", "room", room,
                                               "record", 0, "paused", 0, "grace_ms", 60000));
    assert_true(json_is_true(json_object_get(a, "ok")));
    json_decref(a);
}

void stage_send_video(struct stage *s, bool key)
{
    s->video_ts += 3600;
    remote_send_rtp(&s->phone, 96, PHONE_VIDEO, s->video_index++, s->video_ts, true,
                    key ? stage_vp8_key : stage_vp8_delta,
                    key ? sizeof stage_vp8_key : sizeof stage_vp8_delta);
}

void stage_send_audio(struct stage *s)
{
    remote_send_rtp(&s->phone, 111, PHONE_AUDIO, s->audio_index, (uint32_t)s->audio_index * 960, false,
                    stage_opus, sizeof stage_opus);
    s->audio_index++;
}

void stage_go_live(struct stage *s)
{
    stage_join(s, "publish", &s->phone);
    stage_send_video(s, true);
    stage_send_audio(s);
    assert_true(booth_wait_event(&s->booth, "room", "state", "live"));
}

struct rtp_head stage_next_of(struct remote *r, uint32_t ssrc, uint8_t *bytes)
{
    struct rtp_head h = {0};
    for (int64_t end = clock_us() + 20000000; clock_us() < end;) {
        size_t n = remote_receive_rtp(r, bytes, 1600, 1000);
        if (n && rtp_read(&h, bytes, n) && h.ssrc == ssrc)
            return h;
    }
    fail_msg("no packet of that stream came");
    return h;
}
