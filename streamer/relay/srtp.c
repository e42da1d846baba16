/* srtp.c: key derivation, packet IVs, replay windows; then the two ciphers. Contexts are made once: a packet
 * costs a new IV (GCM: two bulk calls and a tag; CM: one bulk call and two copied SHA-1 states). */
#define OPENSSL_SUPPRESS_DEPRECATED /* SHA_CTX can be copied by assignment; EVP_MAC and EVP_MD allocate for  \
                                       a copy */
#include "streamer/relay/srtp.h"
#include "streamer/relay/bulk.h"
#include "streamer/relay/bytes.h"
#include "streamer/relay/limits.h"
#include "streamer/relay/rtp.h"

#include <assert.h>
#include <glib.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string.h>

enum { GCM_TAG = 16, CM_TAG = 10, WINDOW = 128, CACHE_LINE = 64 };

struct srtp_keys { /* of RTP or of RTCP */
    EVP_CIPHER_CTX *cipher;
    struct bulk_key *bulk; /* in its place, when RTP is sealed in bulk */
    uint8_t salt[SRTP_SALT_MAX];
    SHA_CTX inner, outer; /* HMAC-SHA1 with the key already in; CM only */
};

struct srtp_stream { /* what arrived of one SSRC */
    uint32_t ssrc;
    bool used;
    uint64_t highest;
    uint64_t seen[2]; /* bit n: highest - n was accepted */
};

struct srtp {
    enum srtp_profile profile;
    uint32_t srtcp_index;
    struct srtp_keys rtp, rtcp;
    struct srtp_stream *streams; /* [2][SRTP_STREAMS]: RTP, RTCP; made at the first packet opened */
};

unsigned srtp_salt_size(enum srtp_profile profile)
{
    return profile == SRTP_GCM_128 ? 12 : 14;
}

/* RFC 3711 4.3: AES-CM keystream, the label at byte 7 of the salt. RFC 7714 11: the same, a 12-byte salt
 * filled up. */
void srtp_derive(uint8_t *out, size_t size, const uint8_t *key, const uint8_t *salt, unsigned salt_size,
                 uint8_t label)
{
    static const uint8_t zeros[32];
    uint8_t iv[16] = {0};
    int n = 0;
    memcpy(iv, salt, salt_size);
    iv[7] ^= label;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(ctx, EVP_aes_128_ctr(), NULL, key, iv);
    EVP_EncryptUpdate(ctx, out, &n, zeros, (int)size);
    EVP_CIPHER_CTX_free(ctx);
    assert(n == (int)size);
}

static void srtp_hmac_key(struct srtp_keys *k, const uint8_t key[20])
{
    uint8_t block[SHA_CBLOCK];
    memset(block, 0x36, sizeof block);
    for (int i = 0; i < 20; i++)
        block[i] ^= key[i];
    SHA1_Init(&k->inner);
    SHA1_Update(&k->inner, block, sizeof block);
    for (size_t i = 0; i < sizeof block; i++)
        block[i] ^= 0x36 ^ 0x5c;
    SHA1_Init(&k->outer);
    SHA1_Update(&k->outer, block, sizeof block);
    OPENSSL_cleanse(block, sizeof block);
}

static void srtp_keys_init(struct srtp_keys *k, enum srtp_profile profile, const uint8_t *key,
                           const uint8_t *salt, uint8_t label, bool bulk)
{
    unsigned salt_size = srtp_salt_size(profile);
    bool gcm = profile == SRTP_GCM_128;
    uint8_t session[SRTP_KEY], auth[SHA_DIGEST_LENGTH] = {0};
    srtp_derive(session, sizeof session, key, salt, salt_size, label);
    srtp_derive(k->salt, salt_size, key, salt, salt_size, (uint8_t)(label + 2));
    if (!gcm)
        srtp_derive(auth, sizeof auth, key, salt, salt_size, (uint8_t)(label + 1));
    k->bulk = bulk ? bulk_key_new(session, gcm ? NULL : auth) : NULL;
    if (!k->bulk) {
        k->cipher = EVP_CIPHER_CTX_new();
        EVP_CipherInit_ex(k->cipher, gcm ? EVP_aes_128_gcm() : EVP_aes_128_ctr(), NULL, session, NULL, 1);
        if (!gcm)
            srtp_hmac_key(k, auth);
    }
    OPENSSL_cleanse(auth, sizeof auth);
    OPENSSL_cleanse(session, sizeof session);
}

