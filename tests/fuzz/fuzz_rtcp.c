/* RTCP compounds, with every listener on. */
#include "streamer/relay/rtcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static unsigned heard;

static void on_sender(void *arg, const struct rtcp_sender *s)
{
    (void)arg;
    heard += s->packets;
}

static void on_block(void *arg, const struct rtcp_block *b)
{
    (void)arg;
    heard += b->jitter;
}

static void on_nack(void *arg, uint32_t ssrc, uint16_t sequence)
{
    (void)arg;
    heard += ssrc + sequence;
}

static void on_ssrc(void *arg, uint32_t ssrc)
{
    (void)arg;
    heard += ssrc;
}

static void on_remb(void *arg, uint64_t bits)
{
    (void)arg;
    heard += (unsigned)bits;
}

static void on_transport(void *arg, const struct rtcp_feedback *f)
{
    (void)arg;
    heard += f->count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const struct rtcp_listener listener = {.sender = on_sender,
                                                  .block = on_block,
                                                  .nack = on_nack,
                                                  .keyframe = on_ssrc,
                                                  .remb = on_remb,
                                                  .transport = on_transport,
                                                  .bye = on_ssrc};
    rtcp_read(bytes, size, &listener, NULL);
    return 0;
}
