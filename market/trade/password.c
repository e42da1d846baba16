/* password.c: Argon2id by libsodium, with the figures of the password storage cheat sheet. */
#include "market/trade/person.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

enum { PASSES = 2, MEMORY = 19 * 1024 * 1024 };
G_STATIC_ASSERT(crypto_pwhash_STRBYTES <= PASSWORD_TEXT);

/* The first guesses of every list, as far as they have six characters, and those of this country. */
static const char *const common[] = {
    "123456",    "1234567",   "12345678", "123456789", "1234567890", "password",   "password1", "qwerty",
    "qwerty123", "abc123",    "111111",   "000000",    "123123",     "654321",     "666666",    "888888",
    "999999",    "1q2w3e4r",  "iloveyou", "matkhau",   "matkhau1",   "anhyeuem",   "emyeuanh",  "vietnam",
    "vietnam1",  "hanoi123",  "nghean",   "nghean123", "chonuong",   "qwertyuiop", "asdfgh",    "zxcvbnm",
    "admin123",  "welcome",   "letmein",  "dragon",    "monkey",     "sunshine",   "princess",  "khongbiet",
    "toiyeuem",  "tinhyeu",   "maiyeuem", "abcd1234",  "a123456",    "123456a",    "112233",    "121212",
    "159753",    "147258369", "789456",   "aa123456",  "asd123",
};

bool password_hash(const char *password, char out[PASSWORD_TEXT])
{
    return crypto_pwhash_str_alg(out, password, strlen(password), PASSES, MEMORY,
                                 crypto_pwhash_ALG_ARGON2ID13) == 0;
}

bool password_verify(const char *password, const char *hash)
{
    if (hash[0])
        return crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
    char unused[PASSWORD_TEXT];
    password_hash(password, unused);
    return false;
}

bool password_print(const char *password, const char *key, char out[ID_HASH_CHARS + 1])
{
    unsigned char salt[crypto_pwhash_SALTBYTES], print[ID_HASH_CHARS / 2];
    if (crypto_generichash(salt, sizeof salt, (const unsigned char *)key, strlen(key), NULL, 0) != 0 ||
        crypto_pwhash(print, sizeof print, password, strlen(password), salt, PASSES, MEMORY,
                      crypto_pwhash_ALG_ARGON2ID13) != 0)
        return false;
    sodium_bin2hex(out, ID_HASH_CHARS + 1, print, sizeof print);
    return true;
}

bool password_is_common(const char *password)
{
    for (size_t i = 0; i < G_N_ELEMENTS(common); i++)
        if (g_ascii_strcasecmp(password, common[i]) == 0)
            return true;
    bool same = true, up = true, down = true;
    for (const char *p = password; p[0] && p[1]; p++) {
        same = same && p[1] == p[0];
        up = up && p[1] == p[0] + 1;
        down = down && p[1] == p[0] - 1;
    }
    return same || up || down;
}
