/* srtp.c: key derivation, the two ciphers, and the roll-over counter of each SSRC. */
#include "tests/load/swarm/srtp.h"

#include <glib.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

enum { SSRCS = 8, GCM_TAG = 16, CM_TAG = 10, AUTH_KEY = 20, RTCP_HEAD = 8 };

struct roll { /* RFC 3711 §3.3.1 */
    uint32_t ssrc, roc;
    uint16_t highest;
    bool used;
};

struct keys {
    EVP_CIPHER_CTX *cipher;
    HMAC_CTX *mac; /* CM only; restarted for each packet */
    uint8_t salt[14];
};

struct srtp_side {
    enum srtp_profile profile;
    struct keys rtp, rtcp;
    struct roll rolls[SSRCS];
    uint32_t rtcp_index;
};

size_t srtp_salt_length(enum srtp_profile profile)
{
    return profile == SRTP_GCM ? 12 : 14;
}

/* RFC 3711 §4.3: AES in counter mode over zeros, the label xored into the salt's eighth byte. */
static void derive(const uint8_t *key, const uint8_t *salt, size_t salt_length, uint8_t label, uint8_t *out,
                   int n)
{
    uint8_t iv[16] = {0}, zeros[32] = {0};
    int done = 0;
    memcpy(iv, salt, salt_length);
    iv[7] ^= label;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    g_assert(EVP_EncryptInit_ex(ctx, EVP_aes_128_ctr(), NULL, key, iv) == 1);
    g_assert(EVP_EncryptUpdate(ctx, out, &done, zeros, n) == 1);
    EVP_CIPHER_CTX_free(ctx);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored                                                                               \
    "-Wdeprecated-declarations" /* HMAC_CTX: EVP_MAC is slower to restart in OpenSSL 3.0 */

static void keys_init(struct keys *k, enum srtp_profile profile, const uint8_t *key, const uint8_t *salt,
                      uint8_t base)
{
    uint8_t cipher_key[SRTP_KEY], auth_key[AUTH_KEY];
    const size_t salt_length = srtp_salt_length(profile);
    derive(key, salt, salt_length, base, cipher_key, SRTP_KEY);
    derive(key, salt, salt_length, (uint8_t)(base + 2), k->salt, (int)salt_length);
    k->cipher = EVP_CIPHER_CTX_new();
    if (profile == SRTP_GCM) {
        g_assert(EVP_CipherInit_ex(k->cipher, EVP_aes_128_gcm(), NULL, cipher_key, NULL, 1) == 1);
        return;
    }
    derive(key, salt, salt_length, (uint8_t)(base + 1), auth_key, AUTH_KEY);
    g_assert(EVP_CipherInit_ex(k->cipher, EVP_aes_128_ctr(), NULL, cipher_key, NULL, 1) == 1);
    k->mac = HMAC_CTX_new();
    g_assert(HMAC_Init_ex(k->mac, auth_key, AUTH_KEY, EVP_sha1(), NULL) == 1);
}

static void keys_done(struct keys *k)
{
    EVP_CIPHER_CTX_free(k->cipher);
    HMAC_CTX_free(k->mac);
}

static void cm_tag(struct keys *k, const uint8_t *packet, size_t length, const uint8_t *roc, uint8_t tag[20])
{
    unsigned int n = 20;
    HMAC_Init_ex(k->mac, NULL, 0, NULL, NULL);
    HMAC_Update(k->mac, packet, length);
    if (roc)
        HMAC_Update(k->mac, roc, 4);
    HMAC_Final(k->mac, tag, &n);
}

#pragma GCC diagnostic pop

struct srtp_side *srtp_side_new(enum srtp_profile profile, const uint8_t *key, const uint8_t *salt)
{
    struct srtp_side *side = g_new0(struct srtp_side, 1);
    side->profile = profile;
    keys_init(&side->rtp, profile, key, salt, 0);
    keys_init(&side->rtcp, profile, key, salt, 3);
    return side;
}

void srtp_side_free(struct srtp_side *side)
{
    if (!side)
        return;
    keys_done(&side->rtp);
    keys_done(&side->rtcp);
    g_free(side);
}

size_t srtp_header_length(const uint8_t *packet, size_t length)
{
    if (length < 12 || packet[0] >> 6 != 2)
        return 0;
    size_t head = 12 + 4 * (size_t)(packet[0] & 15);
    if (packet[0] & 0x10) {
        if (length < head + 4)
            return 0;
        head += 4 + 4 * (size_t)(packet[head + 2] << 8 | packet[head + 3]);
    }
    return head <= length ? head : 0;
}

static void put32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static struct roll *roll_of(struct srtp_side *side, uint32_t ssrc, uint16_t seq)
{
    for (size_t i = 0; i < SSRCS; i++) {
        struct roll *r = &side->rolls[i];
        if (r->used && r->ssrc == ssrc)
            return r;
        if (!r->used) {
            *r = (struct roll){.ssrc = ssrc, .highest = seq, .used = true};
            return r;
        }
    }
    return NULL;
}

/* The roll-over count this packet was (or is to be) sealed with. */
static uint32_t roll_guess(const struct roll *r, uint16_t seq)
{
    if (r->highest < 0x8000)
        return seq - r->highest > 0x8000 ? r->roc - 1 : r->roc;
    return r->highest - 0x8000 > seq ? r->roc + 1 : r->roc;
}

static void roll_accept(struct roll *r, uint32_t roc, uint16_t seq)
{
    if (roc == r->roc + 1) {
        r->roc = roc;
        r->highest = seq;
    } else if (roc == r->roc && seq > r->highest) {
        r->highest = seq;
    }
}

/* GCM: 00 00 SSRC ROC SEQ (RTP) or 00 00 SSRC 00 00 INDEX (RTCP), xored with the salt (RFC 7714 §8.1, §9.1).
 */
static void gcm_iv(const struct keys *k, uint32_t ssrc, uint32_t high, uint32_t low16_or_index, bool rtcp,
                   uint8_t iv[12])
{
    memset(iv, 0, 12);
    put32(iv + 2, ssrc);
    if (rtcp) {
        put32(iv + 8, low16_or_index);
    } else {
        put32(iv + 6, high);
        iv[10] = (uint8_t)(low16_or_index >> 8);
        iv[11] = (uint8_t)low16_or_index;
    }
    for (int i = 0; i < 12; i++)
        iv[i] ^= k->salt[i];
}

/* CM: salt << 16 xor SSRC << 64 xor index << 16 (RFC 3711 §4.1.1); the index of RTCP has 31 bits. */
static void cm_iv(const struct keys *k, uint32_t ssrc, uint64_t index, uint8_t iv[16])
{
    memset(iv, 0, 16);
    memcpy(iv, k->salt, 14);
    for (int i = 0; i < 4; i++)
        iv[4 + i] ^= (uint8_t)(ssrc >> (24 - 8 * i));
    for (int i = 0; i < 6; i++)
        iv[8 + i] ^= (uint8_t)(index >> (40 - 8 * i));
}

static void cm_crypt(struct keys *k, const uint8_t iv[16], uint8_t *data, size_t length)
{
    int done = 0;
    EVP_CipherInit_ex(k->cipher, NULL, NULL, NULL, iv, 1);
    EVP_CipherUpdate(k->cipher, data, &done, data, (int)length);
}

struct aad {
    const uint8_t *bytes;
    size_t length;
};

static void gcm_begin(struct keys *k, const uint8_t iv[12], int seal, const struct aad *first,
                      const struct aad *second)
{
    int done = 0;
    EVP_CipherInit_ex(k->cipher, NULL, NULL, NULL, iv, seal);
    EVP_CipherUpdate(k->cipher, NULL, &done, first->bytes, (int)first->length);
    if (second)
        EVP_CipherUpdate(k->cipher, NULL, &done, second->bytes, (int)second->length);
}

static void gcm_seal(struct keys *k, uint8_t *data, size_t length, uint8_t *tag)
{
    int done = 0;
    EVP_CipherUpdate(k->cipher, data, &done, data, (int)length);
    EVP_CipherFinal_ex(k->cipher, data + done, &done);
    EVP_CIPHER_CTX_ctrl(k->cipher, EVP_CTRL_AEAD_GET_TAG, GCM_TAG, tag);
}

static bool gcm_open(struct keys *k, uint8_t *data, size_t length, uint8_t *tag)
{
    int done = 0;
    EVP_CIPHER_CTX_ctrl(k->cipher, EVP_CTRL_AEAD_SET_TAG, GCM_TAG, tag);
    return EVP_CipherUpdate(k->cipher, data, &done, data, (int)length) == 1 &&
           EVP_CipherFinal_ex(k->cipher, data + done, &done) == 1;
}

size_t srtp_seal_rtp(struct srtp_side *side, uint8_t *packet, size_t length)
{
    const size_t head = srtp_header_length(packet, length);
    if (!head)
        return 0;
    const uint16_t seq = (uint16_t)(packet[2] << 8 | packet[3]);
    const uint32_t ssrc = get32(packet + 8);
    struct roll *roll = roll_of(side, ssrc, seq);
    if (!roll)
        return 0;
    const uint32_t roc = roll_guess(roll, seq);
    roll_accept(roll, roc, seq);
    if (side->profile == SRTP_GCM) {
        uint8_t iv[12];
        gcm_iv(&side->rtp, ssrc, roc, seq, false, iv);
        gcm_begin(&side->rtp, iv, 1, &(struct aad){packet, head}, NULL);
        gcm_seal(&side->rtp, packet + head, length - head, packet + length);
        return length + GCM_TAG;
    }
    uint8_t iv[16], roc_bytes[4], tag[20];
    cm_iv(&side->rtp, ssrc, (uint64_t)roc << 16 | seq, iv);
    cm_crypt(&side->rtp, iv, packet + head, length - head);
    put32(roc_bytes, roc);
    cm_tag(&side->rtp, packet, length, roc_bytes, tag);
    memcpy(packet + length, tag, CM_TAG);
    return length + CM_TAG;
}

size_t srtp_open_rtp(struct srtp_side *side, uint8_t *packet, size_t length)
{
    const size_t head = srtp_header_length(packet, length);
    const size_t tag_length = side->profile == SRTP_GCM ? GCM_TAG : CM_TAG;
    if (!head || length < head + tag_length)
        return 0;
    const uint16_t seq = (uint16_t)(packet[2] << 8 | packet[3]);
    const uint32_t ssrc = get32(packet + 8);
    struct roll *roll = roll_of(side, ssrc, seq);
    if (!roll)
        return 0;
    const uint32_t roc = roll_guess(roll, seq);
    const size_t clear = length - tag_length;
    if (side->profile == SRTP_GCM) {
        uint8_t iv[12];
        gcm_iv(&side->rtp, ssrc, roc, seq, false, iv);
        gcm_begin(&side->rtp, iv, 0, &(struct aad){packet, head}, NULL);
        if (!gcm_open(&side->rtp, packet + head, clear - head, packet + clear))
            return 0;
    } else {
        uint8_t iv[16], roc_bytes[4], tag[20];
        put32(roc_bytes, roc);
        cm_tag(&side->rtp, packet, clear, roc_bytes, tag);
        if (CRYPTO_memcmp(tag, packet + clear, CM_TAG) != 0)
            return 0;
        cm_iv(&side->rtp, ssrc, (uint64_t)roc << 16 | seq, iv);
        cm_crypt(&side->rtp, iv, packet + head, clear - head);
    }
    roll_accept(roll, roc, seq);
    return clear;
}

size_t srtp_seal_rtcp(struct srtp_side *side, uint8_t *packet, size_t length)
{
    if (length < RTCP_HEAD)
        return 0;
    const uint32_t ssrc = get32(packet + 4), index = side->rtcp_index++ & 0x7FFFFFFF;
    uint8_t word[4];
    put32(word, index | 0x80000000);
    if (side->profile == SRTP_GCM) {
        uint8_t iv[12];
        gcm_iv(&side->rtcp, ssrc, 0, index, true, iv);
        gcm_begin(&side->rtcp, iv, 1, &(struct aad){packet, RTCP_HEAD}, &(struct aad){word, 4});
        gcm_seal(&side->rtcp, packet + RTCP_HEAD, length - RTCP_HEAD, packet + length);
        memcpy(packet + length + GCM_TAG, word, 4);
        return length + GCM_TAG + 4;
    }
    uint8_t iv[16], tag[20];
    cm_iv(&side->rtcp, ssrc, index, iv);
    cm_crypt(&side->rtcp, iv, packet + RTCP_HEAD, length - RTCP_HEAD);
    memcpy(packet + length, word, 4);
    cm_tag(&side->rtcp, packet, length + 4, NULL, tag);
    memcpy(packet + length + 4, tag, CM_TAG);
    return length + 4 + CM_TAG;
}

size_t srtp_open_rtcp(struct srtp_side *side, uint8_t *packet, size_t length)
{
    const size_t extra = side->profile == SRTP_GCM ? GCM_TAG + 4 : CM_TAG + 4;
    if (length < RTCP_HEAD + extra)
        return 0;
    const size_t clear = length - extra;
    const uint32_t ssrc = get32(packet + 4);
    if (side->profile == SRTP_GCM) {
        const uint8_t *word = packet + clear + GCM_TAG;
        uint8_t iv[12];
        gcm_iv(&side->rtcp, ssrc, 0, get32(word) & 0x7FFFFFFF, true, iv);
        gcm_begin(&side->rtcp, iv, 0, &(struct aad){packet, RTCP_HEAD}, &(struct aad){word, 4});
        return gcm_open(&side->rtcp, packet + RTCP_HEAD, clear - RTCP_HEAD, packet + clear) ? clear : 0;
    }
    uint8_t iv[16], tag[20];
    cm_tag(&side->rtcp, packet, clear + 4, NULL, tag);
    if (CRYPTO_memcmp(tag, packet + clear + 4, CM_TAG) != 0)
        return 0;
    cm_iv(&side->rtcp, ssrc, get32(packet + clear) & 0x7FFFFFFF, iv);
    cm_crypt(&side->rtcp, iv, packet + RTCP_HEAD, clear - RTCP_HEAD);
    return clear;
}
