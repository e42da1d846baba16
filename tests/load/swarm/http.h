/* http.h: libcurl's multi interface inside the loop: asks now, calls back later. On the loop's thread. */
#ifndef SWARM_HTTP_H
#define SWARM_HTTP_H

#include "tests/load/swarm/loop.h"

#include <curl/curl.h>

struct http;

struct http_answer {
    long status;          /* 0: no answer, and `why` says what libcurl says */
    const char *why;      /* "HTTP 409", or words */
    const char *location; /* absolute; NULL when there was none */
    const char *body;
};
typedef void http_done_cb(void *owner, const struct http_answer *answer);

struct http *http_new(struct loop *loop, const char *ca, bool insecure); /* `ca` may be NULL */
void http_free(struct http *h); /* requests under way are dropped: their callbacks do not come */
/* `headers` stay the caller's and must outlive the request; `body` NULL: none. */
void http_ask(struct http *h, const char *method, const char *url, struct curl_slist *headers,
              const char *body, http_done_cb *done, void *owner);
/* One request, waiting for it; false when there was no answer. `answer` (may be NULL) gets the body: free it.
 */
bool http_ask_now(struct http *h, const char *method, const char *url, struct curl_slist *headers,
                  const char *body, char **answer);
void http_tick(struct http *h, int64_t now_us);

#endif
