/* webpush.c: see webpush.h. */
#include "market/edge/webpush.h"

#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { POINT = 65, SECRET = 32, AUTH = 16, TAG = 16, KEY = 16, NONCE = 12, RECORD = 4096, SIGNATURE = 64 };
enum { TOKEN_SECONDS = 12 * 3600 };
static const char http_scheme[] = "https://";

struct webpush_key {
    EVP_PKEY *pair;
    char public[WEBPUSH_PUBLIC_CHARS + 1];
};

/* --- base64url --- */

static char *to_base64url(const void *bytes, size_t length)
{
    char *text = g_base64_encode(bytes, length);
    g_strdelimit(text, "+", '-');
    g_strdelimit(text, "/", '_');
    text[strcspn(text, "=")] = '\0';
    return text;
}

/* False unless `text` is exactly `length` bytes. */
static bool from_base64url(const char *text, unsigned char *out, size_t length)
{
    gsize got = 0;
    static const char *const padding[] = {"", "===", "==", "="}; /* one letter over is never right */
    g_autofree char *usual = g_strconcat(text, padding[strlen(text) % 4], NULL);
    g_strdelimit(usual, "-", '+');
    g_strdelimit(usual, "_", '/');
    g_autofree guchar *bytes = g_base64_decode(usual, &got);
    if (got != length)
        return false;
    memcpy(out, bytes, length);
    return true;
}

/* --- keys --- */

static bool public_point(EVP_PKEY *pair, unsigned char point[POINT])
{
    size_t length = 0;
    return EVP_PKEY_get_octet_string_param(pair, OSSL_PKEY_PARAM_PUB_KEY, point, POINT, &length) == 1 &&
           length == POINT && point[0] == 4;
}

/* OpenSSL checks that the point is on the curve. */
static EVP_PKEY *public_key(const unsigned char point[POINT])
{
    EVP_PKEY *key = NULL;
    char curve[] = "P-256";
    unsigned char copy[POINT];
    memcpy(copy, point, POINT);
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve, 0),
                           OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, copy, POINT),
                           OSSL_PARAM_construct_end()};
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (!context || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    return key;
}

static bool save_key(const char *file, EVP_PKEY *pair)
{
    g_autofree char *fresh = g_strdup_printf("%s.new", file);
    unlink(fresh);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
    bool done = out && PEM_write_PKCS8PrivateKey(out, pair, NULL, NULL, 0, NULL, NULL) == 1 &&
                fflush(out) == 0 && fsync(fileno(out)) == 0;
    if (out)
        done = fclose(out) == 0 && done;
    return done && rename(fresh, file) == 0;
}

struct webpush_key *webpush_key_open(const char *file, const char **why)
{
    FILE *in = fopen(file, "re");
    EVP_PKEY *pair = in ? PEM_read_PrivateKey(in, NULL, NULL, NULL) : NULL;
    bool there = in != NULL;
    unsigned char point[POINT];
    if (in)
        fclose(in);
    if (!there) {
        pair = EVP_EC_gen("P-256");
        if (pair && !save_key(file, pair)) {
            *why = "the key for web push cannot be saved in the data directory";
            EVP_PKEY_free(pair);
            return NULL;
        }
    }
    if (!pair || !EVP_PKEY_is_a(pair, "EC") || EVP_PKEY_get_bits(pair) != 256 || !public_point(pair, point)) {
        *why = "push-key.pem is no P-256 key";
        EVP_PKEY_free(pair);
        return NULL;
    }
    struct webpush_key *key = g_new0(struct webpush_key, 1);
    g_autofree char *text = to_base64url(point, POINT);
    g_strlcpy(key->public, text, sizeof key->public);
    key->pair = pair;
    return key;
}

void webpush_key_free(struct webpush_key *key)
{
    if (!key)
        return;
    EVP_PKEY_free(key->pair);
    g_free(key);
}

const char *webpush_key_public(const struct webpush_key *key)
{
    return key->public;
}

/* --- who we are: a token signed for one push service --- */

/* ES256 wants the two numbers side by side, OpenSSL gives them in ASN.1 (RFC 7518 section 3.4). */
static bool sign(EVP_PKEY *pair, const char *text, unsigned char out[SIGNATURE])
{
    unsigned char der[128];
    size_t length = sizeof der;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, pair) == 1 &&
                EVP_DigestSign(context, der, &length, (const unsigned char *)text, strlen(text)) == 1;
    EVP_MD_CTX_free(context);
    const unsigned char *at = der;
    ECDSA_SIG *signature = done ? d2i_ECDSA_SIG(NULL, &at, (long)length) : NULL;
    done = signature && BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, 32) == 32 &&
           BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + 32, 32) == 32;
    ECDSA_SIG_free(signature);
    return done;
}

char *webpush_authorization(const struct webpush_key *key, const char *endpoint, const char *contact,
                            int64_t now_s)
{
    static const char head[] = "{\"typ\":\"JWT\",\"alg\":\"ES256\"}";
    unsigned char signature[SIGNATURE];
    if (!g_str_has_prefix(endpoint, http_scheme) || strpbrk(endpoint, "\"\\") || strpbrk(contact, "\"\\"))
        return NULL;
    size_t origin = strlen(http_scheme) + strcspn(endpoint + strlen(http_scheme), "/?#");
    g_autofree char *claims =
        g_strdup_printf("{\"aud\":\"%.*s\",\"exp\":%" G_GINT64_FORMAT ",\"sub\":\"%s\"}", (int)origin,
                        endpoint, now_s + TOKEN_SECONDS, contact);
    g_autofree char *first = to_base64url(head, strlen(head));
    g_autofree char *second = to_base64url(claims, strlen(claims));
    g_autofree char *both = g_strdup_printf("%s.%s", first, second);
    if (!sign(key->pair, both, signature))
        return NULL;
    g_autofree char *third = to_base64url(signature, SIGNATURE);
    return g_strdup_printf("vapid t=%s.%s, k=%s", both, third, key->public);
}

