/* peers.c: three hash tables and the demultiplexer. */
#include "streamer/relay/peers.h"
#include "streamer/relay/bytes.h"
#include "streamer/relay/rtp.h"

#include <glib.h>
#include <string.h>

struct peers {
    struct peers_env env;
    unsigned count;
    GHashTable *by_ufrag;   /* the peer's own string → peer */
    GHashTable *by_address; /* struct address (owned) → peer */
    GHashTable *by_ssrc;    /* what phones send: at most SRTP_STREAMS each → peer */
};

struct peers *peers_new(const struct peers_env *env)
{
    struct peers *all = g_new0(struct peers, 1);
    all->env = *env;
    all->by_ufrag = g_hash_table_new(g_str_hash, g_str_equal);
    all->by_address = g_hash_table_new_full(address_hash, address_same, g_free, NULL);
    all->by_ssrc = g_hash_table_new(NULL, NULL);
    return all;
}

void peers_free(struct peers *all)
{
    if (!all)
        return;
    g_hash_table_unref(all->by_ufrag);
    g_hash_table_unref(all->by_address);
    g_hash_table_unref(all->by_ssrc);
    g_free(all);
}

const struct peers_env *peers_env(const struct peers *all)
{
    return &all->env;
}

unsigned peers_count(const struct peers *all)
{
    return all->count;
}

bool peers_add(struct peers *all, const char *ufrag, struct peer *p)
{
    if (all->count >= PEERS_MAX)
        return false;
    all->count++;
    peers_add_ufrag(all, ufrag, p);
    return true;
}

void peers_add_ufrag(struct peers *all, const char *ufrag, struct peer *p)
{
    g_hash_table_insert(all->by_ufrag, (char *)ufrag, p);
}

void peers_drop_ufrag(struct peers *all, const char *ufrag)
{
    g_hash_table_remove(all->by_ufrag, ufrag);
}

void peers_remove(struct peers *all)
{
    all->count--;
}

void peers_prove(struct peers *all, const struct address *a, struct peer *p)
{
    g_hash_table_replace(all->by_address, g_memdup2(a, sizeof *a), p);
}

void peers_forget(struct peers *all, const struct address *a, struct peer *p)
{
    if (g_hash_table_lookup(all->by_address, a) == p)
        g_hash_table_remove(all->by_address, a);
}

void peers_hear(struct peers *all, uint32_t ssrc, struct peer *p)
{
    if (g_hash_table_lookup(all->by_ssrc, GUINT_TO_POINTER(ssrc)) != p)
        g_hash_table_insert(all->by_ssrc, GUINT_TO_POINTER(ssrc), p);
}

static gboolean peers_is(gpointer ssrc, gpointer peer, gpointer wanted)
{
    (void)ssrc;
    return peer == wanted;
}

void peers_unhear(struct peers *all, const struct peer *p)
{
    g_hash_table_foreach_remove(all->by_ssrc, peers_is, (gpointer)p);
}

/* An unknown ufrag gets no answer at all: we reflect nothing to addresses nobody proved. */
static void peers_take_stun(struct peers *all, const uint8_t *bytes, size_t size, const struct path *from,
                            int64_t now_us)
{
    struct stun_request r;
    char ufrag[ICE_UFRAG + 1];
    all->env.counters->stun_requests++;
    if (!stun_read(&r, bytes, size)) {
        all->env.counters->stun_malformed++;
        return;
    }
    if (r.ufrag_size != ICE_UFRAG) {
        all->env.counters->stun_unknown++;
        return;
    }
    memcpy(ufrag, r.ufrag, ICE_UFRAG);
    ufrag[ICE_UFRAG] = '\0';
    struct peer *p = g_hash_table_lookup(all->by_ufrag, ufrag);
    if (!p)
        all->env.counters->stun_unknown++;
    else
        peer_take_stun(p, &r, from, now_us);
}

/* A NAT that forgot a phone gives it another address, and the phone does not know: it goes on sending, and
 * its next check may be seconds away. The seal tells whose the packets are; nothing is sent there before the
 * check (RFC 7675). */
static struct peer *peers_moved(const struct peers *all, const uint8_t *bytes, size_t size)
{
    if (size < RTP_HEAD)
        return NULL;
    uint32_t ssrc = get32(bytes + (rtp_is_rtcp(bytes, size) ? 4 : 8));
    return g_hash_table_lookup(all->by_ssrc, GUINT_TO_POINTER(ssrc));
}

void peers_take(struct peers *all, uint8_t *bytes, size_t size, const struct path *from, int64_t now_us)
{
    struct counters *c = all->env.counters;
    if (bytes[0] <= 3) {
        peers_take_stun(all, bytes, size, from, now_us);
        return;
    }
    bool dtls = bytes[0] >= 20 && bytes[0] <= 63, srtp = bytes[0] >= 128 && bytes[0] <= 191;
    struct peer *p = dtls || srtp ? g_hash_table_lookup(all->by_address, &from->remote) : NULL;
    if (!p && srtp)
        p = peers_moved(all, bytes, size);
    if (p && dtls)
        peer_take_dtls(p, bytes, size, from, now_us);
    else if (p)
        peer_take_srtp(p, bytes, size, from, now_us);
    else if (dtls)
        c->dtls_unproved++;
    else if (srtp)
        c->rtp_unproved++;
    else
        c->datagrams_odd++;
}
