/* serve.c: `market serve`: options, the data directory, desk and edge put together, demo.json. Main thread.
 */
#include "market/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "market/base/config.h"
#include "market/base/log.h"
#include "market/desk/desk.h"
#include "market/edge/cert.h"
#include "market/edge/edge.h"
#include "market/edge/limits.h"
#include "market/edge/turn.h"

static const struct config_option options[] = {
    {"config", NULL, false, false, "key file with these options, group [market]"},
    {"data", "data", false, false, "directory of database, certificate, media"},
    {"port", "8443", false, false, "TCP port of HTTPS"},
    {"udp-port", "8444", false, false, "UDP port of the media"},
    {"host", NULL, false, true, "name or address of this machine; may be given several times"},
    {"cert", NULL, false, false, "certificate chain, PEM (default: a self-made one in the data directory)"},
    {"key", NULL, false, false, "its key, PEM"},
    {"web", "build/web", false, false, "directory of the built pages"},
    {"relay", NULL, false, false, "relay program to start, or \"none\" (default: beside this program)"},
    {"relay-workers", "1", false, false,
     "threads of the relay, each with a UDP and TCP port from --udp-port on"},
    {"relay-viewers", "4000", false, false, "viewers the relay takes, of all sessions"},
    {"relay-busy", "900", false, false,
     "thousandths of its time that such a thread may be at work; past it the relay takes no new viewers"},
    {"relay-transcodes", "0", false, false,
     "low pictures made at once for poor lines; 0: four for each processor core"},
    {"relay-pace", "0", false, false,
     "Mb/s that each of those threads may send, for a network card; 0: no limit"},
    {"turn", NULL, false, true, "stun:, turn: or turns: server for clients; may be given several times"},
    {"turn-secret-file", NULL, false, false, "file with the static-auth-secret of those TURN servers"},
    {"metrics", NULL, false, false, "127.0.0.1:PORT where this machine's Prometheus may read figures"},
    {"push-contact", NULL, false, false,
     "whom push services may ask about us, mailto:… or https://… (default: our address); \"none\": no web "
     "push"},
    {"push-allow", NULL, false, false, "HOST:PORT that may be a push service on a private address (tests)"},
    {"push-ca", NULL, false, false, "certificates to trust for push services, PEM (default: the system's)"},
    {"trust-clock", NULL, true, false,
     "for one start: this machine's clock is right, though it is behind what was written"},
    {"grace", "120", false, false, "seconds a live session waits for a phone that went away"},
    {"demo", NULL, true, false, "make a demo commune and write demo.json"},
    {"readers", "2", false, false, "threads for queries"},
    {"hashers", "1", false, false, "threads for passwords"},
    {"requests-per-second", NULL, false, false, "per address"},
    {"requests-burst", NULL, false, false, "per address"},
    {"connections-per-address", NULL, false, false, "per address"},
    {"limit-loopback", NULL, true, false, "the limits hold for this machine's own requests, too"},
};
enum { OPTIONS = sizeof options / sizeof options[0] };

static bool sanitized(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    return true;
#else
    return false;
#endif
#else
    return false;
#endif
}

/* No core files or debuggers: keys and passwords are in this memory. A leak checker must be able to look,
 * though. */
static void shut_blinds(void)
{
    const struct rlimit none = {0, 0};
    struct rlimit files;
    umask(077);
    if (!sanitized())
        prctl(PR_SET_DUMPABLE, 0);
    setrlimit(RLIMIT_CORE, &none);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

static char *relay_beside_us(void)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = self ? g_path_get_dirname(self) : g_strdup(".");
    return g_build_filename(folder, "relay", NULL);
}

static bool number(const struct config *config, const char *name, int64_t min, int64_t max, int64_t *out)
{
    if (!config_text(config, name) || config_number(config, name, min, max, out))
        return true;
    fprintf(stderr, "--%s must be a number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT "\n", name, min,
            max);
    return false;
}

struct serve {
    struct config *config;
    struct edge_config edge;
    struct desk_config desk;
    int64_t readers, hashers;
    char *data, *database, *relay, *origin, *turn_secret; /* ours to free */
};

static bool read_limits(const struct config *config, struct address_limits *limits)
{
    int64_t connections = ADDRESS_CONNECTIONS;
    *limits = (struct address_limits){.addresses = ADDRESSES_MAX,
                                      .requests_per_s = ADDRESS_REQUESTS_PER_S,
                                      .requests_burst = ADDRESS_REQUESTS_BURST,
                                      .media_per_s = ADDRESS_MEDIA_PER_S,
                                      .media_burst = ADDRESS_MEDIA_BURST,
                                      .hooks_per_s = ADDRESS_HOOKS_PER_S,
                                      .hooks_burst = ADDRESS_HOOKS_BURST,
                                      .loopback_too = config_flag(config, "limit-loopback")};
    bool good = number(config, "requests-per-second", 1, 1000000, &limits->requests_per_s) &&
                number(config, "requests-burst", 1, 1000000, &limits->requests_burst) &&
                number(config, "connections-per-address", 1, CONNECTIONS_MAX, &connections);
    limits->connections = (unsigned)connections;
    return good;
}

