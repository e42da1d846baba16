/* sdp_answer.c: chooses codecs from an offer and writes the answer: ICE-lite, DTLS passive, one transport for
 * all. */
#include "streamer/relay/sdp.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

static const char twcc_uri[] = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

const char *sdp_codec_name(enum rtp_codec codec)
{
    switch (codec) {
    case RTP_H264:
        return "H264";
    case RTP_VP8:
        return "VP8";
    case RTP_OPUS:
        return "opus";
    case RTP_NO_CODEC:
        break;
    }
    return "";
}

/* Copies the value of `key` in "a=1;b=2"; false if it is not there. */
static bool sdp_parameter(const char *fmtp, const char *key, char *out, size_t room)
{
    g_auto(GStrv) pairs = g_strsplit(fmtp, ";", 32);
    size_t size = strlen(key);
    for (char **p = pairs; *p; p++) {
        const char *pair = g_strstrip(*p);
        if (g_ascii_strncasecmp(pair, key, size) == 0 && pair[size] == '=')
            return g_strlcpy(out, pair + size + 1, room) < room;
    }
    return false;
}

/* How well an offered H.264 payload type suits us; 0: not at all. Constrained baseline is what every phone
 * and browser can do; a viewer may name a higher profile, whose decoder reads baseline as well. */
static int sdp_h264_rank(const struct sdp_codec *c, bool watch)
{
    char mode[8], profile[16];
    if (!sdp_parameter(c->fmtp, "packetization-mode", mode, sizeof mode) || strcmp(mode, "1") != 0)
        return 0;
    if (!sdp_parameter(c->fmtp, "profile-level-id", profile, sizeof profile) || strlen(profile) != 6)
        return 0;
    if (g_ascii_strncasecmp(profile, "42e0", 4) == 0)
        return 4;
    if (g_ascii_strncasecmp(profile, "42", 2) == 0)
        return 3;
    return !watch ? 0 : g_ascii_strncasecmp(profile, "4d", 2) == 0 ? 2 : 1;
}

static int sdp_rank(const struct sdp_codec *c, enum rtp_codec codec, bool watch)
{
    if (g_ascii_strcasecmp(c->name, sdp_codec_name(codec)) != 0)
        return 0;
    switch (codec) {
    case RTP_H264:
        return c->clock == 90000 ? sdp_h264_rank(c, watch) : 0;
    case RTP_VP8:
        return c->clock == 90000;
    case RTP_OPUS:
        return c->clock == 48000;
    case RTP_NO_CODEC:
        break;
    }
    return 0;
}

static uint8_t sdp_rtx_of(const struct sdp_media *m, uint8_t pt)
{
    char apt[8];
    for (unsigned i = 0; i < m->codecs_count; i++) {
        const struct sdp_codec *c = &m->codecs[i];
        if (g_ascii_strcasecmp(c->name, "rtx") == 0 && sdp_parameter(c->fmtp, "apt", apt, sizeof apt) &&
            atoi(apt) == pt)
            return c->pt;
    }
    return 0;
}

/* Without the name in the packets nobody could tell which layer one belongs to. */
static void sdp_take_layers(struct sdp_track *t, const struct sdp_media *m)
{
    if (!m->rid_id || !*m->rids[0] || strcmp(m->rids[0], m->rids[1]) == 0)
        return;
    memcpy(t->rids, m->rids, sizeof t->rids);
    t->mid_id = m->mid_id;
    t->rid_id = m->rid_id;
    t->repaired_id = m->repaired_id;
}

static bool sdp_take(struct sdp_track *t, const struct sdp_media *m, enum rtp_codec codec, bool watch)
{
    const struct sdp_codec *best = NULL;
    int best_rank = 0;
    for (unsigned i = 0; i < m->codecs_count; i++) {
        int rank = sdp_rank(&m->codecs[i], codec, watch);
        if (rank > best_rank) {
            best_rank = rank;
            best = &m->codecs[i];
        }
    }
    if (!best)
        return false;
    t->codec = codec;
    t->pt = best->pt;
    t->rtx_pt = codec == RTP_OPUS ? 0 : sdp_rtx_of(m, best->pt); /* sound is resent in band */
    t->feedback = best->feedback;
    t->twcc_id = best->feedback & SDP_TWCC ? m->twcc_id : 0;
    g_strlcpy(t->fmtp, best->fmtp, sizeof t->fmtp);
    if (!watch && codec != RTP_OPUS)
        sdp_take_layers(t, m);
    return true;
}

