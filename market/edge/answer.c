/* answer.c: builds answers: status line, the headers every answer carries, problem documents. Edge thread. */
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include "market/base/clock.h"
#include "market/base/shape.h"
#include "market/edge/exchange.h"
#include "market/edge/words.h"

/* On every answer. The policy of pages names the host of the request for the WebSocket, so it is added apart.
 */
static const char security[] =
    "strict-transport-security: max-age=31536000; includeSubDomains\r\n"
    "x-content-type-options: nosniff\r\n"
    "referrer-policy: same-origin\r\n"
    "x-frame-options: DENY\r\n"
    "cross-origin-opener-policy: same-origin\r\n"
    "permissions-policy: camera=(self), microphone=(self), geolocation=(self), payment=()\r\n";

static const struct {
    unsigned status;
    const char *phrase;
} phrases[] = {{200, "OK"},
               {201, "Created"},
               {204, "No Content"},
               {206, "Partial Content"},
               {304, "Not Modified"},
               {400, "Bad Request"},
               {401, "Unauthorized"},
               {403, "Forbidden"},
               {404, "Not Found"},
               {405, "Method Not Allowed"},
               {409, "Conflict"},
               {410, "Gone"},
               {412, "Precondition Failed"},
               {413, "Content Too Large"},
               {415, "Unsupported Media Type"},
               {416, "Range Not Satisfiable"},
               {422, "Unprocessable Content"},
               {426, "Upgrade Required"},
               {428, "Precondition Required"},
               {429, "Too Many Requests"},
               {431, "Request Header Fields Too Large"},
               {500, "Internal Server Error"},
               {503, "Service Unavailable"},
               {504, "Gateway Timeout"}};

static const char *phrase_of(unsigned status)
{
    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++) {
        if (phrases[i].status == status)
            return phrases[i].phrase;
    }
    return "Status";
}

void answer_header(struct exchange *x, const char *name, const char *format, ...)
{
    if (!x->head)
        x->head = g_string_new(NULL);
    g_autofree char *value = NULL;
    va_list args;
    va_start(args, format);
    value = g_strdup_vprintf(format, args);
    va_end(args);
    g_strdelimit(value, "\r\n", ' ');
    g_string_append_printf(x->head, "%s: %s\r\n", name, value);
}

static void write_usual(GString *head, const char *host, bool open)
{
    g_string_append(head, security);
    if (!request_host_ok(host) || *host == '[') /* CSP has no words for IPv6 addresses */
        host = "";
    g_string_append_printf(
        head,
        "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; "
        "img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'%s%s; manifest-src 'self'; "
        "worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'\r\n",
        *host ? " wss://" : "", host);
    g_string_append_printf(head, "cross-origin-resource-policy: %s\r\n",
                           open ? "cross-origin" : "same-origin");
    if (open) {
        g_string_append(head, "access-control-allow-origin: *\r\n"
                              "access-control-expose-headers: Location, ETag, Link, Accept-Patch, "
                              "Accept-Post, Retry-After\r\n");
    }
}

/* What is the same on every answer to one host. Nearly all requests name the same host as the one before, and
 * these are a thousand bytes: they are kept. */
static const GString *usual_head(struct edge *edge, const char *host, bool open)
{
    struct edge_head *kept = &edge->heads[open];
    if (!kept->text || strcmp(kept->host, host) != 0) {
        if (!kept->text)
            kept->text = g_string_sized_new(1400);
        g_string_truncate(kept->text, 0);
        write_usual(kept->text, host, open);
        g_strlcpy(kept->host, host, sizeof kept->host);
    }
    return kept->text;
}

/* RFC 9110, 6.6.1, and what the pages' countdowns go by: a phone's clock may be wrong by hours. The names are
 * English whatever the machine's language is. */
static void write_date(GString *head)
{
    static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t now = (time_t)(clock_wall_ms() / 1000);
    struct tm at;
    if (!gmtime_r(&now, &at))
        return;
    g_string_append_printf(head, "date: %.3s, %02d %.3s %04d %02d:%02d:%02d GMT\r\n", days + 3 * at.tm_wday,
                           at.tm_mday, months + 3 * at.tm_mon, at.tm_year + 1900, at.tm_hour, at.tm_min,
                           at.tm_sec);
}

