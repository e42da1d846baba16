/* request.c: the strict reading of a request's head. Edge thread; pure, so that every odd request is a unit
 * test. */
#include "market/edge/request.h"

#include <ctype.h>
#include <glib.h>
#include <string.h>
#include <strings.h>
#include "market/edge/limits.h"

static bool digits_only(const char *text, int64_t *value)
{
    int64_t number = 0;
    size_t length = strlen(text);
    if (length == 0 || length > 15)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return false;
        number = number * 10 + (*text - '0');
    }
    *value = number;
    return true;
}

bool request_host_ok(const char *host)
{
    size_t length = strlen(host), name;
    if (length == 0 || length > 253)
        return false;
    if (host[0] == '[') {
        name = strspn(host + 1, "0123456789abcdefABCDEF:.");
        if (name < 2 || host[1 + name] != ']')
            return false;
        name += 2;
    } else {
        for (name = 0; isalnum((unsigned char)host[name]) || (host[name] && strchr(".-_", host[name]));
             name++)
            ;
        if (name == 0)
            return false;
    }
    if (host[name] == '\0')
        return true;
    int64_t port;
    return host[name] == ':' && digits_only(host + name + 1, &port) && port > 0 && port < 65536;
}

enum result request_check(const struct request_head *head, int64_t *length, const char **why)
{
    *length = 0;
    *why = "";
    if (!head->host || !request_host_ok(head->host)) {
        *why = "Host";
        return R_BAD_FIELD;
    }
    if (head->transfer_encoding) { /* this server never decodes chunks: taking them for the next request would
                                      be fatal */
        *why = "Transfer-Encoding";
        return R_BAD_FIELD;
    }
    if (head->content_length && !digits_only(head->content_length, length)) {
        *why = "Content-Length";
        return R_BAD_FIELD;
    }
    bool bodyless =
        !strcmp(head->method, "GET") || !strcmp(head->method, "HEAD") || !strcmp(head->method, "OPTIONS");
    if (bodyless && *length > 0) {
        *why = "Content-Length";
        return R_BAD_FIELD;
    }
    if (head->path[0] != '/' || strlen(head->path) > PATH_MAX_BYTES) {
        *why = "path";
        return R_UNKNOWN;
    }
    if (head->upgrade && *head->upgrade) { /* a WebSocket never comes here, and h2c is not spoken */
        *why = "Upgrade";
        return R_BAD_FIELD;
    }
    return R_OK;
}

bool request_origin_same(const char *origin, const char *host)
{
    return !strncasecmp(origin, "https://", 8) && !strcasecmp(origin + 8, host);
}

bool request_from_our_page(const char *origin, const char *fetch_site, const char *host)
{
    if (origin && !request_origin_same(origin, host))
        return false;
    if (fetch_site && strcmp(fetch_site, "same-origin") != 0)
        return false;
    return origin || fetch_site;
}

bool request_type_is(const char *content_type, const char *type)
{
    if (!content_type)
        return false;
    size_t length = strlen(type);
    if (strncasecmp(content_type, type, length) != 0)
        return false;
    const char *rest = content_type + length;
    rest += strspn(rest, " \t");
    return *rest == '\0' || *rest == ';';
}

bool request_takes_gzip(const char *accept_encoding)
{
    if (!accept_encoding)
        return false;
    g_auto(GStrv) parts = g_strsplit(accept_encoding, ",", 20);
    for (char **part = parts; *part; part++) {
        char *name = g_strstrip(*part);
        size_t length = strcspn(name, "; \t");
        if (length != 4 || strncasecmp(name, "gzip", 4) != 0)
            continue;
        const char *q = strstr(name + length, "q=");
        return !q || g_ascii_strtod(q + 2, NULL) > 0;
    }
    return false;
}

bool request_cookie(const char *cookies, const char *name, char *value, size_t size)
{
    if (!cookies)
        return false;
    size_t name_length = strlen(name);
    bool found = false;
    const char *at = cookies;
    while (*at) {
        at += strspn(at, "; \t");
        size_t length = strcspn(at, ";");
        if (length > name_length && at[name_length] == '=' && !strncmp(at, name, name_length)) {
            size_t value_length = length - name_length - 1;
            if (found || value_length == 0 || value_length >= size)
                return false;
            memcpy(value, at + name_length + 1, value_length);
            value[value_length] = '\0';
            found = true;
        }
        at += length;
    }
    return found;
}

bool request_bearer(const char *authorization, char *token, size_t size)
{
    if (!authorization || strncasecmp(authorization, "Bearer ", 7) != 0)
        return false;
    const char *at = authorization + 7;
    at += strspn(at, " ");
    size_t length = strlen(at);
    if (length == 0 || length >= size)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)at[i]) && !strchr("-._~+/=", at[i]))
            return false;
    }
    memcpy(token, at, length + 1);
    return true;
}

static const char *known_language(const char *text)
{
    static const char *const known[] = {"vi", "en", "fr"};
    for (size_t i = 0; text && i < 3; i++) {
        if (!strncasecmp(text, known[i], 2) && !isalpha((unsigned char)text[2]))
            return known[i];
    }
    return NULL;
}

const char *request_language(const char *asked, const char *cookie, const char *accept)
{
    const char *found = known_language(asked);
    if (!found)
        found = known_language(cookie);
    for (const char *at = accept; !found && at && *at;) {
        at += strspn(at, ", \t");
        found = *at ? known_language(at) : NULL;
        at += strcspn(at, ",");
    }
    return found ? found : "vi";
}

static bool is_number_name(const char *name)
{
    static const char *const names[] = {"before", "after", "limit", "mark", "id", "live"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!strcmp(name, names[i]))
            return true;
    }
    return false;
}

bool request_argument(json_t *params, const char *argument)
{
    const char *equals = strchr(argument, '=');
    size_t length = equals ? (size_t)(equals - argument) : strlen(argument);
    char name[32];
    if (length == 0 || length >= sizeof name || !g_utf8_validate(argument, -1, NULL))
        return false;
    memcpy(name, argument, length);
    name[length] = '\0';
    if (json_object_get(params, name))
        return false;
    const char *value = equals ? equals + 1 : "";
    int64_t number;
    if (is_number_name(name) && digits_only(value, &number))
        return json_object_set_new(params, name, json_integer(number)) == 0;
    return json_object_set_new(params, name, json_string(value)) == 0;
}

/* Calls for each member of a list of tags; commas inside quotes belong to the tag. */
static bool tag_in_list(const char *list, const char *etag, bool weak)
{
    size_t want = strlen(etag);
    for (const char *at = list; *at;) {
        at += strspn(at, ", \t");
        bool is_weak = !strncmp(at, "W/", 2);
        const char *tag = is_weak ? at + 2 : at;
        if (*tag != '"')
            return false;
        const char *end = strchr(tag + 1, '"');
        if (!end)
            return false;
        size_t length = (size_t)(end - tag) + 1;
        if ((weak || !is_weak) && length == want && !memcmp(tag, etag, want))
            return true;
        at = end + 1;
    }
    return false;
}

bool etag_none_match(const char *header, const char *etag)
{
    if (!header)
        return false;
    const char *plain = !strncmp(etag, "W/", 2) ? etag + 2 : etag;
    return !strcmp(header, "*") || tag_in_list(header, plain, true);
}

enum etag etag_match(const char *header, const char *etag)
{
    if (!header || !*header)
        return ETAG_MISSING;
    if (!strcmp(header, "*"))
        return ETAG_ANY;
    return tag_in_list(header, etag, false) ? ETAG_SAME : ETAG_OTHER;
}
