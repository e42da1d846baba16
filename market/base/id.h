/* id.h: names that cannot be guessed, and order codes that people can read to each other. Any thread. */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ID_SECRET_CHARS 43 /* 256 random bits, base64url without padding */
#define ID_HASH_CHARS 64   /* SHA-256 as lower-case hex */
#define ID_CODE_CHARS 10   /* CX, seven symbols, one check symbol */

/* A secret for a session, token or link: 256 bits of the kernel's randomness. */
void id_secret(char out[ID_SECRET_CHARS + 1]);
/* What is stored instead of a secret. Secrets have full entropy, so a plain hash is enough. */
void id_hash(const char *secret, char out[ID_HASH_CHARS + 1]);
/* SHA-256 of `parts` byte strings, each preceded by its length so that no two lists hash alike. */
struct id_part {
    const void *bytes;
    size_t length;
};
void id_digest(const struct id_part *parts, size_t count, char out[ID_HASH_CHARS + 1]);

/* A random order code: symbols 0-9 A-Z without I L O U; the last one is a check that finds every single wrong
 * symbol and every swap of neighbours. Chance decides it: the caller asks again when it is taken. */
void id_code(char out[ID_CODE_CHARS + 1]);
/* Reads a code as typed: any case, spaces and dashes allowed, O for 0, I and L for 1. False: not a code. */
bool id_code_read(const char *typed, char out[ID_CODE_CHARS + 1]);

#endif
