/* exchange.h: one HTTP request and its answer. Lives until it is answered and nobody at the desk or the relay
 * still holds it; the connection may be gone before that, then the answer is dropped. */
#ifndef EDGE_EXCHANGE_H
#define EDGE_EXCHANGE_H

#include "market/edge/inner.h"
#include "market/edge/request.h"

struct exchange {
    int refs;
    struct edge *edge;
    struct conn *conn; /* NULL: nobody waits for the answer any more */

    char method[8];
    char *path, *host, *origin, *content_type, *if_match, *if_none_match, *range, *if_range;
    struct route_match match; /* points into path */
    struct who who;
    enum result who_result; /* R_BAD_TOKEN: a bearer token that is none */
    bool by_token, by_cookie;
    char secret[96]; /* what they came with, to tell the owner of a media session */
    char field[48];  /* name of the field a refusal is about */
    bool gzip, head_only;
    struct hook_heads *hook; /* DOOR_HOOK: what it is signed with, else NULL */
    json_t *params;          /* path, query, later the body */
    GByteArray *body;
    int64_t length; /* announced body length */
    size_t body_max;
    bool too_big, started, answered;
    bool to_the_end; /* what is under way for it goes on when the client has gone */
    int64_t lot;     /* whose picture it changes, in edge->lots while it lives; 0: none */
    bool raw;        /* the body is a file and no JSON; counted in edge->raw_bodies while it lives */

    GString *head;   /* answer: header block under construction, without the empty line */
    GBytes *bytes;   /* answer: body in memory, or… */
    int file;        /* …a file, -1 for none, or… */
    GString *stream; /* …a stream that goes on: what is still to be written */
    int64_t offset, remain;
    bool head_sent, close_after, stream_over;
};

/* Copies what is needed from the request's headers. The caller holds the first reference. */
struct exchange *exchange_new(struct conn *conn);
struct exchange *exchange_ref(struct exchange *x);
void exchange_unref(struct exchange *x);
/* Framing, language, query arguments. R_OK or the refusal; *field names what is wrong. */
enum result exchange_check(struct exchange *x, const char **field);
/* Finds out who asks, by bearer token or cookie. */
void exchange_identify(struct exchange *x);
/* Reads the body as JSON into params; one that is a file becomes "file", base64. R_OK, R_BAD_TYPE,
 * R_BAD_JSON, R_BAD_FIELD (a member that the path has: x->field). */
enum result exchange_json(struct exchange *x);
/* Edge thread: writes what libwebsockets has room for. True: all is written (the caller completes the
 * transaction). */
enum exchange_write { WRITE_MORE, WRITE_IDLE, WRITE_DONE, WRITE_FAILED };
enum exchange_write exchange_write(struct exchange *x);

/* Answers: exactly one of these per exchange; extra headers before it. */
void answer_header(struct exchange *x, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void answer_empty(struct exchange *x, unsigned status);
/* To OPTIONS, of a page elsewhere too: what may be asked here, with which headers, and the media type of a
 * POST (or `patch`: a PATCH). */
void answer_options(struct exchange *x, const char *methods, const char *headers, const char *post,
                    const char *patch);
void answer_json(struct exchange *x, unsigned status, json_t *body);    /* TAKES body */
void answer_json_text(struct exchange *x, unsigned status, char *text); /* TAKES text: JSON already */
void answer_text(struct exchange *x, unsigned status, const char *type, GBytes *bytes); /* TAKES bytes */
/* TAKES fd; sends `length` bytes from `offset`. */
void answer_file(struct exchange *x, unsigned status, const char *type, int fd, int64_t offset,
                 int64_t length);
/* An answer without a length: then texts as things happen, then its end, which closes the connection. The
 * caller holds a reference until then; answer_add is false when the client is gone or more than `max` bytes
 * wait for it. */
void answer_stream(struct exchange *x, const char *type);
bool answer_add(struct exchange *x, const char *text, size_t max);
void answer_end(struct exchange *x);
/* problem+json with words in the asker's language. `extras` (borrowed, may be NULL): members to add; `field`
 * may be NULL. */
void answer_problem(struct exchange *x, enum result r, const char *field, const json_t *extras);
/* …and Retry-After. */
void answer_retry(struct exchange *x, enum result r, int after_s, const json_t *extras);
/* The same body for a socket's reply. */
json_t *problem_json(struct edge *edge, const char *lang, enum result r, const char *field,
                     const json_t *extras);

/* Hands a command to the desk for this exchange; `then` runs on the edge thread with the exchange held, but
 * not when the client has gone meanwhile (unless x->to_the_end). TAKES params. */
struct outcome {
    enum result result;
    json_t *body; /* borrowed, may be NULL, perhaps shared with the desk: json_copy before changing */
    char *text;   /* instead of body, when the desk has written it out; take it by setting it to NULL */
    char *cookie; /* NULL, "" to clear, or a new secret */
    int retry_after_s;
};
typedef void (*exchange_then)(struct exchange *x, struct outcome *outcome);
void exchange_call(struct exchange *x, const char *command, const struct who *who, json_t *params,
                   exchange_then then);

#endif
