/* stage.h: a running relay (booth.h) with one room, "chim", and a phone (remote.h) that may go live in it;
 * its ingest is a mirror. Functions that fail fail the test. */
#ifndef TESTS_STAGE_H
#define TESTS_STAGE_H

#include "streamer/link.h"
#include "streamer/relay/rtp.h"
#include "tests/unit/streamer/booth.h"
#include "tests/unit/streamer/remote.h"

enum { PHONE_AUDIO = 0x1111, PHONE_VIDEO = 0x2222, STAGE_KEY = 600, STAGE_DELTA = 300, STAGE_OPUS = 80 };
extern const uint8_t stage_vp8_key[STAGE_KEY], stage_vp8_delta[STAGE_DELTA], stage_opus[STAGE_OPUS];

struct stage { /* a worker with one room, a phone in it */
    struct booth booth;
    struct remote phone;
    uint64_t audio_index, video_index;
    uint32_t video_ts;
    unsigned sessions;
    char session[LINK_SESSION_NAME + 1]; /* the last one made */
};

struct stage *stage_open(const struct worker_options *more); /* what booth_open_with does not fill in */
void stage_close(struct stage *s);

void stage_open_room(struct stage *s, const char *room);
/* Asks "publish" or "watch"; the answer is the caller's, and r has taken its SDP if there was one. */
json_t *stage_open_session(struct stage *s, const char *type, const char *room, struct remote *r);
void stage_join(struct stage *s, const char *type, struct remote *r); /* "chim", connected */
void stage_watch(struct stage *s, struct remote *r); /* r anew: a viewer of "chim", connected */
void stage_send_video(struct stage *s, bool key);    /* one packet, one frame */
void stage_send_audio(struct stage *s);
void stage_go_live(struct stage *s);
/* The next packet of an SSRC, opened, in `bytes` (1600 of them); its header. */
struct rtp_head stage_next_of(struct remote *r, uint32_t ssrc, uint8_t *bytes);

#endif
