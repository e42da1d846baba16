/* request.h: the strict reading of a request's head that libwebsockets 4.1.6 does not do for us. */
#ifndef EDGE_REQUEST_H
#define EDGE_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "market/base/result.h"

/* Header values as received; NULL: not sent. Repeated headers arrive joined with a comma, which is how they
 * are noticed. */
struct request_head {
    const char *method, *path, *host, *content_length, *transfer_encoding, *expect, *upgrade;
};

/* RFC 9112 framing and the shape of Host and path. R_OK and *length (0 when not sent), else what to answer;
 * after a refusal the connection must be closed, since what follows may not be a request. */
enum result request_check(const struct request_head *head, int64_t *length, const char **why);

/* host[:port], [v6][:port]; letters, digits, dot, dash only: safe to write into a header or a page. */
bool request_host_ok(const char *host);
/* Is `origin` exactly https://HOST? Case of the name does not matter. */
bool request_origin_same(const char *origin, const char *host);
/* May a request that changes things rest on a cookie? Origin or Sec-Fetch-Site must be there, and neither may
 * say no. */
bool request_from_our_page(const char *origin, const char *fetch_site, const char *host);
/* Media type without parameters, any case. */
bool request_type_is(const char *content_type, const char *type);
/* Does Accept-Encoding allow gzip? */
bool request_takes_gzip(const char *accept_encoding);
/* The value of a cookie sent once; false when it is not there, twice there, empty or does not fit. */
bool request_cookie(const char *cookies, const char *name, char *value, size_t size);
/* The token of "Bearer TOKEN"; false for another scheme or an odd token. */
bool request_bearer(const char *authorization, char *token, size_t size);
/* "vi", "en" or "fr": ?lang=, then the cookie, then the first known language of Accept-Language, then "vi".
 */
const char *request_language(const char *asked, const char *cookie, const char *accept);
/* Adds NAME=VALUE of a query to `params`: whole numbers as integers for the known number names (before,
 * limit, mark, …), else text. False: no name, a name twice (also in the path), not UTF-8. */
bool request_argument(json_t *params, const char *argument);

/* If-None-Match against our tag, weak comparison (RFC 9110 §13.1.2). */
bool etag_none_match(const char *header, const char *etag);
enum etag { ETAG_SAME, ETAG_ANY /* "*" */, ETAG_OTHER, ETAG_MISSING };
/* If-Match, strong comparison. */
enum etag etag_match(const char *header, const char *etag);

#endif
