/* result.h: the one list of outcomes. Each has a C name, an HTTP status and the stable code that clients and
 * the text catalogues in web/ know it by. Codes are never renamed; words for them live in web/text. */
#ifndef BASE_RESULT_H
#define BASE_RESULT_H

/* Both define R_OK, a mode of access(2) that nobody here uses, as 4. Included first, so that it cannot come
 * back later. */
#include <fcntl.h>
#include <unistd.h>
#undef R_OK

#define OUTCOMES(X)                                                                                          \
    X(OK, 200, "ok")                                                                                         \
    X(CREATED, 201, "created")                                                                               \
    X(NO_CONTENT, 204, "no-content")                                                                         \
    X(BAD_JSON, 400, "bad-json")                                                                             \
    X(BAD_FIELD, 400, "bad-field") /* body names the field */                                                \
    X(BAD_SDP, 400, "bad-sdp")                                                                               \
    X(NOT_LOGGED_IN, 401, "not-logged-in")                                                                   \
    X(BAD_LOGIN, 401, "bad-login")                                                                           \
    X(BAD_TOKEN, 401, "bad-token")                                                                           \
    X(CODE_NEEDED, 401, "code-needed") /* all is right so far; the second factor's code is missing */        \
    X(BAD_CODE, 401, "bad-code")       /* wrong, or it was used before */                                    \
    X(FORBIDDEN, 403, "forbidden")                                                                           \
    X(PASSWORD_AGAIN, 403, "password-again") /* the password was given too long ago for this */              \
    X(FACTOR_FIRST, 403, "factor-first")     /* of the office, without the second factor it must have */     \
    X(BAD_ORIGIN, 403, "bad-origin")                                                                         \
    X(UNKNOWN, 404, "not-found")                                                                             \
    X(BAD_METHOD, 405, "bad-method")                                                                         \
    X(SOLD_OUT, 409, "sold-out")         /* body: what is left */                                            \
    X(WRONG_MOMENT, 409, "wrong-moment") /* not in this state */                                             \
    X(STALL_CLOSED, 409, "stall-closed")                                                                     \
    X(NOT_APPROVED, 409, "not-approved")                                                                     \
    X(NOT_LIVE, 409, "not-live")                                                                             \
    X(PRICE_CHANGED, 409, "price-changed") /* body: the price now */                                         \
    X(LIMIT, 409, "buyer-limit")           /* body: the limit, and how much the buyer has */                 \
    X(ALREADY, 409, "already-there")       /* phone, slug, … taken */                                      \
    X(LINK_USED, 410, "link-used")                                                                           \
    X(NO_MATCH, 412, "precondition-failed")                                                                  \
    X(TOO_BIG, 413, "too-big")                                                                               \
    X(BAD_TYPE, 415, "bad-content-type")                                                                     \
    X(BAD_RANGE, 416, "bad-range")                                                                           \
    X(UNSUPPORTED, 422, "unsupported")                                                                       \
    X(BAD_PICTURE, 422, "bad-picture") /* no JPEG, PNG or WebP, or too many pixels */                        \
    X(KEY_REUSED, 422, "key-reused")   /* same key, other content */                                         \
    X(NEED_MATCH, 428, "precondition-required")                                                              \
    X(TOO_MANY, 429, "too-many-requests")                                                                    \
    X(HEADERS_TOO_BIG, 431, "headers-too-big")                                                               \
    X(FAULT, 500, "internal-error")                                                                          \
    X(BUSY, 503, "busy")                                                                                     \
    X(NOT_SAVED, 503, "not-saved") /* the disk refuses; nothing happened */                                  \
    X(NO_RELAY, 503, "no-relay")                                                                             \
    X(TIMEOUT, 504, "timeout")

enum result {
#define X(name, http, code) R_##name,
    OUTCOMES(X)
#undef X
        R_COUNT
};

int result_http(enum result r);         /* HTTP status */
const char *result_code(enum result r); /* stable code, static string */

#endif
