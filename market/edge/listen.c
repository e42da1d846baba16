/* listen.c: the listening socket, TLS and libwebsockets' own settings. */
#include "market/edge/listen.h"

#include <openssl/ssl.h>
#include "market/edge/http.h"
#include "market/edge/limits.h"

/* Strangers can make it talk, so it may say only so much. */
static void lws_says(int level, const char *line)
{
    static struct bucket lines;
    if (!bucket_take(&lines, LWS_LINES_PER_MIN, LWS_LINES_PER_MIN, clock_steady_ms()))
        return;
    g_autofree char *text = g_strdup(line);
    g_strchomp(text);
    log_line(level == LLL_ERR ? LOG_LEVEL_ERROR : LOG_LEVEL_WARN, "lws", LOG_TEXT("says", text));
}

static const struct lws_protocols protocols[] = {
    {.name = "market", .callback = http_callback, .rx_buffer_size = 16384}, {.name = NULL}};

/* For answers that libwebsockets makes by itself (a request it cannot read). */
static const struct lws_protocol_vhost_options plain_headers[] = {
    {&plain_headers[1], NULL, "x-content-type-options:", "nosniff"},
    {&plain_headers[2], NULL, "strict-transport-security:", "max-age=31536000; includeSubDomains"},
    {&plain_headers[3], NULL, "referrer-policy:", "same-origin"},
    {NULL, NULL, "content-security-policy:", "default-src 'none'; frame-ancestors 'none'"}};

static const lws_retry_bo_t pings = {.secs_since_valid_ping = PING_S, .secs_since_valid_hangup = PONG_S};

static const char ciphers_12[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:"
    "ECDHE-RSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384";
static const char ciphers_13[] = "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384";

bool listen_open(struct edge *edge, const char **why)
{
    struct lws_context_creation_info info = {
        .port = edge->config->port,
        .protocols = protocols,
        .headers = plain_headers,
        .user = edge,
        .options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_VALIDATE_UTF8,
        .alpn = "http/1.1",
        .vhost_name = "market",
        .max_http_header_data2 = HEADERS_ROOM,
        .max_http_header_pool2 = HEADER_POOL,
        .keepalive_timeout = IDLE_S,
        .timeout_secs = REQUEST_S,
        .timeout_secs_ah_idle = REQUEST_S,
        .pt_serv_buf_size = 16384,
        .fd_limit_per_thread = CONNECTIONS_MAX + 256,
        .retry_and_idle_policy = &pings,
        .ssl_cert_filepath = edge->cert_file,
        .ssl_private_key_filepath = edge->key_file,
        .ssl_cipher_list = ciphers_12,
        .tls1_3_plus_cipher_list = ciphers_13,
        .ssl_options_set = (long)(SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 | SSL_OP_NO_RENEGOTIATION |
                                  SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE),
    };
    lws_set_log_level(LLL_ERR | LLL_WARN, lws_says);
    edge->context = lws_create_context(&info);
    if (!edge->context) {
        *why = "libwebsockets does not start";
        return false;
    }
    edge->vhost = lws_create_vhost(edge->context, &info);
    if (!edge->vhost)
        *why = "cannot listen on the port, or the certificate is no good";
    return edge->vhost != NULL;
}