struct srtp *srtp_new(enum srtp_profile profile, const uint8_t *key, const uint8_t *salt, enum srtp_use use)
{
    struct srtp *s = g_new0(struct srtp, 1);
    s->profile = profile;
    if (use != SRTP_CONTROL)
        srtp_keys_init(&s->rtp, profile, key, salt, 0, use == SRTP_SEALS);
    srtp_keys_init(&s->rtcp, profile, key, salt, 3, false);
    return s;
}

void srtp_free(struct srtp *s)
{
    if (!s)
        return;
    bulk_key_free(s->rtp.bulk);
    EVP_CIPHER_CTX_free(s->rtp.cipher);
    EVP_CIPHER_CTX_free(s->rtcp.cipher);
    g_free(s->streams);
    OPENSSL_cleanse(s, sizeof *s);
    g_free(s);
}

/* GCM: 00 00 SSRC(4) index(6); the 31-bit SRTCP index lies in the last four. CM: the same shifted two to the
 * left, with two zero bytes behind it for the block counter. */
static void srtp_iv(uint8_t iv[16], enum srtp_profile profile, const struct srtp_keys *k, uint32_t ssrc,
                    uint64_t index)
{
    uint8_t mix[12] = {0};
    unsigned at = profile == SRTP_GCM_128 ? 0 : 2;
    put32(mix + 2, ssrc);
    put16(mix + 6, (unsigned)(index >> 32) & 0xffff);
    put32(mix + 8, (uint32_t)index);
    memset(iv, 0, 16);
    memcpy(iv, k->salt, srtp_salt_size(profile));
    for (unsigned i = 0; i < 12; i++)
        iv[at + i] ^= mix[i];
}

static void srtp_hmac(const struct srtp_keys *k, uint8_t tag[CM_TAG], const uint8_t *bytes, size_t size,
                      const uint8_t *roc)
{
    uint8_t digest[SHA_DIGEST_LENGTH];
    SHA_CTX sha = k->inner;
    SHA1_Update(&sha, bytes, size);
    if (roc)
        SHA1_Update(&sha, roc, 4);
    SHA1_Final(digest, &sha);
    sha = k->outer;
    SHA1_Update(&sha, digest, sizeof digest);
    SHA1_Final(digest, &sha);
    memcpy(tag, digest, CM_TAG);
}

static void srtp_ctr(const struct srtp_keys *k, const uint8_t iv[16], uint8_t *out, const uint8_t *in,
                     size_t size)
{
    int n = 0;
    EVP_EncryptInit_ex(k->cipher, NULL, NULL, NULL, iv);
    EVP_EncryptUpdate(k->cipher, out, &n, in, (int)size);
}

/* aad2 (may be NULL) is the SRTCP index word, authenticated behind the header. */
static void srtp_gcm_seal(const struct srtp_keys *k, const uint8_t iv[16], const uint8_t *aad,
                          size_t aad_size, const uint8_t *aad2, uint8_t *out, const uint8_t *in, size_t size,
                          uint8_t tag[GCM_TAG])
{
    int n = 0;
    EVP_EncryptInit_ex(k->cipher, NULL, NULL, NULL, iv);
    EVP_EncryptUpdate(k->cipher, NULL, &n, aad, (int)aad_size);
    if (aad2)
        EVP_EncryptUpdate(k->cipher, NULL, &n, aad2, 4);
    EVP_EncryptUpdate(k->cipher, out, &n, in, (int)size);
    EVP_EncryptFinal_ex(k->cipher, out + n, &n);
    OSSL_PARAM want[2] = {OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag, GCM_TAG),
                          OSSL_PARAM_construct_end()};
    EVP_CIPHER_CTX_get_params(k->cipher, want); /* EVP_CTRL_AEAD_GET_TAG builds the same list, more slowly */
}

static bool srtp_gcm_open(const struct srtp_keys *k, const uint8_t iv[16], const uint8_t *aad,
                          size_t aad_size, const uint8_t *aad2, uint8_t *bytes, size_t size,
                          uint8_t tag[GCM_TAG])
{
    int n = 0;
    EVP_DecryptInit_ex(k->cipher, NULL, NULL, NULL, iv);
    EVP_CIPHER_CTX_ctrl(k->cipher, EVP_CTRL_AEAD_SET_TAG, GCM_TAG, tag);
    EVP_DecryptUpdate(k->cipher, NULL, &n, aad, (int)aad_size);
    if (aad2)
        EVP_DecryptUpdate(k->cipher, NULL, &n, aad2, 4);
    EVP_DecryptUpdate(k->cipher, bytes, &n, bytes, (int)size);
    return EVP_DecryptFinal_ex(k->cipher, bytes + n, &n) == 1;
}

