/* hook.c: see hook.h; the checks. What a body says is read in hook_read.c. */
#include "market/trade/hook.h"

#include <sodium.h>
#include <string.h>
#include "market/trade/canon.h"

enum { STAMP_DIGITS = 15 };

const char *hook_auth_word(enum hook_auth auth)
{
    static const char *const words[] = {"genuine", "unsigned", "forged", "stale"};
    return words[auth];
}

/* Hashed first, so that neither content nor length shows in the time it takes. */
static bool same_secret(const char *a, const char *b)
{
    unsigned char ha[crypto_hash_sha256_BYTES], hb[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(ha, (const unsigned char *)a, strlen(a));
    crypto_hash_sha256(hb, (const unsigned char *)b, strlen(b));
    return sodium_memcmp(ha, hb, sizeof ha) == 0;
}

static bool read_hex(const char *hex, unsigned char *out, size_t size)
{
    size_t read = 0;
    const char *end = NULL;
    return sodium_hex2bin(out, size, hex, strlen(hex), NULL, &read, &end) == 0 && read == size &&
           *end == '\0';
}

static bool read_stamp(const char *text, int64_t *out)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > STAMP_DIGITS || text[digits])
        return false;
    *out = (int64_t)g_ascii_strtoull(text, NULL, 10);
    return true;
}

static enum hook_auth fresh(int64_t stamp_ms, int64_t now_ms)
{
    int64_t drift = now_ms - stamp_ms;
    return drift > HOOK_DRIFT_MS || drift < -HOOK_DRIFT_MS ? HOOK_STALE : HOOK_GENUINE;
}

enum hook_auth hook_sepay_key(const char *authorization, const char *key)
{
    if (!authorization)
        return HOOK_UNSIGNED;
    if (g_ascii_strncasecmp(authorization, "Bearer ", 7) == 0)
        authorization += 7;
    if (g_ascii_strncasecmp(authorization, "Apikey ", 7) != 0)
        return HOOK_UNSIGNED;
    return *key && same_secret(authorization + 7, key) ? HOOK_GENUINE : HOOK_FORGED;
}

enum hook_auth hook_sepay_signed(const char *timestamp, const char *signature, struct hook_body body,
                                 const char *secret, int64_t now_ms)
{
    unsigned char theirs[crypto_auth_hmacsha256_BYTES], ours[crypto_auth_hmacsha256_BYTES];
    int64_t stamp_s;
    if (!timestamp || !signature || !read_stamp(timestamp, &stamp_s) ||
        !g_str_has_prefix(signature, "sha256=") || !read_hex(signature + 7, theirs, sizeof theirs))
        return HOOK_UNSIGNED;
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)timestamp, strlen(timestamp));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)".", 1);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)body.bytes, body.size);
    crypto_auth_hmacsha256_final(&state, ours);
    if (!*secret || sodium_memcmp(ours, theirs, sizeof ours) != 0)
        return HOOK_FORGED;
    return fresh(stamp_s * 1000, now_ms);
}

enum hook_auth hook_casso_token(const char *header, const char *token)
{
    if (!header || !*header)
        return HOOK_UNSIGNED;
    return *token && same_secret(header, token) ? HOOK_GENUINE : HOOK_FORGED;
}

static bool casso_fits(const char *stamp, const char *text, const char *secret, const unsigned char *theirs)
{
    unsigned char ours[crypto_auth_hmacsha512_BYTES];
    crypto_auth_hmacsha512_state state;
    crypto_auth_hmacsha512_init(&state, (const unsigned char *)secret, strlen(secret));
    crypto_auth_hmacsha512_update(&state, (const unsigned char *)stamp, strlen(stamp));
    crypto_auth_hmacsha512_update(&state, (const unsigned char *)".", 1);
    crypto_auth_hmacsha512_update(&state, (const unsigned char *)text, strlen(text));
    crypto_auth_hmacsha512_final(&state, ours);
    return sodium_memcmp(ours, theirs, sizeof ours) == 0;
}

/* "t=…" and "v1=…" between commas, in any order. */
static bool read_casso_header(const char *header, char **stamp, unsigned char *theirs)
{
    g_auto(GStrv) parts = g_strsplit(header, ",", 8);
    bool signed_ = false;
    for (int i = 0; parts[i]; i++) {
        const char *part = g_strstrip(parts[i]);
        if (g_str_has_prefix(part, "t=") && !*stamp)
            *stamp = g_strdup(part + 2);
        else if (g_str_has_prefix(part, "v1="))
            signed_ = read_hex(part + 3, theirs, crypto_auth_hmacsha512_BYTES);
    }
    return *stamp && signed_;
}

enum hook_auth hook_casso_signed(const char *header, struct hook_body body, const char *secret,
                                 int64_t now_ms)
{
    unsigned char theirs[crypto_auth_hmacsha512_BYTES];
    g_autofree char *stamp = NULL;
    int64_t stamp_ms;
    if (!header || !read_casso_header(header, &stamp, theirs) || !read_stamp(stamp, &stamp_ms))
        return HOOK_UNSIGNED;
    json_t *json = json_loadb(body.bytes, body.size, JSON_REJECT_DUPLICATES, NULL);
    bool fits = false;
    for (int form = 0; json && *secret && form < CANON_FORMS; form++) {
        g_autofree char *text = canon_write(json, (enum canon_form)form);
        fits |= casso_fits(stamp, text, secret, theirs);
    }
    json_decref(json);
    return fits ? fresh(stamp_ms, now_ms) : HOOK_FORGED;
}

/* null is nothing, and so are the words for it that slip through from JavaScript. */
static char *payos_value(json_t *value)
{
    const char *text = json_string_value(value);
    if (json_is_null(value) || (text && (strcmp(text, "null") == 0 || strcmp(text, "undefined") == 0)))
        return g_strdup("");
    return text ? g_strdup(text) : canon_write(value, CANON_JS);
}

char *hook_payos_text(json_t *object)
{
    g_autoptr(GPtrArray) keys = canon_keys(object);
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < keys->len; i++) {
        g_autofree char *value = payos_value(json_object_get(object, keys->pdata[i]));
        g_string_append_printf(out, "%s%s=%s", i ? "&" : "", (char *)keys->pdata[i], value);
    }
    return g_string_free(out, FALSE);
}

enum hook_auth hook_payos_signed(struct hook_body body, const char *secret)
{
    unsigned char theirs[crypto_auth_hmacsha256_BYTES], ours[crypto_auth_hmacsha256_BYTES];
    enum hook_auth auth = HOOK_UNSIGNED;
    json_t *json = json_loadb(body.bytes, body.size, JSON_REJECT_DUPLICATES, NULL);
    const char *hex = json_string_value(json_object_get(json, "signature"));
    json_t *data = json_object_get(json, "data");
    if (hex && json_is_object(data) && read_hex(hex, theirs, sizeof theirs)) {
        g_autofree char *text = hook_payos_text(data);
        crypto_auth_hmacsha256_state state;
        crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
        crypto_auth_hmacsha256_update(&state, (const unsigned char *)text, strlen(text));
        crypto_auth_hmacsha256_final(&state, ours);
        auth = *secret && sodium_memcmp(ours, theirs, sizeof ours) == 0 ? HOOK_GENUINE : HOOK_FORGED;
    }
    json_decref(json);
    return auth;
}