/* The servers' addresses, and the secret their credentials are made with. */
static bool read_turn(struct serve *serve)
{
    const char *file = config_text(serve->config, "turn-secret-file");
    char **urls = config_list(serve->config, "turn");
    bool need_secret = false;
    for (char **url = urls; url && *url; url++) {
        if (!turn_url_ok(*url)) {
            fprintf(stderr, "--turn: \"%s\" is no stun:, turn: or turns: address\n", *url);
            return false;
        }
        need_secret |= g_str_has_prefix(*url, "turn");
    }
    if (file && !g_file_get_contents(file, &serve->turn_secret, NULL, NULL)) {
        fprintf(stderr, "cannot read %s\n", file);
        return false;
    }
    if (need_secret && (!serve->turn_secret || !*g_strstrip(serve->turn_secret))) {
        fprintf(stderr, "--turn needs --turn-secret-file with the server's static-auth-secret in it\n");
        return false;
    }
    serve->edge.turn = (const char *const *)urls;
    serve->edge.turn_secret = serve->turn_secret;
    return true;
}

/* Push services want an address of ours (RFC 8292 section 2.1); that of the pages will do. */
static bool read_push(struct serve *serve)
{
    const char *contact = config_text(serve->config, "push-contact");
    bool off = contact && !strcmp(contact, "none");
    if (contact && !off && !g_str_has_prefix(contact, "mailto:") && !g_str_has_prefix(contact, "https://")) {
        fprintf(stderr, "--push-contact must begin with mailto: or https://\n");
        return false;
    }
    serve->edge.contact = off ? NULL : contact ? contact : serve->origin;
    serve->edge.push_allow = config_text(serve->config, "push-allow");
    serve->edge.push_ca = config_text(serve->config, "push-ca");
    return true;
}

/* Where phones find us: what the links in QR codes begin with. A certificate of somebody else's says it best:
 * under any other name browsers would warn. */
static char *find_origin(const struct edge_config *edge)
{
    const char *host = edge->hosts && edge->hosts[0] ? edge->hosts[0] : "localhost";
    struct cert *cert = edge->cert ? cert_load(edge->cert, edge->key) : NULL;
    g_autofree char *name = cert ? cert_first_name(cert) : NULL;
    cert_free(cert);
    if (name)
        host = name;
    bool is_v6 = strchr(host, ':') != NULL;
    g_autofree char *port = edge->port == 443 ? g_strdup("") : g_strdup_printf(":%d", edge->port);
    return g_strdup_printf("https://%s%s%s%s", is_v6 ? "[" : "", host, is_v6 ? "]" : "", port);
}

static bool read_options(struct serve *serve)
{
    const struct config *config = serve->config;
    int64_t port = 0, udp_port = 0, workers = 0, viewers = 0, busy = 0, transcodes = 0, pace = 0, grace_s = 0;
    serve->readers = serve->hashers = 1;
    if (!number(config, "port", 1, 65535, &port) || !number(config, "udp-port", 1, 65535, &udp_port) ||
        !number(config, "relay-workers", 1, 16, &workers) ||
        !number(config, "relay-viewers", 1, 8192, &viewers) ||
        !number(config, "relay-transcodes", 0, 512, &transcodes) ||
        !number(config, "relay-busy", 1, 1000, &busy) || !number(config, "relay-pace", 0, 1000000, &pace) ||
        !number(config, "readers", 1, 8, &serve->readers) ||
        !number(config, "hashers", 1, 4, &serve->hashers) || !number(config, "grace", 1, 86400, &grace_s) ||
        !read_limits(config, &serve->edge.limits) || !read_turn(serve))
        return false;
    const char *relay = config_text(config, "relay");
    bool no_relay = relay && !strcmp(relay, "none");
    serve->relay = no_relay ? NULL : relay ? g_strdup(relay) : relay_beside_us();
    serve->edge.port = (int)port;
    serve->edge.udp_port = (int)udp_port;
    serve->edge.relay_workers = (int)workers;
    serve->edge.relay_viewers = (int)viewers;
    serve->edge.relay_transcodes = (int)transcodes;
    serve->edge.relay_busy = (int)busy;
    serve->edge.relay_pace = (int)pace;
    serve->edge.grace_ms = grace_s * 1000;
    serve->edge.hosts = (const char *const *)config_list(config, "host");
    serve->edge.cert = config_text(config, "cert");
    serve->edge.key = config_text(config, "key");
    serve->edge.web = config_text(config, "web");
    serve->edge.relay = serve->relay;
    serve->edge.metrics = config_text(config, "metrics");
    if (!serve->edge.cert != !serve->edge.key) {
        fprintf(stderr, "--cert and --key belong together\n");
        return false;
    }
    serve->origin = find_origin(&serve->edge);
    return read_push(serve);
}

