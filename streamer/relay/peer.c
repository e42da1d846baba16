/* peer.c: proves addresses, shakes hands, opens and seals.
 * A life: created with the answer → STUN proves an address → DTLS over it → keys (ready) → silence,
 * close_notify or its owner ends it. A new address costs one authenticated STUN request; DTLS and keys stay.
 * What a phone seals is taken from a new address before that, too.
 */
#include "streamer/relay/peer.h"
#include "streamer/relay/bytes.h"
#include "streamer/relay/clock.h"
#include "streamer/relay/peers.h"
#include "streamer/relay/rtp.h"

#include <glib.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <string.h>

struct proof { /* an address STUN has proved */
    struct path path;
    int64_t heard_us;
};

struct peer {
    struct peers *all;
    const struct peer_owner *ops;
    void *owner;
    char ufrag[ICE_UFRAG + 1], pwd[ICE_PWD + 1];
    char old_ufrag[ICE_UFRAG + 1], old_pwd[ICE_PWD + 1]; /* before a restart; empty: none */
    uint8_t fingerprint[DTLS_FINGERPRINT];
    unsigned proofs_count, selected;
    struct proof proofs[PEER_PATHS];
    struct path handshake_path; /* where the datagram being fed came from */
    struct dtls *dtls;
    struct srtp *in, *out;
    struct dtls_end end;
    enum srtp_profile profile;
    bool ready, failed;
    int64_t created_us, ready_us, heard_us;
    struct timer timer; /* DTLS resends, the handshake's deadline, dropping the SSL object */
};

static void peer_random(char *out, unsigned size)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t bytes[ICE_PWD];
    if (RAND_bytes(bytes, (int)size) != 1)
        g_error("no random bytes");
    for (unsigned i = 0; i < size; i++)
        out[i] = alphabet[bytes[i] & 63];
    out[size] = '\0';
}

static void peer_timer(void *arg, int64_t now_us);

struct peer *peer_new(struct peers *all, const uint8_t fingerprint[DTLS_FINGERPRINT],
                      const struct peer_owner *ops, void *owner, int64_t now_us)
{
    struct peer *p = g_new0(struct peer, 1);
    peer_random(p->ufrag, ICE_UFRAG);
    peer_random(p->pwd, ICE_PWD);
    if (!peers_add(all, p->ufrag, p)) {
        g_free(p);
        return NULL;
    }
    p->all = all;
    p->ops = ops;
    p->owner = owner;
    memcpy(p->fingerprint, fingerprint, DTLS_FINGERPRINT);
    p->created_us = p->heard_us = now_us;
    p->timer.fire_cb = peer_timer;
    p->timer.arg = p;
    wheel_set(peers_env(all)->wheel, &p->timer, now_us + PEER_HANDSHAKE_MS * INT64_C(1000));
    return p;
}

static void peer_drop_old_ufrag(struct peer *p)
{
    if (*p->old_ufrag)
        peers_drop_ufrag(p->all, p->old_ufrag);
    *p->old_ufrag = '\0';
}

void peer_free(struct peer *p)
{
    if (!p)
        return;
    wheel_stop(peers_env(p->all)->wheel, &p->timer);
    for (unsigned i = 0; i < p->proofs_count; i++)
        peers_forget(p->all, &p->proofs[i].path.remote, p);
    if (p->ops->rtp)
        peers_unhear(p->all, p);
    peer_drop_old_ufrag(p);
    peers_drop_ufrag(p->all, p->ufrag);
    peers_remove(p->all);
    dtls_free(p->dtls);
    srtp_free(p->in);
    srtp_free(p->out);
    OPENSSL_cleanse(p, sizeof *p);
    g_free(p);
}

const char *peer_ufrag(const struct peer *p)
{
    return p->ufrag;
}

const char *peer_pwd(const struct peer *p)
{
    return p->pwd;
}

bool peer_is_ready(const struct peer *p)
{
    return p->ready;
}

const struct path *peer_path(const struct peer *p)
{
    return p->proofs_count ? &p->proofs[p->selected].path : NULL;
}

struct srtp *peer_out(const struct peer *p)
{
    return p->out;
}

enum srtp_profile peer_profile(const struct peer *p)
{
    return p->profile;
}

void peer_prefetch(const struct peer *p)
{
    __builtin_prefetch(&p->selected);
    __builtin_prefetch(&p->proofs[0]);
    __builtin_prefetch(&p->out);
    __builtin_prefetch(&p->profile);
}

void peer_prefetch_keys(const struct peer *p)
{
    if (p->out)
        srtp_prefetch(p->out);
}

int64_t peer_heard_us(const struct peer *p)
{
    return p->heard_us;
}