void srtp_prefetch(const struct srtp *s)
{
    for (size_t at = 0; at < offsetof(struct srtp, rtcp); at += CACHE_LINE)
        __builtin_prefetch((const uint8_t *)s + at);
    if (s->rtp.bulk)
        bulk_key_prefetch(s->rtp.bulk);
}

void srtp_finish(void)
{
    bulk_finish();
}

static size_t srtp_seal_gcm(const struct srtp_keys *k, const uint8_t iv[16], uint8_t *out, size_t head_size,
                            const uint8_t *payload, size_t payload_size)
{
    if (k->bulk)
        bulk_gcm(k->bulk, iv, out, head_size, out + head_size, payload, payload_size);
    else
        srtp_gcm_seal(k, iv, out, head_size, NULL, out + head_size, payload, payload_size,
                      out + head_size + payload_size);
    return head_size + payload_size + GCM_TAG;
}

static size_t srtp_seal_cm(const struct srtp_keys *k, const uint8_t iv[16], uint8_t *out, size_t head_size,
                           const uint8_t *payload, size_t payload_size, uint64_t index)
{
    uint8_t roc[4];
    size_t size = head_size + payload_size;
    put32(roc, (uint32_t)(index >> 16));
    if (k->bulk) {
        memcpy(out + head_size, payload, payload_size);
        bulk_cm(k->bulk, iv, out, head_size, size, roc);
    } else {
        srtp_ctr(k, iv, out + head_size, payload, payload_size);
        srtp_hmac(k, out + size, out, size, roc);
    }
    return size + CM_TAG;
}

size_t srtp_seal(struct srtp *s, uint8_t *out, const uint8_t *head, size_t head_size, const uint8_t *payload,
                 size_t payload_size, uint64_t index)
{
    uint8_t iv[16];
    memcpy(out, head, head_size);
    srtp_iv(iv, s->profile, &s->rtp, get32(head + 8), index);
    if (s->profile == SRTP_GCM_128)
        return srtp_seal_gcm(&s->rtp, iv, out, head_size, payload, payload_size);
    return srtp_seal_cm(&s->rtp, iv, out, head_size, payload, payload_size, index);
}

size_t srtcp_seal(struct srtp *s, uint8_t *out, const uint8_t *plain, size_t size)
{
    uint8_t iv[16], word[4];
    uint32_t index = s->srtcp_index = (s->srtcp_index + 1) & 0x7fffffff;
    srtp_iv(iv, s->profile, &s->rtcp, get32(plain + 4), index);
    put32(word, 0x80000000u | index);
    memcpy(out, plain, 8);
    if (s->profile == SRTP_GCM_128) {
        srtp_gcm_seal(&s->rtcp, iv, out, 8, word, out + 8, plain + 8, size - 8, out + size);
        memcpy(out + size + GCM_TAG, word, 4);
        return size + GCM_TAG + 4;
    }
    srtp_ctr(&s->rtcp, iv, out + 8, plain + 8, size - 8);
    memcpy(out + size, word, 4);
    srtp_hmac(&s->rtcp, out + size + 4, out, size + 4, NULL);
    return size + 4 + CM_TAG;
}

/* Finds the stream, or a free place for it; NULL when the table is full. */
static struct srtp_stream *srtp_stream(struct srtp *s, bool rtcp, uint32_t ssrc)
{
    if (!s->streams)
        s->streams = g_new0(struct srtp_stream, 2 * SRTP_STREAMS);
    struct srtp_stream *free = NULL;
    for (unsigned i = 0; i < SRTP_STREAMS; i++) {
        struct srtp_stream *t = &s->streams[i + (rtcp ? SRTP_STREAMS : 0)];
        if (t->used && t->ssrc == ssrc)
            return t;
        if (!t->used && !free)
            free = t;
    }
    return free;
}

static bool srtp_is_replay(const struct srtp_stream *t, uint64_t index)
{
    if (!t->used || index > t->highest)
        return false;
    uint64_t back = t->highest - index;
    return back >= WINDOW || (t->seen[back / 64] >> (back % 64) & 1);
}

