/* id.c: randomness from libsodium's kernel source, SHA-256 from libcrypto (it uses the processor's SHA
 * instructions). */
#include "market/base/id.h"

#include <assert.h>
#include <ctype.h>
#include <glib.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>

static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
enum { SYMBOLS = 32, CODE_FREE = 7, CHECK_MOD = 31 };

void id_secret(char out[ID_SECRET_CHARS + 1])
{
    unsigned char bytes[32];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(out, ID_SECRET_CHARS + 1, bytes, sizeof bytes,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
}

/* A context is reused: making one costs as much as hashing a row. It ends with its thread. */
static void context_free(void *context)
{
    EVP_MD_CTX_free(context);
}
static GPrivate contexts = G_PRIVATE_INIT(context_free);

static EVP_MD *sha256;

static void fetch_sha256(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

void id_digest(const struct id_part *parts, size_t count, char out[ID_HASH_CHARS + 1])
{
    unsigned char digest[32];
    static pthread_once_t fetched = PTHREAD_ONCE_INIT;
    pthread_once(&fetched, fetch_sha256);
    EVP_MD_CTX *context = g_private_get(&contexts);
    if (!context) {
        context = EVP_MD_CTX_new();
        g_private_set(&contexts, context);
    }
    int fine = context && sha256 && EVP_DigestInit_ex2(context, sha256, NULL);
    for (size_t i = 0; fine && i < count; i++) {
        uint64_t length = parts[i].length;
        fine = EVP_DigestUpdate(context, &length, sizeof length) &&
               EVP_DigestUpdate(context, parts[i].bytes, parts[i].length);
    }
    fine = fine && EVP_DigestFinal_ex(context, digest, NULL);
    assert(fine && "SHA-256 is always there");
    for (size_t i = 0; i < sizeof digest;
         i++) { /* digests are no secrets: no need for libsodium's slow constant time */
        out[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
    out[ID_HASH_CHARS] = '\0';
}

void id_hash(const char *secret, char out[ID_HASH_CHARS + 1])
{
    struct id_part part = {secret, strlen(secret)};
    id_digest(&part, 1, out);
}

static int symbol_value(char c)
{
    const char *at = c ? strchr(symbols, c) : NULL;
    return at ? (int)(at - symbols) : -1;
}

/* Weights 2…8 are pairwise different and smaller than the prime 31; so a swap of unlike neighbours or one
 * wrong symbol moves the sum, unless the two symbols differ by exactly 31 (0 and Z): those two are kept apart
 * by not issuing Z. */
static char code_check(const char *free_symbols)
{
    int sum = 0;
    for (int i = 0; i < CODE_FREE; i++)
        sum += (i + 2) * symbol_value(free_symbols[i]);
    return symbols[sum % CHECK_MOD];
}

void id_code(char out[ID_CODE_CHARS + 1])
{
    unsigned char
        dice[32]; /* one visit to the kernel; 31 of 32 throws count, the 32nd would favour some symbols */
    size_t thrown = sizeof dice;
    memcpy(out, "CX", 2);
    for (int i = 0; i < CODE_FREE;) {
        if (thrown == sizeof dice) {
            randombytes_buf(dice, sizeof dice);
            thrown = 0;
        }
        int value = dice[thrown++] % SYMBOLS;
        if (value < CHECK_MOD)
            out[2 + i++] = symbols[value];
    }
    out[2 + CODE_FREE] = code_check(out + 2);
    out[ID_CODE_CHARS] = '\0';
}

bool id_code_read(const char *typed, char out[ID_CODE_CHARS + 1])
{
    char code[ID_CODE_CHARS + 1] = "";
    size_t length = 0;
    for (; *typed; typed++) {
        char c = (char)toupper((unsigned char)*typed);
        if (c == ' ' || c == '-')
            continue;
        c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
        if (length == ID_CODE_CHARS || (length >= 2 && (c == 'Z' || symbol_value(c) < 0)))
            return false;
        code[length++] = c;
    }
    if (length != ID_CODE_CHARS || memcmp(code, "CX", 2) != 0 ||
        code[ID_CODE_CHARS - 1] != code_check(code + 2))
        return false;
    memcpy(out, code, sizeof code);
    return true;
}
