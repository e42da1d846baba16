/* exchange.c: one HTTP request: taken from libwebsockets' header tables, given a face (who asks), called at
 * the desk, and its answer written out. Edge thread, except the desk's callback, which only posts. */
#include "market/edge/exchange.h"

#include <string.h>
#include <unistd.h>
#include "market/edge/header.h"
#include "market/edge/hook_heads.h"
#include "market/edge/limits.h"
#include "market/edge/words.h"

static const struct {
    enum lws_token_indexes token;
    const char *method;
} method_tokens[] = {{WSI_TOKEN_GET_URI, "GET"},        {WSI_TOKEN_POST_URI, "POST"},
                     {WSI_TOKEN_HEAD_URI, "HEAD"},      {WSI_TOKEN_PATCH_URI, "PATCH"},
                     {WSI_TOKEN_DELETE_URI, "DELETE"},  {WSI_TOKEN_PUT_URI, "PUT"},
                     {WSI_TOKEN_OPTIONS_URI, "OPTIONS"}};

static void read_method_and_path(struct exchange *x, struct lws *wsi)
{
    for (size_t i = 0; i < sizeof method_tokens / sizeof method_tokens[0]; i++) {
        if (lws_hdr_total_length(wsi, method_tokens[i].token) <= 0)
            continue;
        g_strlcpy(x->method, method_tokens[i].method, sizeof x->method);
        x->path = header_copy(wsi, method_tokens[i].token);
        break;
    }
    if (!x->path)
        x->path = g_strdup("");
}

/* Query arguments into params; `lang` is kept for itself. Writes say it all in their body, but for a file,
 * which has no room for its key. */
static bool read_query(struct exchange *x, struct lws *wsi, char *asked_lang, size_t size)
{
    char argument[512];
    bool only_lang =
        strcmp(x->method, "GET") != 0 && strcmp(x->method, "HEAD") != 0 && strcmp(x->method, "DELETE") != 0;
    bool file = request_type_is(x->content_type, "application/octet-stream");
    for (int i = 0; i <= QUERY_ARGS_MAX; i++) {
        int length = lws_hdr_copy_fragment(wsi, argument, sizeof argument, WSI_TOKEN_HTTP_URI_ARGS, i);
        if (length == -1)
            return true; /* no more */
        if (length < 0 || i == QUERY_ARGS_MAX)
            return false;
        if (length == 0)
            continue;
        if (!strncmp(argument, "lang=", 5))
            g_strlcpy(asked_lang, argument + 5, size);
        else if ((!only_lang || (file && !strncmp(argument, "key=", 4))) &&
                 !request_argument(x->params, argument))
            return false;
    }
    return false;
}

struct exchange *exchange_new(struct conn *conn)
{
    struct lws *wsi = conn->wsi;
    struct exchange *x = g_new0(struct exchange, 1);
    x->refs = 1;
    x->edge = conn->edge;
    x->conn = conn;
    x->file = -1;
    x->body_max = BODY_MAX;
    x->params = json_object();
    conn->edge->exchanges++;
    read_method_and_path(x, wsi);
    x->head_only = !strcmp(x->method, "HEAD");
    x->host = header_copy(wsi, WSI_TOKEN_HOST);
    x->origin = header_copy(wsi, WSI_TOKEN_ORIGIN);
    x->content_type = header_copy(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE);
    x->if_match = header_copy(wsi, WSI_TOKEN_HTTP_IF_MATCH);
    x->if_none_match = header_copy(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH);
    x->range = header_copy(wsi, WSI_TOKEN_HTTP_RANGE);
    x->if_range = header_copy(wsi, WSI_TOKEN_HTTP_IF_RANGE);
    g_autofree char *encoding = header_copy(wsi, WSI_TOKEN_HTTP_ACCEPT_ENCODING);
    x->gzip = request_takes_gzip(encoding);
    return x;
}

struct exchange *exchange_ref(struct exchange *x)
{
    x->refs++;
    return x;
}

void exchange_unref(struct exchange *x)
{
    if (!x || --x->refs > 0)
        return;
    x->edge->exchanges--;
    x->edge->raw_bodies -= x->raw;
    if (x->lot)
        g_hash_table_remove(x->edge->lots, &x->lot);
    g_free(x->path);
    g_free(x->host);
    g_free(x->origin);
    g_free(x->content_type);
    g_free(x->if_match);
    g_free(x->if_none_match);
    g_free(x->range);
    g_free(x->if_range);
    hook_heads_free(x->hook);
    json_decref(x->params);
    if (x->body)
        g_byte_array_unref(x->body);
    if (x->head)
        g_string_free(x->head, TRUE);
    if (x->stream)
        g_string_free(x->stream, TRUE);
    g_clear_pointer(&x->bytes, g_bytes_unref);
    if (x->file >= 0)
        close(x->file);
    memset(x->secret, 0, sizeof x->secret);
    g_free(x);
}