/* The sender lists its codecs in the order it likes them (RFC 3264, 6.1): the first one we carry. */
static enum rtp_codec sdp_liked(const struct sdp_media *m, bool watch)
{
    for (unsigned i = 0; i < m->codecs_count; i++) {
        if (sdp_rank(&m->codecs[i], RTP_VP8, watch) > 0)
            return RTP_VP8;
        if (sdp_rank(&m->codecs[i], RTP_H264, watch) > 0)
            return RTP_H264;
    }
    return RTP_H264;
}

static bool sdp_take_video(struct sdp_track *t, const struct sdp_media *m, bool watch, enum rtp_codec wanted)
{
    enum rtp_codec first = wanted == RTP_NO_CODEC ? sdp_liked(m, watch) : wanted;
    enum rtp_codec second = first == RTP_H264 ? RTP_VP8 : RTP_H264;
    if (sdp_take(t, m, first, watch))
        return true;
    return (!watch || wanted == RTP_NO_CODEC) && sdp_take(t, m, second, watch);
}

static const char *sdp_section_fault(const struct sdp_offer *o, unsigned i, bool watch)
{
    const struct sdp_media *m = &o->media[i];
    if (m->kind == SDP_OTHER)
        return "a section that is neither audio nor video";
    if (!m->rtcp_mux)
        return "no rtcp-mux";
    if (o->media_count > 1 && !m->bundled)
        return "a section outside the BUNDLE group";
    if (m->direction == SDP_INACTIVE || m->direction == (watch ? SDP_SENDONLY : SDP_RECVONLY))
        return "the wrong direction";
    return m->rejected ? "a section with port 0" : NULL;
}

enum sdp_result sdp_choose(struct sdp_choice *out, const struct sdp_offer *offer, bool watch,
                           enum rtp_codec wanted, const char **why)
{
    memset(out, 0, sizeof *out);
    *why = "setup:passive";
    if (offer->setup_passive)
        return SDP_UNSUPPORTED;
    for (unsigned i = 0; i < offer->media_count; i++) {
        const struct sdp_media *m = &offer->media[i];
        struct sdp_track *t = m->kind == SDP_AUDIO ? &out->audio : &out->video;
        if ((*why = sdp_section_fault(offer, i, watch)))
            return SDP_UNSUPPORTED;
        *why = "more than one section of a kind";
        if (t->present)
            return SDP_UNSUPPORTED;
        *why = m->kind == SDP_AUDIO ? "no Opus" : "no video codec in common";
        if (m->kind == SDP_AUDIO ? !sdp_take(t, m, RTP_OPUS, watch) : !sdp_take_video(t, m, watch, wanted))
            return SDP_UNSUPPORTED;
        t->present = true;
        t->section = i;
    }
    *why = "";
    return SDP_OK;
}

/* ICE-TCP after all of UDP (RFC 6544 4.2: a lower type preference), and only towards viewers: there are
 * clients that publish and stumble over candidates of a kind they do not know. */
static void sdp_write_candidates(GString *s, const struct address *hosts, unsigned count, bool tcp)
{
    char ip[ADDRESS_TEXT];
    for (unsigned i = 0; i < count; i++) {
        uint32_t priority =
            (126u << 24) | ((65535u - i) << 8) | 255u; /* RFC 8445 5.1.2.1: host, component 1 */
        address_print_ip(&hosts[i], ip);
        g_string_append_printf(s, "a=candidate:%u 1 udp %u %s %u typ host\r\n", i + 1, priority, ip,
                               hosts[i].port);
    }
    for (unsigned i = 0; tcp && i < count; i++) {
        uint32_t priority = (90u << 24) | (((4u << 13) | (8191u - i)) << 8) | 255u; /* 4: passive */
        address_print_ip(&hosts[i], ip);
        g_string_append_printf(s, "a=candidate:%u 1 tcp %u %s %u typ host tcptype passive\r\n", count + i + 1,
                               priority, ip, hosts[i].port);
    }
    g_string_append(s, "a=end-of-candidates\r\n");
}