static void finish(struct exchange *x, unsigned status, const char *type, int64_t length)
{
    g_return_if_fail(!x->answered);
    x->answered = true;
    unsigned flags = x->match.route ? x->match.route->flags : 0;
    const char *host = x->host && strlen(x->host) < sizeof x->edge->heads[0].host ? x->host : "";
    const GString *usual = usual_head(x->edge, host, (flags & ROUTE_OPEN) != 0);
    GString *head = g_string_sized_new(usual->len + 400);
    g_string_append_printf(head, "HTTP/1.1 %u %s\r\n", status, phrase_of(status));
    g_string_append_len(head, usual->str, (gssize)usual->len);
    write_date(head);
    if (type)
        g_string_append_printf(head, "content-type: %s\r\n", type);
    if (status != 204 && status != 304 && length >= 0)
        g_string_append_printf(head, "content-length: %" G_GINT64_FORMAT "\r\n", length);
    if (!x->head || !strstr(x->head->str, "cache-control: "))
        g_string_append(head, "cache-control: no-store\r\n");
    if (x->edge->draining)
        x->close_after = true;
    if (x->close_after)
        g_string_append(head, "connection: close\r\n");
    if (x->head) {
        g_string_append_len(head, x->head->str, (gssize)x->head->len);
        g_string_free(x->head, TRUE);
    }
    x->head = head;
    if (x->conn && x->conn->wsi)
        lws_callback_on_writable(x->conn->wsi);
}

void answer_empty(struct exchange *x, unsigned status)
{
    x->remain = 0;
    finish(x, status, NULL, 0);
}

void answer_options(struct exchange *x, const char *methods, const char *headers, const char *post,
                    const char *patch)
{
    answer_header(x, "access-control-allow-methods", "%s", methods);
    answer_header(x, "access-control-allow-headers", "%s", headers);
    answer_header(x, "access-control-max-age", "3600");
    if (post)
        answer_header(x, "accept-post", "%s", post);
    if (patch)
        answer_header(x, "accept-patch", "%s", patch);
    answer_empty(x, 200);
}

void answer_text(struct exchange *x, unsigned status, const char *type, GBytes *bytes)
{
    x->bytes = bytes;
    x->offset = 0;
    x->remain = (int64_t)g_bytes_get_size(bytes);
    finish(x, status, type, x->remain);
}

static void answer_dump(struct exchange *x, unsigned status, const char *type, json_t *body)
{
    char *text = shape_dump(body, false); /* bodies are built here or at the desk, from valid UTF-8 */
    json_decref(body);
    answer_text(x, status, type, g_bytes_new_take(text, strlen(text)));
}

static const char type_json[] = "application/json; charset=utf-8";

void answer_json(struct exchange *x, unsigned status, json_t *body)
{
    answer_dump(x, status, type_json, body);
}

void answer_json_text(struct exchange *x, unsigned status, char *text)
{
    answer_text(x, status, type_json, g_bytes_new_take(text, strlen(text)));
}

void answer_file(struct exchange *x, unsigned status, const char *type, int fd, int64_t offset,
                 int64_t length)
{
    x->file = fd;
    x->offset = offset;
    x->remain = length;
    finish(x, status, type, length);
}

void answer_stream(struct exchange *x, const char *type)
{
    x->stream = g_string_new(NULL);
    x->close_after = true; /* without a length, the connection's end is the answer's */
    finish(x, 200, type, -1);
}

bool answer_add(struct exchange *x, const char *text, size_t max)
{
    if (!x->conn || x->stream->len + strlen(text) > max)
        return false;
    g_string_append(x->stream, text);
    lws_callback_on_writable(x->conn->wsi);
    return true;
}

void answer_end(struct exchange *x)
{
    x->stream_over = true;
    if (x->conn)
        lws_callback_on_writable(x->conn->wsi);
}

json_t *problem_json(struct edge *edge, const char *lang, enum result r, const char *field,
                     const json_t *extras)
{
    g_autofree char *key = g_strdup_printf("error.%s", result_code(r));
    const char *words = words_get(edge->words, lang, key);
    json_t *body = json_pack("{s:s,s:s,s:i,s:s,s:s}", "type", "about:blank", "title", words, "status",
                             result_http(r), "code", result_code(r), "detail", words);
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)extras, name, value)
    {
        if (!strcmp(name, "detail")) /* the rule's own English words */
            json_object_set(body, "hint", value);
        else if (!json_object_get(body, name))
            json_object_set(body, name, value);
    }
    if (field)
        json_object_set_new(body, "field", json_string(field));
    return body;
}

void answer_problem(struct exchange *x, enum result r, const char *field, const json_t *extras)
{
    if (result_http(r) == 401)
        answer_header(x, "www-authenticate", "Bearer realm=\"cho-nuong\"");
    answer_dump(x, (unsigned)result_http(r), "application/problem+json; charset=utf-8",
                problem_json(x->edge, x->who.lang[0] ? x->who.lang : "vi", r, field, extras));
}

void answer_retry(struct exchange *x, enum result r, int after_s, const json_t *extras)
{
    answer_header(x, "retry-after", "%d", after_s > 0 ? after_s : 1);
    answer_problem(x, r, NULL, extras);
}