/* Framing, language and query; what is wrong is kept for the answer. Returns R_OK or the refusal. */
enum result exchange_check(struct exchange *x, const char **field)
{
    struct lws *wsi = x->conn->wsi;
    g_autofree char *length = header_copy(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH);
    g_autofree char *coding = header_copy(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING);
    g_autofree char *upgrade = header_copy(wsi, WSI_TOKEN_UPGRADE);
    g_autofree char *cookies = header_copy(wsi, WSI_TOKEN_HTTP_COOKIE);
    g_autofree char *accept = header_copy(wsi, WSI_TOKEN_HTTP_ACCEPT_LANGUAGE);
    char asked[8] = "", kept[8] = "";
    bool query_ok = read_query(x, wsi, asked, sizeof asked);
    request_cookie(cookies, "lang", kept, sizeof kept);
    g_strlcpy(x->who.lang, request_language(asked, kept, accept), sizeof x->who.lang);
    g_strlcpy(x->who.address, x->conn->address, sizeof x->who.address);
    const struct request_head head = {.method = x->method,
                                      .path = x->path,
                                      .host = x->host,
                                      .content_length = length,
                                      .transfer_encoding = coding,
                                      .upgrade = upgrade};
    enum result r = request_check(&head, &x->length, field);
    if (!header_clean(wsi)) {
        *field = "headers";
        r = R_BAD_FIELD;
    }
    if (r == R_OK && header_bytes(wsi) > HEADERS_MAX)
        r = R_HEADERS_TOO_BIG;
    if (r == R_OK && !edge_is_host(x->edge, x->host)) {
        *field = "Host";
        r = R_BAD_FIELD;
    }
    if (r == R_OK && !query_ok) {
        *field = "query";
        r = R_BAD_FIELD;
    }
    return r;
}

void exchange_identify(struct exchange *x)
{
    struct lws *wsi = x->conn->wsi;
    g_autofree char *authorization = header_copy(wsi, WSI_TOKEN_HTTP_AUTHORIZATION);
    if (authorization) {
        x->by_token = true;
        bool known = request_bearer(authorization, x->secret, sizeof x->secret) &&
                     desk_who_bearer(x->edge->desk, x->secret, &x->who);
        x->who_result = known ? R_OK : R_BAD_TOKEN;
        return;
    }
    g_autofree char *cookies = header_copy(wsi, WSI_TOKEN_HTTP_COOKIE);
    g_autofree char *site = header_copy_custom(wsi, "sec-fetch-site:");
    bool has_cookie = request_cookie(cookies, "__Host-sid", x->secret, sizeof x->secret);
    bool from_elsewhere =
        (has_cookie || x->origin || site) && !request_from_our_page(x->origin, site, x->host);
    unsigned flags = x->match.route ? x->match.route->flags : 0;
    if ((flags & ROUTE_WRITE) && from_elsewhere) {
        memset(x->secret, 0, sizeof x->secret);
        x->who_result =
            flags & ROUTE_OPEN ? R_OK : R_BAD_ORIGIN; /* open doors: their cookie just does not count */
        return;
    }
    if (has_cookie)
        x->by_cookie = desk_who_cookie(x->edge->desk, x->secret, &x->who);
    if (!x->by_cookie)
        memset(x->secret, 0, sizeof x->secret);
    x->who_result = R_OK;
}

enum result exchange_json(struct exchange *x)
{
    if (!x->body || x->body->len == 0)
        return R_OK;
    if (x->raw) {
        g_autofree char *text = g_base64_encode(x->body->data, x->body->len);
        json_object_set_new(x->params, "file", json_string_nocheck(text));
        g_clear_pointer(&x->body, g_byte_array_unref); /* not twice in memory */
        return R_OK;
    }
    if (!request_type_is(x->content_type, "application/json"))
        return R_BAD_TYPE;
    json_t *body = json_loadb((const char *)x->body->data, x->body->len, JSON_REJECT_DUPLICATES, NULL);
    enum result r = json_is_object(body) ? R_OK : R_BAD_JSON;
    if (r == R_OK && json_object_size(x->params) == 0) { /* nothing in path or query */
        json_decref(x->params);
        x->params = body;
        return R_OK;
    }
    const char *name;
    json_t *value;
    json_object_foreach(body, name, value)
    {
        if (json_object_get(x->params, name)) {
            g_strlcpy(x->field, name, sizeof x->field);
            r = R_BAD_FIELD;
            break;
        }
        json_object_set(x->params, name, value);
    }
    json_decref(body);
    return r;
}

/* From the desk's thread to ours. */
struct desk_post {
    struct post post;
    struct exchange *x;
    exchange_then then;
    struct outcome outcome;
    int64_t done_us; /* when the desk was done with it */
};