static void sdp_write_transport(GString *s, const struct sdp_answer *a)
{
    g_string_append_printf(s, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=fingerprint:sha-256 ", a->ufrag, a->pwd);
    for (int i = 0; i < 32; i++)
        g_string_append_printf(s, "%s%02X", i ? ":" : "", a->fingerprint[i]);
    g_string_append(s, "\r\na=setup:passive\r\n");
}

static void sdp_write_codec(GString *s, const struct sdp_answer *a, const struct sdp_track *t)
{
    static const struct {
        unsigned bit;
        const char *words;
        bool to_viewer;
    } known[] = {{SDP_NACK, "nack", true},
                 {SDP_PLI, "nack pli", true},
                 {SDP_FIR, "ccm fir", true},
                 {SDP_REMB, "goog-remb", true},
                 {SDP_TWCC, "transport-cc", false}}; /* towards viewers all header extensions are stripped */
    bool audio = t->codec == RTP_OPUS;
    g_string_append_printf(s, "a=rtpmap:%u %s/%u%s\r\n", t->pt, sdp_codec_name(t->codec),
                           audio ? 48000u : 90000u, audio ? "/2" : "");
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        bool remb_up = known[i].bit == SDP_REMB && !a->watch; /* a publisher gets transport-cc, never both */
        if ((t->feedback & known[i].bit) && (known[i].to_viewer || !a->watch) && !remb_up)
            g_string_append_printf(s, "a=rtcp-fb:%u %s\r\n", t->pt, known[i].words);
    }
    if (*t->fmtp)
        g_string_append_printf(s, "a=fmtp:%u %s\r\n", t->pt, t->fmtp);
    if (t->rtx_pt)
        g_string_append_printf(s, "a=rtpmap:%u rtx/90000\r\na=fmtp:%u apt=%u\r\n", t->rtx_pt, t->rtx_pt,
                               t->pt);
    if (t->twcc_id && !a->watch)
        g_string_append_printf(s, "a=extmap:%u %s\r\n", t->twcc_id, twcc_uri);
}

/* RFC 8853 5.3.2: what is offered and not named here is not sent. */
static void sdp_write_layers(GString *s, const struct sdp_track *t)
{
    static const char sdes[] = "urn:ietf:params:rtp-hdrext:sdes:";
    if (!*t->rids[0])
        return;
    if (t->mid_id)
        g_string_append_printf(s, "a=extmap:%u %smid\r\n", t->mid_id, sdes);
    g_string_append_printf(s, "a=extmap:%u %srtp-stream-id\r\n", t->rid_id, sdes);
    if (t->repaired_id)
        g_string_append_printf(s, "a=extmap:%u %srepaired-rtp-stream-id\r\n", t->repaired_id, sdes);
    for (unsigned i = 0; i < SDP_LAYERS; i++)
        g_string_append_printf(s, "a=rid:%s recv\r\n", t->rids[i]);
    g_string_append_printf(s, "a=simulcast:recv %s;%s\r\n", t->rids[0], t->rids[1]);
}

static void sdp_write_sources(GString *s, const struct sdp_answer *a, const struct sdp_track *t)
{
    bool audio = t->codec == RTP_OPUS;
    uint32_t ssrc = audio ? a->audio_ssrc : a->video_ssrc;
    g_string_append_printf(s, "a=msid:%s %s-%s\r\n", a->stream, a->stream, audio ? "audio" : "video");
    if (t->rtx_pt)
        g_string_append_printf(s, "a=ssrc-group:FID %u %u\r\n", ssrc, a->rtx_ssrc);
    g_string_append_printf(s, "a=ssrc:%u cname:%s\r\n", ssrc, a->stream);
    if (t->rtx_pt)
        g_string_append_printf(s, "a=ssrc:%u cname:%s\r\n", a->rtx_ssrc, a->stream);
}

