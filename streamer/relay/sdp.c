/* sdp.c: the reader. One pass over the lines; what is not understood is passed over, what is understood must
 * be right. */
#include "streamer/relay/sdp.h"

#include <stdlib.h>
#include <string.h>

struct sdp_reader {
    struct sdp_offer *out;
    struct sdp_media *media; /* the section being read, NULL in the session part */
    char bundle[SDP_LINE];   /* the group's mids, with a blank before and behind each */
    bool other_fingerprint;
    const char *why;
};

static bool sdp_fail(struct sdp_reader *r, const char *why)
{
    r->why = why;
    return false;
}

/* A decimal number of at most `most`, ended by `end` or the line's end; moves the text on. */
static bool sdp_number(const char **text, unsigned long most, unsigned long *out)
{
    const char *p = *text;
    unsigned long n = 0;
    if (*p < '0' || *p > '9')
        return false;
    for (; *p >= '0' && *p <= '9'; p++) {
        n = 10 * n + (unsigned long)(*p - '0');
        if (n > most)
            return false;
    }
    *text = p;
    *out = n;
    return true;
}

static bool sdp_is_token(const char *s)
{
    for (; *s; s++)
        if (!g_ascii_isalnum(*s) && !strchr("+/-_.", *s))
            return false;
    return true;
}

static bool sdp_copy_token(char *out, size_t room, const char *value)
{
    size_t size = strlen(value);
    if (size == 0 || size >= room || !sdp_is_token(value))
        return false;
    memcpy(out, value, size + 1);
    return true;
}

static struct sdp_codec *sdp_codec_of(struct sdp_media *m, unsigned long pt)
{
    for (unsigned i = 0; m && i < m->codecs_count; i++)
        if (m->codecs[i].pt == pt)
            return &m->codecs[i];
    return NULL;
}

static bool sdp_m_line(struct sdp_reader *r, const char *value)
{
    g_auto(GStrv) words = g_strsplit(value, " ", 4 + 256);
    unsigned count = g_strv_length(words);
    if (count < 4)
        return sdp_fail(r, "m-line too short");
    if (r->out->media_count == SDP_MEDIA)
        return sdp_fail(r, "too many sections");
    r->media = &r->out->media[r->out->media_count++];
    r->media->kind = strcmp(words[0], "audio") == 0   ? SDP_AUDIO
                     : strcmp(words[0], "video") == 0 ? SDP_VIDEO
                                                      : SDP_OTHER;
    r->media->rejected = strcmp(words[1], "0") == 0;
    if (r->media->kind == SDP_OTHER)
        return true;
    if (strcmp(words[2], "UDP/TLS/RTP/SAVPF") != 0)
        return sdp_fail(r, "a profile other than UDP/TLS/RTP/SAVPF");
    for (unsigned i = 3; i < count; i++) {
        const char *word = words[i];
        unsigned long pt;
        if (!sdp_number(&word, 127, &pt) || *word || sdp_codec_of(r->media, pt))
            return sdp_fail(r, "a bad payload type");
        if (r->media->codecs_count < SDP_CODECS)
            r->media->codecs[r->media->codecs_count++].pt = (uint8_t)pt;
    }
    return true;
}

static bool sdp_rtpmap(struct sdp_reader *r, const char *value)
{
    unsigned long pt, clock;
    if (!sdp_number(&value, 127, &pt) || *value++ != ' ')
        return sdp_fail(r, "a bad rtpmap");
    const char *slash = strchr(value, '/');
    struct sdp_codec *c = sdp_codec_of(r->media, pt);
    if (!slash)
        return sdp_fail(r, "a bad rtpmap");
    size_t size = (size_t)(slash - value);
    const char *rest = slash + 1;
    if (!sdp_number(&rest, 1000000, &clock))
        return sdp_fail(r, "a bad rtpmap");
    if (c && size > 0 && size < sizeof c->name) {
        memcpy(c->name, value, size);
        c->name[size] = '\0';
        c->clock = (uint32_t)clock;
    }
    return true;
}

static bool sdp_fmtp(struct sdp_reader *r, const char *value)
{
    unsigned long pt;
    if (!sdp_number(&value, 127, &pt) || *value++ != ' ')
        return sdp_fail(r, "a bad fmtp");
    struct sdp_codec *c = sdp_codec_of(r->media, pt);
    if (c && strlen(value) < sizeof c->fmtp)
        g_strlcpy(c->fmtp, value, sizeof c->fmtp);
    return true;
}

static void sdp_feedback(struct sdp_reader *r, const char *value)
{
    static const struct {
        const char *words;
        unsigned bit;
    } known[] = {{"nack", SDP_NACK},
                 {"nack pli", SDP_PLI},
                 {"ccm fir", SDP_FIR},
                 {"goog-remb", SDP_REMB},
                 {"transport-cc", SDP_TWCC}};
    unsigned long pt = 0;
    bool all = g_str_has_prefix(value, "* ");
    if (!all && (!sdp_number(&value, 127, &pt) || *value != ' '))
        return;
    value += all ? 2 : 1;
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        for (unsigned c = 0; strcmp(value, known[i].words) == 0 && r->media && c < r->media->codecs_count;
             c++)
            if (all || r->media->codecs[c].pt == pt)
                r->media->codecs[c].feedback |= known[i].bit;
}

