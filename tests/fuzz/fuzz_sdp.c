/* SDP offers and fragments: what is accepted must be answerable. */
#include "streamer/relay/sdp.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void fuzz_answer(const struct sdp_offer *offer, bool watch, enum rtp_codec wanted)
{
    static const uint8_t fingerprint[32];
    struct address host;
    struct sdp_choice choice;
    const char *why = NULL;
    if (sdp_choose(&choice, offer, watch, wanted, &why) != SDP_OK) {
        assert(why && *why);
        return;
    }
    address_parse(&host, "192.0.2.1", 1);
    struct sdp_answer a = {.offer = offer,
                           .choice = &choice,
                           .watch = watch,
                           .ufrag = "u",
                           .pwd = "p",
                           .fingerprint = fingerprint,
                           .hosts = &host,
                           .hosts_count = 1,
                           .stream = "s"};
    g_autofree char *text = sdp_write_answer(&a);
    assert(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct sdp_offer offer;
    char ufrag[257], pwd[257];
    const char *why = NULL;
    sdp_read_frag((const char *)bytes, size, ufrag, pwd);
    if (sdp_read(&offer, (const char *)bytes, size, &why) != SDP_OK) {
        assert(why && *why);
        return 0;
    }
    fuzz_answer(&offer, false, RTP_NO_CODEC);
    fuzz_answer(&offer, true, RTP_H264);
    fuzz_answer(&offer, true, RTP_VP8);
    return 0;
}