static void sdp_write_section(GString *s, const struct sdp_answer *a, const struct sdp_track *t)
{
    const struct sdp_media *m = &a->offer->media[t->section];
    g_string_append_printf(s, "m=%s 9 UDP/TLS/RTP/SAVPF %u", t->codec == RTP_OPUS ? "audio" : "video", t->pt);
    if (t->rtx_pt)
        g_string_append_printf(s, " %u", t->rtx_pt);
    g_string_append_printf(s,
                           "\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=mid:%s\r\na=%s\r\n"
                           "a=rtcp-mux\r\na=rtcp-mux-only\r\n%s",
                           m->mid, a->watch ? "sendonly" : "recvonly",
                           m->rtcp_rsize ? "a=rtcp-rsize\r\n" : "");
    sdp_write_transport(s, a);
    sdp_write_codec(s, a, t);
    sdp_write_layers(s, t);
    if (a->watch)
        sdp_write_sources(s, a, t);
    sdp_write_candidates(s, a->hosts, a->hosts_count, a->tcp);
}

static const struct sdp_track *sdp_track_of(const struct sdp_choice *c, unsigned section)
{
    if (c->audio.present && c->audio.section == section)
        return &c->audio;
    return c->video.present && c->video.section == section ? &c->video : NULL;
}

static void sdp_write_group(GString *s, const struct sdp_brief *b)
{
    g_string_append(s, "a=group:BUNDLE");
    for (unsigned i = 0; i < b->count; i++)
        g_string_append_printf(s, " %s", b->section[i].mid);
    g_string_append(s, "\r\n");
}

void sdp_brief_from(struct sdp_brief *out, const struct sdp_offer *offer)
{
    out->count = MIN(offer->media_count, (unsigned)G_N_ELEMENTS(out->section));
    for (unsigned i = 0; i < out->count; i++) {
        out->section[i].kind = offer->media[i].kind;
        g_strlcpy(out->section[i].mid, offer->media[i].mid, sizeof out->section[i].mid);
    }
}

char *sdp_write_answer(const struct sdp_answer *a)
{
    GString *s = g_string_sized_new(2048);
    struct sdp_brief brief;
    uint32_t id = 1;
    RAND_bytes((unsigned char *)&id, sizeof id);
    g_string_append_printf(s, "v=0\r\no=- %u 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n", id);
    sdp_brief_from(&brief, a->offer);
    sdp_write_group(s, &brief);
    g_string_append(s, "a=ice-lite\r\na=ice-options:trickle\r\n");
    if (a->watch)
        g_string_append(s, "a=msid-semantic: WMS *\r\n");
    for (unsigned i = 0; i < a->offer->media_count; i++) {
        const struct sdp_track *t = sdp_track_of(a->choice, i);
        if (t)
            sdp_write_section(s, a, t);
    }
    return g_string_free(s, FALSE);
}

char *sdp_write_frag(const struct sdp_brief *brief, const char *ufrag, const char *pwd,
                     const struct address *hosts, unsigned hosts_count)
{
    GString *s = g_string_new("a=ice-lite\r\na=ice-options:trickle\r\n");
    sdp_write_group(s, brief);
    for (unsigned i = 0; i < brief->count; i++) {
        g_string_append_printf(
            s, "m=%s 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:%s\r\na=ice-ufrag:%s\r\na=ice-pwd:%s\r\n",
            brief->section[i].kind == SDP_AUDIO ? "audio" : "video", brief->section[i].mid, ufrag, pwd);
        if (i == 0) /* one transport for all (RFC 8843 7.1.3): its candidates are named once */
            sdp_write_candidates(s, hosts, hosts_count, false);
    }
    return g_string_free(s, FALSE);
}