void peer_restart(struct peer *p, int64_t now_us)
{
    peer_drop_old_ufrag(p);
    memcpy(p->old_ufrag, p->ufrag, sizeof p->ufrag);
    memcpy(p->old_pwd, p->pwd, sizeof p->pwd);
    peers_drop_ufrag(p->all, p->ufrag);
    peers_add_ufrag(p->all, p->old_ufrag, p); /* the table's key is the string's memory */
    peer_random(p->ufrag, ICE_UFRAG);
    peer_random(p->pwd, ICE_PWD);
    peers_add_ufrag(p->all, p->ufrag, p);
    peers_env(p->all)->counters->ice_restarts++;
    p->heard_us = MAX(p->heard_us, now_us); /* an authorised request is a sign of life */
}

void peer_say_goodbye(struct peer *p)
{
    uint8_t alert[DTLS_ALERT_MAX];
    size_t size = p->ready && peer_path(p) ? dtls_end_write(&p->end, alert) : 0;
    if (size)
        port_send_first(peers_env(p->all)->port, peer_path(p), alert, size);
}

/* Finds the proof of an address or makes one, at the cost of the one heard least recently. */
static unsigned peer_prove(struct peer *p, const struct path *from)
{
    unsigned oldest = p->selected == 0 ? 1 : 0;
    for (unsigned i = 0; i < p->proofs_count; i++) {
        if (address_equal(&p->proofs[i].path.remote, &from->remote)) {
            p->proofs[i].path = *from;
            return i;
        }
        if (i != p->selected && p->proofs[i].heard_us < p->proofs[oldest].heard_us)
            oldest = i;
    }
    unsigned at = p->proofs_count < PEER_PATHS ? p->proofs_count++ : oldest;
    if (at == oldest && p->proofs[at].heard_us)
        peers_forget(p->all, &p->proofs[at].path.remote, p);
    p->proofs[at].path = *from;
    return at;
}

/* The remote's nomination decides; without one, a path that still speaks beats one that fell silent. */
static void peer_select(struct peer *p, unsigned at, bool nominated, int64_t now_us)
{
    bool silent = now_us - p->proofs[p->selected].heard_us > PEER_ROAM_MS * INT64_C(1000);
    if (at == p->selected || (!nominated && !silent))
        return;
    p->selected = at;
    if (p->ready)
        peers_env(p->all)->counters->roams++;
}

void peer_take_stun(struct peer *p, const struct stun_request *r, const struct path *from, int64_t now_us)
{
    const struct peers_env *env = peers_env(p->all);
    uint8_t answer[STUN_ANSWER_MAX];
    bool old = *p->old_ufrag && memcmp(r->ufrag, p->old_ufrag, ICE_UFRAG) == 0;
    const char *pwd = old ? p->old_pwd : p->pwd;
    if (!stun_authentic(r, pwd)) {
        env->counters->stun_bad_integrity++;
        return;
    }
    if (!old)
        peer_drop_old_ufrag(p);
    unsigned at = peer_prove(p, from);
    peers_prove(p->all, &from->remote, p);
    peer_select(p, at, r->use_candidate, now_us);
    p->proofs[at].heard_us = p->heard_us = now_us;
    size_t size = stun_answer(answer, r, &from->remote, pwd);
    if (size > r->size) /* we never send more than we got */
        env->counters->stun_long_answer++;
    else
        port_send_first(env->port, from, answer, size);
}

static void peer_dtls_send(void *arg, const uint8_t *bytes, size_t size)
{
    struct peer *p = arg;
    port_send_first(peers_env(p->all)->port, &p->handshake_path, bytes, size);
}

static bool peer_take_keys(struct peer *p)
{
    struct dtls_keys k;
    if (!dtls_keys_get(p->dtls, &k))
        return false;
    p->profile = k.profile;
    p->end = k.end;
    p->in = srtp_new(k.profile, k.client_key, k.client_salt, p->ops->rtp ? SRTP_OPENS : SRTP_CONTROL);
    p->out = srtp_new(k.profile, k.server_key, k.server_salt, p->ops->rtp ? SRTP_CONTROL : SRTP_SEALS);
    OPENSSL_cleanse(&k, sizeof k);
    return true;
}

static void peer_fail(struct peer *p, const char *why, int64_t now_us)
{
    if (p->failed)
        return;
    p->failed = true;
    wheel_stop(peers_env(p->all)->wheel, &p->timer);
    p->ops->gone(p->owner, why, now_us);
}

static void peer_set_timer(struct peer *p, int64_t now_us)
{
    int64_t due_us = p->ready ? p->ready_us + PEER_SSL_KEEP_MS * INT64_C(1000)
                              : p->created_us + PEER_HANDSHAKE_MS * INT64_C(1000);
    int64_t resend_us = p->dtls ? dtls_wait_us(p->dtls) : -1;
    if (resend_us >= 0)
        due_us = MIN(due_us, now_us + resend_us);
    wheel_set(peers_env(p->all)->wheel, &p->timer, due_us);
}

