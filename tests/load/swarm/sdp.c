/* sdp.c: text in, text out. The offers are Chromium's in shape (BUNDLE, rtcp-mux, rsize, actpass, trickle
 * without candidates), so that the server sees what it sees from browsers. */
#include "tests/load/swarm/sdp.h"

#include <arpa/inet.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>

static void common_lines(GString *s, const struct sdp_offer *o, const char *mid)
{
    g_string_append_printf(
        s,
        "c=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:%s\r\na=ice-pwd:%s\r\n"
        "a=ice-options:trickle\r\na=fingerprint:sha-256 %s\r\na=setup:actpass\r\na=mid:%s\r\n"
        "a=%s\r\na=rtcp-mux\r\na=rtcp-rsize\r\n",
        o->ufrag, o->password, o->fingerprint, mid, o->publish ? "sendonly" : "recvonly");
}

static void source_lines(GString *s, uint32_t ssrc, const char *track)
{
    g_string_append_printf(s, "a=msid:swarm %s\r\na=ssrc:%u cname:swarm\r\na=ssrc:%u msid:swarm %s\r\n",
                           track, ssrc, ssrc, track);
}

static void video_codec(GString *s, int pt, const char *name, const char *fmtp, int rtx_pt)
{
    g_string_append_printf(s,
                           "a=rtpmap:%d %s/90000\r\na=rtcp-fb:%d ccm fir\r\na=rtcp-fb:%d nack\r\n"
                           "a=rtcp-fb:%d nack pli\r\n",
                           pt, name, pt, pt, pt);
    if (fmtp)
        g_string_append_printf(s, "a=fmtp:%d %s\r\n", pt, fmtp);
    if (rtx_pt)
        g_string_append_printf(s, "a=rtpmap:%d rtx/90000\r\na=fmtp:%d apt=%d\r\n", rtx_pt, rtx_pt, pt);
}

char *sdp_offer_text(const struct sdp_offer *o)
{
    GString *s = g_string_new(NULL);
    g_string_append_printf(s,
                           "v=0\r\no=- %u 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
                           "a=msid-semantic: WMS%s\r\n",
                           g_random_int() & 0x7FFFFFFF, o->publish ? " swarm" : "");
    g_string_append_printf(s, "m=audio 9 UDP/TLS/RTP/SAVPF %d\r\n", SDP_AUDIO_PT);
    common_lines(s, o, "0");
    g_string_append_printf(s, "a=rtpmap:%d opus/48000/2\r\na=fmtp:%d minptime=10;useinbandfec=1\r\n",
                           SDP_AUDIO_PT, SDP_AUDIO_PT);
    if (o->publish)
        source_lines(s, o->audio_ssrc, "voice");
    g_string_append_printf(s, "m=video 9 UDP/TLS/RTP/SAVPF %d", SDP_H264_PT);
    if (o->rtx)
        g_string_append_printf(s, " %d", SDP_RTX_PT);
    if (!o->publish)
        g_string_append_printf(s, " %d", SDP_VP8_PT);
    if (!o->publish && o->rtx)
        g_string_append_printf(s, " %d", SDP_VP8_RTX_PT);
    g_string_append(s, "\r\n");
    common_lines(s, o, "1");
    video_codec(s, SDP_H264_PT, "H264",
                "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
                o->rtx ? SDP_RTX_PT : 0);
    if (o->publish)
        source_lines(s, o->video_ssrc, "rows");
    else
        video_codec(s, SDP_VP8_PT, "VP8", NULL, o->rtx ? SDP_VP8_RTX_PT : 0);
    return g_string_free(s, FALSE);
}

static void read_candidate(const char *line, struct sockaddr_in *address)
{
    char transport[8], host[64];
    unsigned int port = 0;
    struct sockaddr_in found = {.sin_family = AF_INET};
    if (sscanf(line, "a=candidate:%*s 1 %7s %*u %63s %u typ host", transport, host, &port) != 3 ||
        port > 65535 || g_ascii_strcasecmp(transport, "udp") != 0 ||
        inet_pton(AF_INET, host, &found.sin_addr) != 1)
        return;
    found.sin_port = htons((uint16_t)port);
    if (address->sin_family == 0 || found.sin_addr.s_addr == htonl(INADDR_LOOPBACK))
        *address = found;
}

static void read_codec(const char *line, struct sdp_answer *a)
{
    unsigned int pt = 0;
    char name[32];
    if (sscanf(line, "a=rtpmap:%u %31[^/]", &pt, name) != 2 || pt > 127)
        return;
    if (strcmp(name, "rtx") == 0) {
        a->rtx_pt = (uint8_t)pt;
    } else if (strcmp(name, "H264") == 0 || strcmp(name, "VP8") == 0) {
        a->video_pt = (uint8_t)pt;
        a->h264 = name[0] == 'H';
    }
}

bool sdp_answer_read(const char *text, struct sdp_answer *a)
{
    memset(a, 0, sizeof *a);
    g_auto(GStrv) lines = g_strsplit(text, "\n", 400);
    for (char **line = lines; *line; line++) {
        g_strchomp(*line);
        if (g_str_has_prefix(*line, "a=ice-ufrag:"))
            g_strlcpy(a->ufrag, *line + 12, sizeof a->ufrag);
        else if (g_str_has_prefix(*line, "a=ice-pwd:"))
            g_strlcpy(a->password, *line + 10, sizeof a->password);
        else if (g_str_has_prefix(*line, "a=fingerprint:sha-256 "))
            g_strlcpy(a->fingerprint, *line + 22, sizeof a->fingerprint);
        else if (g_str_has_prefix(*line, "a=candidate:"))
            read_candidate(*line, &a->address);
        else if (g_str_has_prefix(*line, "a=rtpmap:"))
            read_codec(*line, a);
    }
    return a->ufrag[0] && a->password[0] && a->fingerprint[0] && a->address.sin_family == AF_INET;
}
