/* totp.h: one-time codes by the clock (RFC 6238: SHA-1, six digits, steps of 30 seconds), as every
 * authenticator app makes them. Pure: the time is handed in. Any thread. */
#ifndef TRADE_TOTP_H
#define TRADE_TOTP_H

#include <stdbool.h>
#include <stdint.h>

enum {
    TOTP_SECRET = 20, /* bytes: as long as the hash, RFC 4226 section 4 */
    TOTP_TEXT = 32,   /* the same in base32 */
    TOTP_DIGITS = 6,
    TOTP_STEP_MS = 30000,
    TOTP_DRIFT = 1, /* steps that a phone's clock may be off, either way */
};

int64_t totp_step(int64_t now_ms);
void totp_code(const uint8_t secret[TOTP_SECRET], int64_t step, char out[TOTP_DIGITS + 1]);
/* The step whose code this is: at most TOTP_DRIFT from now, and newer than `last`, the newest that was taken
 * before. 0: of none. Which digit is wrong changes nothing about how long it takes. */
int64_t totp_match(const uint8_t secret[TOTP_SECRET], const char code[TOTP_DIGITS + 1], int64_t now_ms,
                   int64_t last);
/* Six digits, spaces between them allowed, as apps show them. False: not that. */
bool totp_read(const char *typed, char out[TOTP_DIGITS + 1]);

void totp_text(const uint8_t secret[TOTP_SECRET], char out[TOTP_TEXT + 1]);
/* What an app reads from the QR code: otpauth://totp/ISSUER:ACCOUNT?… Yours to g_free. */
char *totp_uri(const uint8_t secret[TOTP_SECRET], const char *issuer, const char *account);

#endif
