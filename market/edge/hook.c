/* hook.c: banks' messengers knock here: /api/v1/hooks/sepay, casso, payos. Who it is, is checked over the raw
 * bytes; what is genuine is on disk before it is answered 2xx; it is matched after that. Whatever it says
 * about orders is never answered with a refusal: a messenger that is refused comes a few times more and then
 * the money is lost to us.
 *
 * The secrets are in hooks.conf in the data directory (a GLib key file, readable by us alone), looked up for
 * each knock, so that a new secret needs no restart:  [sepay] key=… secret=…   [casso] token=… secret=…
 * [payos] secret=… A messenger without any secret there does not exist. Edge thread. */
#include <string.h>
#include "market/edge/doors.h"
#include "market/edge/header.h"
#include "market/edge/hook_heads.h"
#include "market/trade/hook.h"

struct hook_heads {
    char *authorization, *timestamp, *signature, *token, *casso;
};

struct hook_heads *hook_heads_new(struct lws *wsi)
{
    struct hook_heads *heads = g_new0(struct hook_heads, 1);
    heads->authorization = header_copy(wsi, WSI_TOKEN_HTTP_AUTHORIZATION);
    heads->timestamp = header_copy_custom(wsi, "x-sepay-timestamp:");
    heads->signature = header_copy_custom(wsi, "x-sepay-signature:");
    heads->token = header_copy_custom(wsi, "secure-token:");
    heads->casso = header_copy_custom(wsi, "x-casso-signature:");
    return heads;
}

void hook_heads_free(struct hook_heads *heads)
{
    if (!heads)
        return;
    g_free(heads->authorization);
    g_free(heads->timestamp);
    g_free(heads->signature);
    g_free(heads->token);
    g_free(heads->casso);
    g_free(heads);
}

/* A secret that is set; NULL for none or an empty one. */
static char *secret_of(GKeyFile *file, enum bank_source source, const char *name)
{
    char *value = g_key_file_get_string(file, bank_source_name(source), name, NULL);
    if (value && !*g_strstrip(value))
        g_clear_pointer(&value, g_free);
    return value;
}

struct hook_secrets {
    const char *key, *secret; /* NULL: none */
};

static enum hook_auth authentic(enum bank_source source, const struct hook_heads *h, struct hook_body body,
                                const struct hook_secrets *with, int64_t now_ms)
{
    if (source == BANK_SEPAY && with->secret && h->signature)
        return hook_sepay_signed(h->timestamp, h->signature, body, with->secret, now_ms);
    if (source == BANK_SEPAY && with->key)
        return hook_sepay_key(h->authorization, with->key);
    if (source == BANK_CASSO && with->secret && h->casso)
        return hook_casso_signed(h->casso, body, with->secret, now_ms);
    if (source == BANK_CASSO && with->key)
        return hook_casso_token(h->token, with->key);
    return source == BANK_PAYOS && with->secret ? hook_payos_signed(body, with->secret) : HOOK_UNSIGNED;
}

/* A messenger may be set up with either way, or both while one replaces the other. False: it is not set up at
 * all. */
static bool check(struct edge *edge, enum bank_source source, const struct hook_heads *h,
                  struct hook_body body, enum hook_auth *auth)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autofree char *path = g_build_filename(edge->config->data, "hooks.conf", NULL);
    if (!g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, NULL))
        return false;
    g_autofree char *key = secret_of(file, source, source == BANK_SEPAY ? "key" : "token");
    g_autofree char *secret = secret_of(file, source, "secret");
    const struct hook_secrets with = {key, secret};
    *auth = authentic(source, h, body, &with, clock_wall_ms());
    /* Our time never goes back, so it may be ahead of the machine's for days; the messenger's is not. */
    if (*auth == HOOK_STALE)
        *auth = authentic(source, h, body, &with, clock_machine_ms());
    return key || secret;
}

/* Kept with the body for whoever has to look into it later; no secrets. */
static char *kept_heads(const struct exchange *x)
{
    json_t *kept = json_object();
    if (x->hook->timestamp && g_utf8_validate(x->hook->timestamp, -1, NULL))
        json_object_set_new(kept, "x-sepay-timestamp", json_string(x->hook->timestamp));
    json_object_set_new(kept, "address", json_string(x->who.address));
    char *text = json_dumps(kept, JSON_COMPACT);
    json_decref(kept);
    return text;
}

void hook_catch_up(struct edge *edge)
{
    struct who system = {0};
    edge_system_who(&system);
    desk_call(edge->desk, "hook.work", &system, NULL, NULL, NULL);
}

static void kept(struct exchange *x, struct outcome *outcome)
{
    if (outcome->result != R_OK) {
        answer_retry(x, outcome->result, outcome->retry_after_s, NULL);
        return;
    }
    json_t *body = json_object();
    json_object_set_new(body, "success", json_true());
    answer_json(x, 200, body);
    hook_catch_up(x->edge);
}

/* The wide limits of this door are for genuine notices; whoever tries it without a secret has those of any
 * request. */
static void turn_away(struct exchange *x, enum result why)
{
    int wait_s;
    if (x->conn &&
        !addresses_request(x->edge->addresses, x->conn->address, COST_REQUEST, clock_steady_ms(), &wait_s)) {
        x->edge->limited++;
        answer_retry(x, R_TOO_MANY, wait_s, NULL);
        return;
    }
    answer_problem(x, why, NULL, NULL);
}

void door_hook(struct exchange *x)
{
    enum bank_source source;
    enum hook_auth auth;
    const char *name = strrchr(x->path, '/') + 1;
    struct hook_body body = {x->body ? (const char *)x->body->data : "", x->body ? x->body->len : 0};
    if (!bank_source_read(name, &source) || !check(x->edge, source, x->hook, body, &auth)) {
        turn_away(x, R_UNKNOWN);
        return;
    }
    if (auth != HOOK_GENUINE) {
        log_line(LOG_LEVEL_WARN, "hook.refused", LOG_TEXT("source", name),
                 LOG_TEXT("why", hook_auth_word(auth)), LOG_TEXT("address", x->who.address));
        turn_away(x, R_BAD_TOKEN);
        return;
    }
    struct who system = {0};
    edge_system_who(&system);
    g_autofree char *heads = kept_heads(x), *bytes = g_base64_encode((const guchar *)body.bytes, body.size);
    json_t *params = json_object();
    json_object_set_new(params, "source", json_string(name));
    json_object_set_new(params, "headers", json_string(heads));
    json_object_set_new(params, "body", json_string(bytes));
    exchange_call(x, "hook.keep", &system, params, kept);
}
