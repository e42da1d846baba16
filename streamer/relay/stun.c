/* stun.c: one bounded walk over the attributes; everything else is arithmetic on offsets found there. */
#include "streamer/relay/stun.h"
#include "streamer/relay/bytes.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

enum {
    STUN_HEAD = 20,
    STUN_BINDING_REQUEST = 0x0001,
    STUN_BINDING_SUCCESS = 0x0101,
    STUN_USERNAME = 0x0006,
    STUN_MESSAGE_INTEGRITY = 0x0008,
    STUN_XOR_MAPPED_ADDRESS = 0x0020,
    STUN_USE_CANDIDATE = 0x0025,
    STUN_FINGERPRINT = 0x8028,
    STUN_SHA1 = 20,
};

static uint32_t stun_crc32(const uint8_t *bytes, size_t size)
{
    static const uint32_t half[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
                                      0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                      0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ half[crc & 15];
        crc = crc >> 4 ^ half[crc & 15];
    }
    return ~crc;
}

static uint32_t stun_fingerprint(const uint8_t *bytes, size_t size)
{
    return stun_crc32(bytes, size) ^ 0x5354554e;
}

static bool stun_username(struct stun_request *out, const uint8_t *value, size_t size)
{
    const uint8_t *colon = memchr(value, ':', size);
    if (!colon || colon == value)
        return false;
    out->ufrag = (const char *)value;
    out->ufrag_size = (size_t)(colon - value);
    return true;
}

/* Attributes behind MESSAGE-INTEGRITY count for nothing, FINGERPRINT excepted, which must be the last (RFC
 * 8489 14.5, 14.7). Unknown ones are passed over: an error answer would make us a reflector. */
static bool stun_walk(struct stun_request *out, const uint8_t *bytes, size_t size)
{
    for (size_t at = STUN_HEAD; at + 4 <= size;) {
        unsigned type = get16(bytes + at);
        size_t length = get16(bytes + at + 2), room = (length + 3) & ~(size_t)3;
        if (room > size - at - 4)
            return false;
        const uint8_t *value = bytes + at + 4;
        if (type == STUN_FINGERPRINT)
            return length == 4 && at + 8 == size && get32(value) == stun_fingerprint(bytes, at);
        if (!out->integrity_at) {
            if (type == STUN_USERNAME && !stun_username(out, value, length))
                return false;
            if (type == STUN_USE_CANDIDATE)
                out->use_candidate = true;
            if (type == STUN_MESSAGE_INTEGRITY) {
                if (length != STUN_SHA1)
                    return false;
                out->integrity_at = at;
            }
        }
        at += 4 + room;
    }
    return false; /* no FINGERPRINT */
}

bool stun_read(struct stun_request *out, const uint8_t *bytes, size_t size)
{
    memset(out, 0, sizeof *out);
    if (size < STUN_HEAD || size > STUN_MESSAGE_MAX || get16(bytes) != STUN_BINDING_REQUEST ||
        get32(bytes + 4) != STUN_COOKIE)
        return false;
    if (size % 4 != 0 || get16(bytes + 2) != size - STUN_HEAD)
        return false;
    out->bytes = bytes;
    out->size = size;
    return stun_walk(out, bytes, size) && out->ufrag && out->integrity_at;
}

/* HMAC-SHA1 over everything before the attribute, the header's length reaching to the attribute's end. */
static void stun_integrity(uint8_t out[STUN_SHA1], const uint8_t *bytes, size_t integrity_at, const char *pwd)
{
    uint8_t copy[STUN_MESSAGE_MAX];
    unsigned size = STUN_SHA1;
    memcpy(copy, bytes, integrity_at);
    put16(copy + 2, (unsigned)(integrity_at + 4 + STUN_SHA1 - STUN_HEAD));
    HMAC(EVP_sha1(), pwd, (int)strlen(pwd), copy, integrity_at, out, &size);
}

bool stun_authentic(const struct stun_request *r, const char *pwd)
{
    uint8_t want[STUN_SHA1];
    stun_integrity(want, r->bytes, r->integrity_at, pwd);
    return CRYPTO_memcmp(want, r->bytes + r->integrity_at + 4, STUN_SHA1) == 0;
}

static size_t stun_mapped(uint8_t *at, const struct address *from, const uint8_t *head)
{
    bool v4 = address_is_v4(from);
    size_t length = v4 ? 4 : 16;
    const uint8_t *ip = v4 ? &from->ip.s6_addr[12] : from->ip.s6_addr;
    put16(at, STUN_XOR_MAPPED_ADDRESS);
    put16(at + 2, (unsigned)(4 + length));
    put16(at + 4, v4 ? 1 : 2);
    put16(at + 6, from->port ^ (unsigned)(STUN_COOKIE >> 16));
    for (size_t i = 0; i < length; i++)
        at[8 + i] = ip[i] ^ head[4 + i]; /* the cookie, then the transaction id */
    return 8 + length;
}

size_t stun_seal(uint8_t *message, size_t size, const char *pwd)
{
    put16(message + size, STUN_MESSAGE_INTEGRITY);
    put16(message + size + 2, STUN_SHA1);
    stun_integrity(message + size + 4, message, size, pwd);
    size += 4 + STUN_SHA1;
    put16(message + 2, (unsigned)(size + 8 - STUN_HEAD));
    put16(message + size, STUN_FINGERPRINT);
    put16(message + size + 2, 4);
    put32(message + size + 4, stun_fingerprint(message, size));
    return size + 8;
}

size_t stun_answer(uint8_t out[STUN_ANSWER_MAX], const struct stun_request *r, const struct address *from,
                   const char *pwd)
{
    memcpy(out, r->bytes, STUN_HEAD);
    put16(out, STUN_BINDING_SUCCESS);
    return stun_seal(out, STUN_HEAD + stun_mapped(out + STUN_HEAD, from, out), pwd);
}
