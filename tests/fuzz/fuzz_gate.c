/* The gate: datagrams of strangers, one after another (two bytes of length each), against a relay with one
 * peer that has proved an address. Whatever comes, the peer may fail its handshake but nothing else happens.
 */
#include "streamer/relay/bytes.h"
#include "streamer/relay/peers.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct owner {
    struct peer *peer;
};

static void on_ready(void *arg, int64_t now_us)
{
    (void)arg, (void)now_us;
}

static void on_rtcp(void *arg, uint8_t *bytes, size_t size, int64_t now_us)
{
    (void)arg, (void)bytes, (void)size, (void)now_us;
}

static void on_gone(void *arg, const char *why, int64_t now_us)
{
    struct owner *o = arg;
    (void)why, (void)now_us;
    peer_free(o->peer);
    o->peer = NULL;
}

static const struct peer_owner ops = {.ready = on_ready, .rtp = on_rtcp, .rtcp = on_rtcp, .gone = on_gone};

static struct peers *fuzz_peers(struct peers_env *env, struct counters *counters)
{
    env->counters = counters;
    env->port = port_open(0, counters);
    env->wheel = wheel_new(1000000);
    env->identity = dtls_identity_new();
    return peers_new(env);
}

static void fuzz_prove(struct owner *o, const struct path *from)
{
    uint8_t m[128] = {0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42};
    struct stun_request r;
    put16(m + 20, 6);
    put16(m + 22, ICE_UFRAG + 4);
    memcpy(m + 24, peer_ufrag(o->peer), ICE_UFRAG);
    memcpy(m + 24 + ICE_UFRAG, ":abc", 4);
    size_t size = stun_seal(m, 24 + ICE_UFRAG + 4, peer_pwd(o->peer));
    if (stun_read(&r, m, size))
        peer_take_stun(o->peer, &r, from, 1000000);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct peers_env env;
    static struct counters counters;
    static struct peers *all;
    static const uint8_t fingerprint[DTLS_FINGERPRINT];
    struct path from = {0};
    struct owner o = {0};
    if (!all)
        all = fuzz_peers(&env, &counters);
    address_parse(&from.remote, "127.0.0.1", 9); /* discard */
    o.peer = peer_new(all, fingerprint, &ops, &o, 1000000);
    fuzz_prove(&o, &from);
    while (size > 2) {
        uint8_t datagram[DATAGRAM_MAX];
        size_t length = get16(bytes);
        bytes += 2;
        size -= 2;
        length = length > size ? size : length;
        if (length > 0 && length <= sizeof datagram) {
            memcpy(datagram, bytes, length);
            peers_take(all, datagram, length, &from, 1000000);
        }
        bytes += length;
        size -= length;
    }
    peer_free(o.peer);
    port_flush(env.port);
    return 0;
}
