/* seal.c: XChaCha20-Poly1305 by libsodium; its long nonces may be thrown by chance. Stored as base64. */
#include "market/trade/seal.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

enum {
    KEY = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    SECRET_MAX = 64
};

struct seal {
    uint8_t key[KEY];
};

/* Under its name only when it is whole and on disk: a power cut leaves no half of a key. */
static bool make_key(const char *file, uint8_t key[KEY])
{
    randombytes_buf(key, KEY);
    return g_file_set_contents_full(file, (const char *)key, KEY,
                                    G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, NULL);
}

struct seal *seal_open(const char *file, const char **why)
{
    g_autofree char *bytes = NULL;
    gsize size = 0;
    g_autoptr(GError) error = NULL;
    struct seal *seal = g_new0(struct seal, 1);
    if (g_file_get_contents(file, &bytes, &size, &error)) {
        *why = "factor-key is not a key of ours";
        if (size == KEY) {
            memcpy(seal->key, bytes, KEY);
            sodium_memzero(bytes, KEY);
            return seal;
        }
    } else if (g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
        *why = "factor-key cannot be saved beside the database";
        if (make_key(file, seal->key))
            return seal;
    } else {
        *why = "factor-key cannot be read";
    }
    seal_free(seal);
    return NULL;
}

void seal_free(struct seal *seal)
{
    if (!seal)
        return;
    sodium_memzero(seal->key, KEY);
    g_free(seal);
}

char *seal_close(const struct seal *seal, int64_t whose, const uint8_t *secret, size_t size)
{
    uint8_t box[NONCE + SECRET_MAX + TAG];
    g_assert(size <= SECRET_MAX);
    randombytes_buf(box, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(box + NONCE, NULL, secret, size, (const uint8_t *)&whose,
                                               sizeof whose, NULL, box, seal->key);
    return g_base64_encode(box, NONCE + size + TAG);
}

bool seal_read(const struct seal *seal, int64_t whose, const char *sealed, uint8_t *secret, size_t size)
{
    gsize length = 0;
    g_autofree guchar *box = g_base64_decode(sealed, &length);
    return length == NONCE + size + TAG && crypto_aead_xchacha20poly1305_ietf_decrypt(
                                               secret, NULL, NULL, box + NONCE, length - NONCE,
                                               (const uint8_t *)&whose, sizeof whose, box, seal->key) == 0;
}
