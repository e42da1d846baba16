/* totp.c: see totp.h. GLib has the HMAC; what is left of RFC 4226 is choosing four of its bytes. Debian's
 * liboath would do that too, but it is one more library to keep up with, compares codes by strcmp and leaves
 * the part that matters, that no code counts twice, to its caller all the same. */
#include "market/trade/totp.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

enum { HASH = 20, MODULUS = 1000000 };
static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"; /* RFC 4648 */

int64_t totp_step(int64_t now_ms)
{
    return now_ms / TOTP_STEP_MS;
}

void totp_code(const uint8_t secret[TOTP_SECRET], int64_t step, char out[TOTP_DIGITS + 1])
{
    uint8_t counter[8], hash[HASH];
    gsize size = sizeof hash;
    for (size_t i = 0; i < sizeof counter; i++)
        counter[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
    GHmac *hmac = g_hmac_new(G_CHECKSUM_SHA1, secret, TOTP_SECRET);
    g_hmac_update(hmac, counter, sizeof counter);
    g_hmac_get_digest(hmac, hash, &size);
    g_hmac_unref(hmac);
    const uint8_t *at = hash + (hash[HASH - 1] & 15);
    uint32_t number = (uint32_t)(at[0] & 0x7f) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    g_snprintf(out, TOTP_DIGITS + 1, "%06u", number % MODULUS);
    sodium_memzero(hash, sizeof hash);
}

int64_t totp_match(const uint8_t secret[TOTP_SECRET], const char code[TOTP_DIGITS + 1], int64_t now_ms,
                   int64_t last)
{
    int64_t now = totp_step(now_ms), found = 0;
    for (int64_t step = now - TOTP_DRIFT; step <= now + TOTP_DRIFT; step++) {
        char right[TOTP_DIGITS + 1];
        totp_code(secret, step, right);
        if (sodium_memcmp(right, code, TOTP_DIGITS) == 0 && step > last && step > 0)
            found = step;
    }
    return found;
}

bool totp_read(const char *typed, char out[TOTP_DIGITS + 1])
{
    size_t length = 0;
    for (; *typed; typed++) {
        if (*typed == ' ')
            continue;
        if (!g_ascii_isdigit(*typed) || length == TOTP_DIGITS)
            return false;
        out[length++] = *typed;
    }
    out[length] = '\0';
    return length == TOTP_DIGITS;
}

void totp_text(const uint8_t secret[TOTP_SECRET], char out[TOTP_TEXT + 1])
{
    for (size_t i = 0; i < TOTP_TEXT; i++) {
        size_t bit = i * 5, byte = bit / 8;
        unsigned two = (unsigned)secret[byte] << 8 | (byte + 1 < TOTP_SECRET ? secret[byte + 1] : 0u);
        out[i] = base32[two >> (11 - bit % 8) & 31];
    }
    out[TOTP_TEXT] = '\0';
}

char *totp_uri(const uint8_t secret[TOTP_SECRET], const char *issuer, const char *account)
{
    char text[TOTP_TEXT + 1];
    totp_text(secret, text);
    g_autofree char *from = g_uri_escape_string(issuer, NULL, false);
    g_autofree char *whose = g_uri_escape_string(account, NULL, false);
    char *uri = g_strdup_printf("otpauth://totp/%s:%s?secret=%s&issuer=%s", from, whose, text, from);
    sodium_memzero(text, sizeof text);
    return uri;
}