static bool make_data(struct serve *serve)
{
    const char *data = config_text(serve->config, "data");
    if (g_mkdir_with_parents(data, 0700) != 0) {
        fprintf(stderr, "cannot make %s: %s\n", data, g_strerror(errno));
        return false;
    }
    serve->data = realpath(data, NULL);
    serve->database = g_build_filename(serve->data, "market.db", NULL);
    serve->edge.data = serve->data;
    return true;
}

static bool write_private(const char *path, const char *text)
{
    g_autofree char *fresh = g_strdup_printf("%s.new", path);
    unlink(fresh);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    size_t length = strlen(text);
    bool done = fd >= 0 && write(fd, text, length) == (ssize_t)length && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return done && rename(fresh, path) == 0;
}

/* demo.json: where and with what the demo's people come in. Passwords and tokens are made once per data
 * directory. */
static bool make_demo(const struct serve *serve, struct desk *desk)
{
    g_autofree char *path = g_build_filename(serve->data, "demo.json", NULL);
    json_t *old = json_load_file(path, 0, NULL);
    bool fresh = !json_is_object(json_object_get(old, "tokens"));
    json_t *made = desk_demo(desk, fresh);
    if (!made) {
        json_decref(old);
        return false;
    }
    json_t *demo = fresh ? json_incref(made) : json_incref(old);
    g_autofree char *origin = g_strdup_printf("https://localhost:%d", serve->edge.port);
    const char *stall = json_string_value(json_object_get(demo, "stall"));
    json_object_set_new(demo, "origin", json_string(origin));
    json_object_set_new(demo, "whip", json_sprintf("%s/whip/%s", origin, stall ? stall : ""));
    json_object_set_new(demo, "whep", json_sprintf("%s/whep/%s", origin, stall ? stall : ""));
    char *text = json_dumps(demo, JSON_INDENT(2));
    bool done = text && write_private(path, text);
    free(text);
    json_decref(demo);
    json_decref(made);
    json_decref(old);
    return done;
}

static int run(struct serve *serve)
{
    const char *why = "";
    struct edge *edge = edge_new(&serve->edge, &why);
    if (!edge) {
        fprintf(stderr, "market: %s\n", why);
        return 1;
    }
    serve->desk = (struct desk_config){.database = serve->database,
                                       .readers = (int)serve->readers,
                                       .hashers = (int)serve->hashers,
                                       .on_events = edge_events,
                                       .on_failed = edge_failed,
                                       .on_healed = edge_healed,
                                       .on_ended = edge_ended,
                                       .user = edge,
                                       .trust_clock = config_flag(serve->config, "trust-clock"),
                                       .push = edge_push(edge),
                                       .origin = serve->origin};
    struct desk *desk = desk_open(&serve->desk, &why);
    int code = 1;
    if (!desk)
        fprintf(stderr, "market: %s\n", why);
    else if (config_flag(serve->config, "demo") && !make_demo(serve, desk))
        fprintf(stderr, "market: cannot make the demo commune\n");
    else
        code = edge_run(edge, desk);
    desk_close(desk);
    edge_free(edge);
    return code;
}

/* The same program with the same words, in the same process: a supervisor sees nothing of it. Returns only
 * when that fails. */
static int start_anew(char **argv)
{
    log_line(LOG_LEVEL_INFO, "serve.again",
             LOG_TEXT("why", "a restored database or a disk that is well again"));
    execv("/proc/self/exe", argv);
    return 1;
}

int serve_main(int argc, char **argv)
{
    char *message = NULL;
    struct serve serve = {.config = config_read(options, OPTIONS, argc, argv, &message)};
    if (!serve.config) {
        g_autofree char *help = config_help(options, OPTIONS);
        fprintf(stderr, "%s\n%s", message ? message : "", help);
        g_free(message);
        return 64;
    }
    shut_blinds();
    int code = read_options(&serve) && make_data(&serve) ? run(&serve) : 64;
    free(serve.data);
    g_free(serve.database);
    g_free(serve.relay);
    g_free(serve.origin);
    if (serve.turn_secret)
        explicit_bzero(serve.turn_secret, strlen(serve.turn_secret));
    g_free(serve.turn_secret);
    config_free(serve.config);
    return code == EDGE_AGAIN ? start_anew(argv - 1) : code;
}
