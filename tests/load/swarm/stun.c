/* stun.c: see stun.h. Integrity is HMAC-SHA1 over the message up to its own attribute with the length field
 * set as if the message ended after it (RFC 8489 §14.5); the fingerprint is CRC-32 xored with "STUN" (§14.7).
 */
#include "tests/load/swarm/stun.h"

#include <glib.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

enum {
    HEAD = 20,
    COOKIE = 0x2112A442,
    BINDING = 0x0001,
    BINDING_OK = 0x0101,
    BINDING_ERROR = 0x0111,
    USERNAME = 0x0006,
    INTEGRITY = 0x0008,
    PRIORITY = 0x0024,
    USE_CANDIDATE = 0x0025,
    MAPPED = 0x0020,
    FINGERPRINT = 0x8028,
    CONTROLLING = 0x802A,
    HOST_PRIORITY = 0x6E0001FF, /* host, type preference 110, component 1 */
};

static void put16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
    put16(p, (uint16_t)(v >> 16));
    put16(p + 2, (uint16_t)v);
}

static uint16_t get16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static uint32_t crc32_of(const uint8_t *p, size_t n)
{
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0xEDB88320 & (0 - (crc & 1)));
    }
    return ~crc;
}

static size_t attribute(uint8_t *out, size_t at, uint16_t type, const void *value, size_t length)
{
    const size_t padded = (length + 3) & ~(size_t)3;
    put16(out + at, type);
    put16(out + at + 2, (uint16_t)length);
    if (length)
        memcpy(out + at + 4, value, length);
    memset(out + at + 4 + length, 0, padded - length);
    return at + 4 + padded;
}

static void integrity(const uint8_t *packet, size_t covered, const char *password, uint8_t mac[20])
{
    uint8_t copy[1024];
    unsigned int length = 20;
    g_assert(covered <= sizeof copy);
    memcpy(copy, packet, covered);
    put16(copy + 2, (uint16_t)(covered + 24 - HEAD));
    HMAC(EVP_sha1(), password, (int)strlen(password), copy, covered, mac, &length);
}

static size_t finish(uint8_t *out, size_t at, const char *password)
{
    uint8_t mac[20], crc[4];
    integrity(out, at, password, mac);
    at = attribute(out, at, INTEGRITY, mac, sizeof mac);
    put16(out + 2, (uint16_t)(at + 8 - HEAD));
    put32(crc, crc32_of(out, at) ^ 0x5354554E);
    return attribute(out, at, FINGERPRINT, crc, 4);
}

size_t stun_write(uint8_t *out, const struct stun_ask *ask)
{
    uint8_t number[8];
    put16(out, BINDING);
    put16(out + 2, 0);
    put32(out + 4, COOKIE);
    memcpy(out + 8, ask->txid, STUN_TXID);
    size_t at = attribute(out, HEAD, USERNAME, ask->user, MIN(strlen(ask->user), (size_t)96));
    put32(number, (uint32_t)(ask->tie_breaker >> 32));
    put32(number + 4, (uint32_t)ask->tie_breaker);
    at = attribute(out, at, CONTROLLING, number, 8);
    put32(number, HOST_PRIORITY);
    at = attribute(out, at, PRIORITY, number, 4);
    if (ask->nominate)
        at = attribute(out, at, USE_CANDIDATE, NULL, 0);
    return finish(out, at, ask->password);
}

bool stun_looks_like(const uint8_t *packet, size_t length)
{
    return length >= HEAD && packet[0] < 4 && get32(packet + 4) == COOKIE;
}

/* Walks the attributes: false when one is malformed or the fingerprint wrong; `*sealed`: signed with this
 * password. */
static bool check(const uint8_t *packet, size_t length, const char *password, bool *sealed)
{
    *sealed = false;
    if (length > 1000 || get16(packet + 2) + (size_t)HEAD != length)
        return false;
    for (size_t at = HEAD; at + 4 <= length;) {
        const size_t value = get16(packet + at + 2);
        if (at + 4 + value > length)
            return false;
        uint8_t mac[20];
        if (get16(packet + at) == INTEGRITY && value == sizeof mac) {
            integrity(packet, at, password, mac);
            *sealed = CRYPTO_memcmp(mac, packet + at + 4, sizeof mac) == 0;
        } else if (get16(packet + at) == FINGERPRINT && value == 4 &&
                   (crc32_of(packet, at) ^ 0x5354554E) != get32(packet + at + 4)) {
            return false;
        }
        at += 4 + ((value + 3) & ~(size_t)3);
    }
    return true;
}

size_t stun_answer(uint8_t *out, const uint8_t *request, size_t length, const char *password,
                   const struct sockaddr_in *from)
{
    bool sealed = false;
    uint8_t mapped[8] = {0, 1};
    if (!stun_looks_like(request, length) || get16(request) != BINDING ||
        !check(request, length, password, &sealed) || !sealed)
        return 0;
    put16(mapped + 2, (uint16_t)(ntohs(from->sin_port) ^ (COOKIE >> 16)));
    put32(mapped + 4, ntohl(from->sin_addr.s_addr) ^ COOKIE);
    put16(out, BINDING_OK);
    memcpy(out + 4, request + 4, 4 + STUN_TXID);
    return finish(out, attribute(out, HEAD, MAPPED, mapped, sizeof mapped), password);
}

enum stun_reply stun_read(const uint8_t *packet, size_t length, const uint8_t *txid, const char *password)
{
    bool sealed = false;
    if (!stun_looks_like(packet, length) || memcmp(packet + 8, txid, STUN_TXID) != 0)
        return STUN_NOT_OURS;
    if (!check(packet, length, password, &sealed))
        return STUN_BAD;
    if (get16(packet) == BINDING_ERROR)
        return STUN_REFUSED;
    return get16(packet) == BINDING_OK && sealed ? STUN_ACCEPTED : STUN_BAD;
}
