/* hook.h: notices that banks' messengers (SePay, Casso, payOS) send by HTTP: is it really them, and what do
 * they say. What is genuine is stored raw before it is read. Checks are over the raw bytes, or the
 * text the provider signs, in constant time. Pure: the time is handed in. Any thread. */
#ifndef TRADE_HOOK_H
#define TRADE_HOOK_H

#include <glib.h>
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include "market/trade/bank_event.h"

enum { HOOK_BODY = 256 * 1024, HOOK_EVENTS = 500, HOOK_DRIFT_MS = 300 * 1000 };

enum hook_auth {
    HOOK_GENUINE,
    HOOK_UNSIGNED, /* no or a malformed header */
    HOOK_FORGED,   /* the secret does not fit */
    HOOK_STALE     /* genuine, but stamped more than HOOK_DRIFT_MS from now: a replay, or a clock to be set */
};
const char *hook_auth_word(enum hook_auth auth); /* "genuine", "unsigned", "forged", "stale": stored */

struct hook_body {
    const char *bytes; /* need not end in a zero */
    size_t size;
};

/* Header values may be NULL; secrets may not be empty (an empty one never fits). */
/* SePay with a key: "Authorization: Apikey KEY" (one of their readmes writes "Bearer Apikey KEY"). */
enum hook_auth hook_sepay_key(const char *authorization, const char *key);
/* SePay signed: X-SePay-Timestamp in seconds, X-SePay-Signature "sha256=HEX" over TIMESTAMP "." BODY. */
enum hook_auth hook_sepay_signed(const char *timestamp, const char *signature, struct hook_body body,
                                 const char *secret, int64_t now_ms);
/* Casso version 1: Secure-Token. */
enum hook_auth hook_casso_token(const char *header, const char *token);
/* Casso version 2: X-Casso-Signature "t=MS,v1=HEX", HMAC-SHA512 over T "." the body as compact JSON with
 * sorted keys. All forms of canon.h are tried: each needs the secret, so none opens a door. */
enum hook_auth hook_casso_signed(const char *header, struct hook_body body, const char *secret,
                                 int64_t now_ms);
/* payOS: the body's own "signature" over its "data". It carries no time: its reference is what keeps a replay
 * out. */
enum hook_auth hook_payos_signed(struct hook_body body, const char *secret);
/* What payOS signs for an object: k=v joined by &, sorted. Yours to g_free. */
char *hook_payos_text(json_t *object);

/* Reads the events of a genuine body into `events` (bank_event_list). False: it is not what this provider
 * sends, nothing was added; such a body stays in the store for a person to look at. */
bool hook_read(enum bank_source source, struct hook_body body, GPtrArray *events);

#endif