/* --- the message --- */

/* HKDF (RFC 5869) with one block, which is all that is asked for here. */
static bool derive(const unsigned char *salt, size_t salt_length, const unsigned char *from, size_t length,
                   const unsigned char *info, size_t info_length, unsigned char *out, size_t want)
{
    unsigned char secret[SECRET], block[SECRET], text[256];
    unsigned size = 0;
    if (info_length + 1 > sizeof text || want > SECRET)
        return false;
    memcpy(text, info, info_length);
    text[info_length] = 1;
    bool done = HMAC(EVP_sha256(), salt, (int)salt_length, from, length, secret, &size) &&
                HMAC(EVP_sha256(), secret, SECRET, text, info_length + 1, block, &size);
    if (done)
        memcpy(out, block, want);
    OPENSSL_cleanse(secret, sizeof secret);
    OPENSSL_cleanse(block, sizeof block);
    return done;
}

static bool agree(EVP_PKEY *ours, EVP_PKEY *theirs, unsigned char secret[SECRET])
{
    size_t length = SECRET;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(ours, NULL);
    bool done = context && EVP_PKEY_derive_init(context) == 1 &&
                EVP_PKEY_derive_set_peer(context, theirs) == 1 &&
                EVP_PKEY_derive(context, secret, &length) == 1 && length == SECRET;
    EVP_PKEY_CTX_free(context);
    return done;
}

struct seal {
    unsigned char ours[POINT], theirs[POINT], auth[AUTH], key[KEY], nonce[NONCE];
};

/* RFC 8291 section 3.4: from the agreed secret and the browser's own to key and nonce. */
static bool make_keys(struct seal *seal, const unsigned char shared[SECRET], const unsigned char *salt)
{
    static const unsigned char key_info[] = "Content-Encoding: aes128gcm"; /* with the final zero */
    static const unsigned char nonce_info[] = "Content-Encoding: nonce";
    unsigned char info[14 + 2 * POINT] = "WebPush: info", material[SECRET];
    memcpy(info + 14, seal->theirs, POINT);
    memcpy(info + 14 + POINT, seal->ours, POINT);
    bool done =
        derive(seal->auth, AUTH, shared, SECRET, info, sizeof info, material, SECRET) &&
        derive(salt, WEBPUSH_SALT, material, SECRET, key_info, sizeof key_info, seal->key, KEY) &&
        derive(salt, WEBPUSH_SALT, material, SECRET, nonce_info, sizeof nonce_info, seal->nonce, NONCE);
    OPENSSL_cleanse(material, sizeof material);
    return done;
}

/* One record: text, the byte 2 that says "last one", tag. */
static bool encrypt(const struct seal *seal, const void *text, size_t length, GByteArray *out)
{
    static const unsigned char last = 2;
    guint at = out->len;
    int some = 0, more = 0, end = 0;
    g_byte_array_set_size(out, at + (guint)length + 1 + TAG);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool done = context &&
                EVP_EncryptInit_ex(context, EVP_aes_128_gcm(), NULL, seal->key, seal->nonce) == 1 &&
                EVP_EncryptUpdate(context, out->data + at, &some, text, (int)length) == 1 &&
                EVP_EncryptUpdate(context, out->data + at + some, &more, &last, 1) == 1 &&
                EVP_EncryptFinal_ex(context, out->data + at + some + more, &end) == 1 &&
                EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG, out->data + at + length + 1) == 1;
    EVP_CIPHER_CTX_free(context);
    return done;
}

GByteArray *webpush_seal_with(EVP_PKEY *once, const unsigned char salt[WEBPUSH_SALT], const char *p256dh,
                              const char *auth, const void *text, size_t length)
{
    struct seal seal;
    unsigned char shared[SECRET];
    const unsigned char size[] = {0, 0, RECORD >> 8, RECORD & 255, POINT};
    if (length > WEBPUSH_TEXT_MAX || !from_base64url(p256dh, seal.theirs, POINT) ||
        !from_base64url(auth, seal.auth, AUTH) || !public_point(once, seal.ours))
        return NULL;
    EVP_PKEY *theirs = public_key(seal.theirs);
    bool done = theirs && agree(once, theirs, shared) && make_keys(&seal, shared, salt);
    EVP_PKEY_free(theirs);
    GByteArray *out = g_byte_array_new();
    g_byte_array_append(out, salt, WEBPUSH_SALT); /* RFC 8188 section 2.1: salt, record size, our point */
    g_byte_array_append(out, size, sizeof size);
    g_byte_array_append(out, seal.ours, POINT);
    done = done && encrypt(&seal, text, length, out);
    OPENSSL_cleanse(&seal, sizeof seal);
    OPENSSL_cleanse(shared, sizeof shared);
    if (done)
        return out;
    g_byte_array_unref(out);
    return NULL;
}

GByteArray *webpush_seal(const char *p256dh, const char *auth, const void *text, size_t length)
{
    unsigned char salt[WEBPUSH_SALT];
    EVP_PKEY *once = EVP_EC_gen("P-256");
    GByteArray *out = once && RAND_bytes(salt, sizeof salt) == 1
                          ? webpush_seal_with(once, salt, p256dh, auth, text, length)
                          : NULL;
    EVP_PKEY_free(once);
    return out;
}