static void srtp_accept(struct srtp_stream *t, uint32_t ssrc, uint64_t index)
{
    if (!t->used) {
        *t = (struct srtp_stream){.ssrc = ssrc, .used = true, .highest = index, .seen = {1, 0}};
        return;
    }
    if (index <= t->highest) {
        uint64_t back = t->highest - index;
        t->seen[back / 64] |= UINT64_C(1) << (back % 64);
        return;
    }
    uint64_t ahead = index - t->highest;
    if (ahead >= WINDOW) {
        t->seen[0] = t->seen[1] = 0;
    } else if (ahead >= 64) {
        t->seen[1] = ahead == 64 ? t->seen[0] : t->seen[0] << (ahead - 64);
        t->seen[0] = 0;
    } else {
        t->seen[1] = t->seen[1] << ahead | t->seen[0] >> (64 - ahead);
        t->seen[0] <<= ahead;
    }
    t->seen[0] |= 1;
    t->highest = index;
}

/* RFC 3711 appendix A: the rollover counter that puts the sequence nearest to the highest seen. */
static uint64_t srtp_guess(const struct srtp_stream *t, uint16_t sequence)
{
    if (!t->used)
        return sequence;
    int16_t step = (int16_t)(sequence - (uint16_t)t->highest);
    int64_t index = (int64_t)t->highest + step;
    return index < 0 ? sequence : (uint64_t)index;
}

enum srtp_verdict srtp_open(struct srtp *s, uint8_t *packet, size_t *size)
{
    bool gcm = s->profile == SRTP_GCM_128;
    size_t tag = gcm ? GCM_TAG : CM_TAG, head = rtp_head_size(packet, *size);
    if (!s->rtp.cipher || !head || *size < head + tag)
        return SRTP_REFUSED;
    uint32_t ssrc = get32(packet + 8);
    struct srtp_stream *t = srtp_stream(s, false, ssrc);
    if (!t)
        return SRTP_REFUSED;
    uint64_t index = srtp_guess(t, get16(packet + 2));
    if (srtp_is_replay(t, index))
        return SRTP_REPLAYED;
    uint8_t iv[16], roc[4], want[CM_TAG];
    size_t end = *size - tag;
    srtp_iv(iv, s->profile, &s->rtp, ssrc, index);
    if (gcm) {
        if (!srtp_gcm_open(&s->rtp, iv, packet, head, NULL, packet + head, end - head, packet + end))
            return SRTP_REFUSED;
    } else {
        put32(roc, (uint32_t)(index >> 16));
        srtp_hmac(&s->rtp, want, packet, end, roc);
        if (CRYPTO_memcmp(want, packet + end, CM_TAG) != 0)
            return SRTP_REFUSED;
        srtp_ctr(&s->rtp, iv, packet + head, packet + head, end - head);
    }
    srtp_accept(t, ssrc, index);
    *size = end;
    return SRTP_OK;
}

enum srtp_verdict srtcp_open(struct srtp *s, uint8_t *packet, size_t *size)
{
    bool gcm = s->profile == SRTP_GCM_128;
    size_t overhead = gcm ? GCM_TAG + 4 : CM_TAG + 4;
    if (*size < 8 + overhead)
        return SRTP_REFUSED;
    size_t end = *size - overhead;
    uint8_t *word = gcm ? packet + *size - 4 : packet + end;
    uint32_t ssrc = get32(packet + 4), index = get32(word) & 0x7fffffff;
    if (!(word[0] & 0x80)) /* sent in the clear: WebRTC never does */
        return SRTP_REFUSED;
    struct srtp_stream *t = srtp_stream(s, true, ssrc);
    if (!t)
        return SRTP_REFUSED;
    if (srtp_is_replay(t, index))
        return SRTP_REPLAYED;
    uint8_t iv[16], want[CM_TAG];
    srtp_iv(iv, s->profile, &s->rtcp, ssrc, index);
    if (gcm) {
        if (!srtp_gcm_open(&s->rtcp, iv, packet, 8, word, packet + 8, end - 8, packet + end))
            return SRTP_REFUSED;
    } else {
        srtp_hmac(&s->rtcp, want, packet, end + 4, NULL);
        if (CRYPTO_memcmp(want, packet + end + 4, CM_TAG) != 0)
            return SRTP_REFUSED;
        srtp_ctr(&s->rtcp, iv, packet + 8, packet + 8, end - 8);
    }
    srtp_accept(t, ssrc, index);
    *size = end;
    return SRTP_OK;
}