static uint8_t *sdp_extension_of(struct sdp_media *m, const char *uri)
{
    static const char sdes[] = "urn:ietf:params:rtp-hdrext:sdes:";
    if (g_str_has_prefix(uri, "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"))
        return &m->twcc_id;
    if (!g_str_has_prefix(uri, sdes))
        return NULL;
    uri += strlen(sdes);
    return strcmp(uri, "mid") == 0                      ? &m->mid_id
           : strcmp(uri, "rtp-stream-id") == 0          ? &m->rid_id
           : strcmp(uri, "repaired-rtp-stream-id") == 0 ? &m->repaired_id
                                                        : NULL;
}

static bool sdp_extmap(struct sdp_reader *r, const char *value)
{
    unsigned long id;
    if (!sdp_number(&value, 255, &id) || (*value != ' ' && *value != '/'))
        return sdp_fail(r, "a bad extmap");
    const char *uri = strchr(value, ' ');
    uint8_t *into = uri && r->media && id >= 1 && id <= 14 ? sdp_extension_of(r->media, uri + 1) : NULL;
    if (into)
        *into = (uint8_t)id;
    return true;
}

/* "send h,h2;~l recv …": the names of what is sent, each the first of its alternatives, paused or not. */
static bool sdp_simulcast(struct sdp_reader *r, const char *value)
{
    g_auto(GStrv) words = g_strsplit(value, " ", 5);
    unsigned found = 0;
    char name[SDP_RID + 1];
    for (unsigned i = 0; r->media && words[i] && words[i + 1]; i += 2) {
        if (strcmp(words[i], "send") != 0)
            continue;
        g_auto(GStrv) streams = g_strsplit(words[i + 1], ";", 16);
        for (unsigned s = 0; streams[s]; s++) {
            char *first = streams[s] + (*streams[s] == '~');
            first[strcspn(first, ",")] = '\0';
            if (!sdp_copy_token(name, sizeof name, first))
                return sdp_fail(r, "a bad simulcast line");
            memcpy(r->media->rids[found++ ? SDP_LAYERS - 1 : 0], name, sizeof name);
        }
    }
    if (found == 1 && r->media)
        r->media->rids[0][0] = '\0';
    return true;
}

static bool sdp_fingerprint(struct sdp_reader *r, const char *value)
{
    if (g_ascii_strncasecmp(value, "sha-256 ", 8) != 0) {
        r->other_fingerprint = true;
        return true;
    }
    uint8_t bytes[32];
    value += 8;
    for (int i = 0; i < 32; i++, value += 3) {
        int high = g_ascii_xdigit_value(value[0]), low = high < 0 ? -1 : g_ascii_xdigit_value(value[1]);
        if (low < 0 || value[2] != (i < 31 ? ':' : '\0'))
            return sdp_fail(r, "a bad fingerprint");
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    if (r->out->has_fingerprint && memcmp(bytes, r->out->fingerprint, 32) != 0)
        return sdp_fail(r, "two different fingerprints");
    memcpy(r->out->fingerprint, bytes, 32);
    r->out->has_fingerprint = true;
    return true;
}

/* All sections share one transport: their credentials must be the same ones. */
static bool sdp_credential(struct sdp_reader *r, char *into, size_t least, const char *value)
{
    char copy[257];
    if (strlen(value) < least || !sdp_copy_token(copy, sizeof copy, value))
        return sdp_fail(r, "bad ICE credentials");
    if (*into && strcmp(into, copy) != 0)
        return sdp_fail(r, "ICE credentials differ between sections");
    memcpy(into, copy, sizeof copy);
    return true;
}

static bool sdp_direction(struct sdp_reader *r, const char *name)
{
    static const char *const words[] = {"sendrecv", "sendonly", "recvonly", "inactive"};
    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++)
        if (strcmp(name, words[i]) == 0 && r->media)
            r->media->direction = (enum sdp_direction)i;
    return true;
}

static bool sdp_mid(struct sdp_reader *r, const char *value)
{
    if (!r->media || !sdp_copy_token(r->media->mid, sizeof r->media->mid, value))
        return sdp_fail(r, "a bad mid");
    for (unsigned i = 0; i + 1 < r->out->media_count; i++)
        if (strcmp(r->out->media[i].mid, value) == 0)
            return sdp_fail(r, "a mid used twice");
    return true;
}

