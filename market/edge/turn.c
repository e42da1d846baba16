/* turn.c: Link headers of STUN and TURN servers, with time-limited credentials. */
#include "market/edge/turn.h"

#include <glib.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

static bool is_turn(const char *url)
{
    return g_str_has_prefix(url, "turn:") || g_str_has_prefix(url, "turns:");
}

bool turn_url_ok(const char *url)
{
    if (!is_turn(url) && !g_str_has_prefix(url, "stun:") && !g_str_has_prefix(url, "stuns:"))
        return false;
    for (const char *c = url; *c; c++) {
        if (!g_ascii_isalnum(*c) && !strchr(":.-_[]?=", *c))
            return false;
    }
    return strlen(url) <= 255 && url[strlen(url) - 1] != ':';
}

bool turn_credential(const char *secret, const char *user, char out[TURN_CREDENTIAL_CHARS + 1])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (!HMAC(EVP_sha1(), secret, (int)strlen(secret), (const unsigned char *)user, strlen(user), digest,
              &length) ||
        length != 20)
        return false;
    EVP_EncodeBlock((unsigned char *)out, digest, (int)length);
    return true;
}

char *turn_link(const char *url, const char *secret, const char *name, int64_t until_s)
{
    char credential[TURN_CREDENTIAL_CHARS + 1];
    if (!is_turn(url))
        return g_strdup_printf("<%s>; rel=\"ice-server\"", url);
    g_autofree char *user = g_strdup_printf("%" G_GINT64_FORMAT ":%s", until_s, name);
    if (!turn_credential(secret, user, credential))
        return NULL;
    return g_strdup_printf(
        "<%s>; rel=\"ice-server\"; username=\"%s\"; credential=\"%s\"; credential-type=\"password\"", url,
        user, credential);
}