static void desk_post_run(struct post *post)
{
    struct desk_post *p = (struct desk_post *)post;
    span_add(&p->x->edge->told, clock_steady_us() - p->done_us, 1);
    if (p->x->conn || p->x->to_the_end)
        p->then(p->x, &p->outcome);
    exchange_unref(p->x);
    json_decref(p->outcome.body);
    g_free(p->outcome.text);
    g_free(p->outcome.cookie);
    g_free(p);
}

static void on_reply(void *user, const struct desk_reply *reply)
{
    struct desk_post *p = user;
    p->done_us = clock_steady_us();
    p->outcome = (struct outcome){.result = reply->result,
                                  .body = reply->text ? NULL : json_incref(reply->body),
                                  .text = g_strdup(reply->text),
                                  .cookie = g_strdup(reply->cookie),
                                  .retry_after_s = reply->retry_after_s};
    edge_post(p->x->edge, &p->post);
}

void exchange_call(struct exchange *x, const char *command, const struct who *who, json_t *params,
                   exchange_then then)
{
    if (x->edge->over) {
        json_decref(params);
        answer_retry(x, R_BUSY, 1, NULL);
        return;
    }
    struct desk_post *p = g_new0(struct desk_post, 1);
    p->post.run = desk_post_run;
    p->x = exchange_ref(x);
    p->then = then;
    enum result r = desk_call(x->edge->desk, command, who, params, on_reply, p);
    if (r == R_OK)
        return;
    exchange_unref(x);
    g_free(p);
    answer_retry(x, r, 1, NULL);
}

static int write_bytes(struct exchange *x, unsigned char *bytes, size_t length, bool headers)
{
    enum lws_write_protocol kind = headers ? LWS_WRITE_HTTP_HEADERS : LWS_WRITE_HTTP;
    return lws_write(x->conn->wsi, bytes, length, kind) < (int)length ? -1 : 0;
}

/* The head and, when it is short, the whole body in one record. */
static enum exchange_write write_head(struct exchange *x)
{
    bool with_body = x->bytes && !x->head_only && x->remain > 0 && x->remain <= CHUNK;
    g_autoptr(GByteArray) out =
        g_byte_array_sized_new((guint)(LWS_PRE + x->head->len + 2 + (with_body ? (gsize)x->remain : 0)));
    g_byte_array_set_size(out, LWS_PRE);
    g_byte_array_append(out, (const guint8 *)x->head->str, (guint)x->head->len);
    g_byte_array_append(out, (const guint8 *)"\r\n", 2);
    x->head_sent = true;
    if (x->head_only)
        x->remain = 0;
    if (with_body) {
        g_byte_array_append(out, g_bytes_get_data(x->bytes, NULL), (guint)x->remain);
        x->remain = 0;
    }
    if (write_bytes(x, out->data + LWS_PRE, out->len - LWS_PRE, true) < 0)
        return WRITE_FAILED;
    return x->remain > 0 || x->stream ? WRITE_MORE : WRITE_DONE;
}

static __attribute__((noinline)) enum exchange_write write_stream(struct exchange *x)
{
    unsigned char chunk[LWS_PRE + CHUNK];
    size_t want = MIN(x->stream->len, (size_t)CHUNK);
    if (want > 0) {
        memcpy(chunk + LWS_PRE, x->stream->str, want);
        if (write_bytes(x, chunk + LWS_PRE, want, false) < 0)
            return WRITE_FAILED;
        g_string_erase(x->stream, 0, (gssize)want);
    }
    if (x->stream->len > 0)
        return WRITE_MORE;
    return x->stream_over ? WRITE_DONE : WRITE_IDLE;
}

/* Apart, because most answers are short and the compiler fills what is on the stack with zeros. */
static __attribute__((noinline)) enum exchange_write write_more(struct exchange *x)
{
    unsigned char chunk[LWS_PRE + CHUNK];
    size_t want = (size_t)MIN(x->remain, (int64_t)CHUNK);
    if (x->bytes) {
        memcpy(chunk + LWS_PRE, (const char *)g_bytes_get_data(x->bytes, NULL) + x->offset, want);
    } else {
        ssize_t got = pread(x->file, chunk + LWS_PRE, want, x->offset);
        if (got <= 0)
            return WRITE_FAILED; /* the file became shorter: the length we promised cannot be kept */
        want = (size_t)got;
    }
    if (write_bytes(x, chunk + LWS_PRE, want, false) < 0)
        return WRITE_FAILED;
    x->offset += (int64_t)want;
    x->remain -= (int64_t)want;
    return x->remain > 0 ? WRITE_MORE : WRITE_DONE;
}

enum exchange_write exchange_write(struct exchange *x)
{
    if (!x->head_sent)
        return write_head(x);
    return x->stream ? write_stream(x) : write_more(x);
}