static bool sdp_flag(struct sdp_reader *r, const char *line)
{
    if (r->media && strcmp(line, "rtcp-mux") == 0)
        r->media->rtcp_mux = true;
    else if (r->media && strcmp(line, "rtcp-rsize") == 0)
        r->media->rtcp_rsize = true;
    else if (r->media && strcmp(line, "bundle-only") == 0)
        r->media->rejected = false;
    return sdp_direction(r, line);
}

static bool sdp_attribute(struct sdp_reader *r, char *line)
{
    char *value = strchr(line, ':');
    if (!value)
        return sdp_flag(r, line);
    *value++ = '\0';
    if (strcmp(line, "rtpmap") == 0)
        return sdp_rtpmap(r, value);
    if (strcmp(line, "fmtp") == 0)
        return sdp_fmtp(r, value);
    if (strcmp(line, "extmap") == 0)
        return sdp_extmap(r, value);
    if (strcmp(line, "fingerprint") == 0)
        return sdp_fingerprint(r, value);
    if (strcmp(line, "ice-ufrag") == 0)
        return sdp_credential(r, r->out->ufrag, 4, value);
    if (strcmp(line, "ice-pwd") == 0)
        return sdp_credential(r, r->out->pwd, 22, value);
    if (strcmp(line, "mid") == 0)
        return sdp_mid(r, value);
    if (strcmp(line, "setup") == 0)
        r->out->setup_passive |= strcmp(value, "passive") == 0;
    else if (strcmp(line, "rtcp-fb") == 0)
        sdp_feedback(r, value);
    else if (strcmp(line, "simulcast") == 0)
        return sdp_simulcast(r, value);
    else if (strcmp(line, "group") == 0 && g_str_has_prefix(value, "BUNDLE "))
        g_snprintf(r->bundle, sizeof r->bundle, "%s ", value + 6);
    return true;
}

static bool sdp_line(struct sdp_reader *r, char *line)
{
    if (line[0] < 'a' || line[0] > 'z' || line[1] != '=')
        return sdp_fail(r, "a line that is no SDP");
    if (line[0] == 'm')
        return sdp_m_line(r, line + 2);
    if (line[0] == 'a')
        return sdp_attribute(r, line + 2);
    return true;
}

/* Calls sdp_line for every line; a line may end in CRLF or LF. */
static bool sdp_lines(struct sdp_reader *r, const char *text, size_t size)
{
    char line[SDP_LINE + 1];
    unsigned count = 0;
    for (const char *end = text + size; text < end;) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        size_t length = (size_t)((stop ? stop : end) - text);
        const char *next = stop ? stop + 1 : end;
        if (length > 0 && text[length - 1] == '\r')
            length--;
        if (length > SDP_LINE || memchr(text, '\0', length))
            return sdp_fail(r, "a line too long or with a zero byte");
        if (++count > SDP_LINES)
            return sdp_fail(r, "too many lines");
        memcpy(line, text, length);
        line[length] = '\0';
        if (length > 0 && !sdp_line(r, line))
            return false;
        text = next;
    }
    return true;
}

static enum sdp_result sdp_check(struct sdp_reader *r)
{
    struct sdp_offer *o = r->out;
    r->why = "no section";
    if (o->media_count == 0)
        return SDP_BAD;
    r->why = "no ICE credentials";
    if (!*o->ufrag || !*o->pwd)
        return SDP_BAD;
    r->why = "a fingerprint other than sha-256 only";
    if (!o->has_fingerprint && r->other_fingerprint)
        return SDP_UNSUPPORTED;
    r->why = "no fingerprint";
    if (!o->has_fingerprint)
        return SDP_BAD;
    for (unsigned i = 0; i < o->media_count; i++) {
        struct sdp_media *m = &o->media[i];
        g_autofree char *mid = g_strdup_printf(" %s ", m->mid);
        r->why = "a section without mid";
        if (!*m->mid)
            return SDP_BAD;
        m->bundled = strstr(r->bundle, mid) != NULL;
    }
    r->why = "";
    return SDP_OK;
}

enum sdp_result sdp_read(struct sdp_offer *out, const char *text, size_t size, const char **why)
{
    struct sdp_reader r = {.out = out, .why = "not an SDP"};
    memset(out, 0, sizeof *out);
    enum sdp_result result = SDP_BAD;
    if (size > SDP_MAX)
        r.why = "an SDP too long";
    else if (size >= 4 && memcmp(text, "v=0", 3) == 0 && sdp_lines(&r, text, size))
        result = sdp_check(&r);
    *why = r.why;
    return result;
}

bool sdp_read_frag(const char *text, size_t size, char ufrag[257], char pwd[257])
{
    struct sdp_offer *scratch = g_new0(struct sdp_offer, 1);
    struct sdp_reader r = {.out = scratch};
    bool ok = size <= SDP_MAX && sdp_lines(&r, text, size) && *scratch->ufrag && *scratch->pwd;
    if (ok) {
        memcpy(ufrag, scratch->ufrag, 257);
        memcpy(pwd, scratch->pwd, 257);
    }
    g_free(scratch);
    return ok;
}