/* What a handshake step led to. The last thing a caller does: the peer may be gone after it. */
static void peer_shaken(struct peer *p, enum dtls_state state, int64_t now_us)
{
    struct counters *c = peers_env(p->all)->counters;
    switch (state) {
    case DTLS_SHAKING:
        peer_set_timer(p, now_us);
        return;
    case DTLS_READY:
        if (p->ready)
            return;
        if (!peer_take_keys(p))
            break;
        c->dtls_done++;
        p->ready = true;
        p->ready_us = p->heard_us = now_us;
        peer_set_timer(p, now_us);
        p->ops->ready(p->owner, now_us);
        return;
    case DTLS_CLOSED:
        c->dtls_closed++;
        peer_fail(p, "closed", now_us);
        return;
    case DTLS_FAILED:
        break;
    }
    if (dtls_fingerprint_failed(p->dtls))
        c->dtls_fingerprint++;
    c->dtls_failed++;
    peer_fail(p, "dtls", now_us);
}

void peer_take_dtls(struct peer *p, const uint8_t *bytes, size_t size, const struct path *from,
                    int64_t now_us)
{
    struct counters *c = peers_env(p->all)->counters;
    if (p->failed)
        return;
    if (p->ready && dtls_end_is_close(&p->end, bytes, size)) {
        c->dtls_closed++;
        peer_fail(p, "closed", now_us);
        return;
    }
    if (p->ready && !p->dtls) { /* its state is dropped: nothing but an authentic close counts */
        c->dtls_ignored++;
        return;
    }
    p->handshake_path = *from;
    if (!p->dtls)
        p->dtls = dtls_new(peers_env(p->all)->identity, p->fingerprint, peer_dtls_send, p);
    peer_shaken(p, dtls_feed(p->dtls, bytes, size), now_us);
}

static void peer_timer(void *arg, int64_t now_us)
{
    struct peer *p = arg;
    if (p->ready) {
        g_clear_pointer(&p->dtls, dtls_free);
        return;
    }
    if (now_us - p->created_us >= PEER_HANDSHAKE_MS * INT64_C(1000)) {
        peers_env(p->all)->counters->dtls_failed++;
        peer_fail(p, "dtls", now_us);
        return;
    }
    if (p->dtls)
        peer_shaken(p, dtls_tick(p->dtls), now_us);
    else
        peer_set_timer(p, now_us);
}

static bool peer_opened(enum srtp_verdict v, uint64_t *refused, uint64_t *replayed)
{
    *refused += v == SRTP_REFUSED;
    *replayed += v == SRTP_REPLAYED;
    return v == SRTP_OK;
}

/* What the peer sealed is a sign of life of it and of the path it came by. The first such packet proves that
 * it got our last flight: the handshake's state can go. */
static void peer_is_alive(struct peer *p, const struct path *from, int64_t now_us)
{
    bool proved = false;
    p->heard_us = now_us;
    for (unsigned i = 0; i < p->proofs_count; i++)
        if (address_equal(&p->proofs[i].path.remote, &from->remote)) {
            p->proofs[i].heard_us = now_us;
            proved = true;
        }
    peers_env(p->all)->counters->srtp_moved += !proved;
    if (p->dtls) {
        g_clear_pointer(&p->dtls, dtls_free);
        wheel_stop(peers_env(p->all)->wheel, &p->timer);
    }
}

void peer_take_srtp(struct peer *p, uint8_t *bytes, size_t size, const struct path *from, int64_t now_us)
{
    struct counters *c = peers_env(p->all)->counters;
    if (!p->in || p->failed) {
        c->rtp_unproved++;
        return;
    }
    if (rtp_is_rtcp(bytes, size)) {
        c->srtcp_in++;
        if (peer_opened(srtcp_open(p->in, bytes, &size), &c->srtcp_refused, &c->srtcp_replayed)) {
            peer_is_alive(p, from, now_us);
            p->ops->rtcp(p->owner, bytes, size, now_us);
        }
        return;
    }
    c->srtp_in++;
    if (peer_opened(srtp_open(p->in, bytes, &size), &c->srtp_refused, &c->srtp_replayed)) {
        peer_is_alive(p, from, now_us);
        peers_hear(p->all, get32(bytes + 8), p);
        p->ops->rtp(p->owner, bytes, size, now_us);
    }
}

void peer_send_rtcp(struct peer *p, const uint8_t *plain, size_t size)
{
    uint8_t sealed[DATAGRAM_MAX];
    const struct path *path = peer_path(p);
    if (!p->out || !path || size < 8 || size + SRTCP_OVERHEAD > sizeof sealed)
        return;
    peers_env(p->all)->counters->rtcp_out++;
    port_send(peers_env(p->all)->port, path, sealed, srtcp_seal(p->out, sealed, plain, size));
}
