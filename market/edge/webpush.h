/* webpush.h: what is put into one web push request: the sealed message (RFC 8291 over RFC 8188, aes128gcm)
 * and our signature (VAPID, RFC 8292, ES256). Pure but for randomness and the key's file. Any thread.
 *
 * Written on OpenSSL because Debian has no C library for it (libecec is not packaged and has had no release
 * since 2018), and what it would save is the hundred lines below. */
#ifndef EDGE_WEBPUSH_H
#define EDGE_WEBPUSH_H

#include <glib.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WEBPUSH_TEXT_MAX = 3993, /* bytes that fit into one record of 4096 (RFC 8291 section 4) */
    WEBPUSH_PUBLIC_CHARS = 87,
    WEBPUSH_SALT = 16
};

struct webpush_key; /* our key pair */

/* Reads the key of `file` (PEM, P-256), or makes one there, mode 0600. NULL and *why (static) on failure. */
struct webpush_key *webpush_key_open(const char *file, const char **why);
void webpush_key_free(struct webpush_key *key);
const char *webpush_key_public(const struct webpush_key *key); /* base64url; lives as long as the key */

/* The Authorization header's value for this endpoint: "vapid t=…, k=…", good for twelve hours from `now_s`.
 * `contact` is a mailto: or https: address. NULL when the endpoint is no https address; g_free. */
char *webpush_authorization(const struct webpush_key *key, const char *endpoint, const char *contact,
                            int64_t now_s);

/* Seals `text` for the browser with these keys (base64url). NULL: they are no keys, or the text is too long.
 * Yours to unref. */
GByteArray *webpush_seal(const char *p256dh, const char *auth, const void *text, size_t length);
/* The same with a given one-time key and salt, for the RFC's own example. */
GByteArray *webpush_seal_with(EVP_PKEY *once, const unsigned char salt[WEBPUSH_SALT], const char *p256dh,
                              const char *auth, const void *text, size_t length);

#endif
