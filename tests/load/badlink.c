/* badlink.c: a bad network as a UDP proxy: what a client sends to --listen goes to --to and back, on the way
 * lost, delayed, jittered, doubled, reordered, squeezed through a rate limit or blocked, the same way for the
 * same --seed and traffic. Each client gets its own socket towards the server; "rebind" gives it a new one,
 * which to the server is a phone that moved from Wi-Fi to 4G. Commands come on stdin, one a line; answers and
 * "ready PORT" go to stdout. */
#include "tests/load/base/clock.h"
#include "tests/load/base/rng.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DATAGRAM = 65536, CLIENTS = 256, EVENTS = 64 };

enum way { UP, DOWN, WAYS }; /* client to server, server to client */

struct weather {                     /* of one way; changed by commands while running */
    double loss, reorder, duplicate; /* percent */
    double delay_ms, jitter_ms;
    double rate_kbps, queue_ms; /* 0: no limit; what does not fit into the queue is dropped */
    bool blocked;
};

struct count {
    uint64_t in, out, lost, overflowed;
};

struct client {
    struct sockaddr_in address;
    int fd; /* connected to the server */
};

struct packet {
    int64_t due_us;
    uint64_t order; /* ties leave in the order they came */
    struct client *client;
    enum way way;
    size_t length;
    uint8_t bytes[];
};

static struct weather weather[WAYS];
static struct count counts[WAYS];
static struct rng rngs[WAYS];
static int64_t line_free_us[WAYS]; /* when the rate limit lets the next packet go */
static int64_t last_due_us[WAYS];
static struct sockaddr_in server;
static struct client clients[CLIENTS];
static int client_count, listener, epoll_fd;
static GPtrArray *heap; /* struct packet, the earliest first */
static uint64_t packet_order;
static volatile sig_atomic_t interrupted;

static bool earlier(const struct packet *a, const struct packet *b)
{
    return a->due_us != b->due_us ? a->due_us < b->due_us : a->order < b->order;
}

static void heap_swap(guint a, guint b)
{
    gpointer t = heap->pdata[a];
    heap->pdata[a] = heap->pdata[b];
    heap->pdata[b] = t;
}

static void heap_push(struct packet *p)
{
    g_ptr_array_add(heap, p);
    for (guint i = heap->len - 1; i > 0 && earlier(heap->pdata[i], heap->pdata[(i - 1) / 2]); i = (i - 1) / 2)
        heap_swap(i, (i - 1) / 2);
}

static struct packet *heap_pop(void)
{
    struct packet *first = heap->pdata[0];
    heap_swap(0, heap->len - 1);
    g_ptr_array_set_size(heap, (gint)heap->len - 1);
    for (guint i = 0;;) {
        guint least = i;
        for (guint child = 2 * i + 1; child <= 2 * i + 2; child++)
            if (child < heap->len && earlier(heap->pdata[child], heap->pdata[least]))
                least = child;
        if (least == i)
            return first;
        heap_swap(i, least);
        i = least;
    }
}

/* When the packet comes out at the other end, or -1 when it never does. */
static int64_t travel(enum way way, size_t length, int64_t now_us)
{
    const struct weather *w = &weather[way];
    int64_t leaves_us = now_us;
    if (w->blocked || rng_chance(&rngs[way], w->loss / 100)) {
        counts[way].lost++;
        return -1;
    }
    if (w->rate_kbps > 0) {
        leaves_us = MAX(now_us, line_free_us[way]) + (int64_t)((double)(length + 28) * 8000 / w->rate_kbps);
        if ((double)(leaves_us - now_us) > w->queue_ms * 1000) {
            counts[way].overflowed++;
            return -1;
        }
        line_free_us[way] = leaves_us;
    }
    int64_t due_us = leaves_us + (int64_t)(w->delay_ms * 1000 + rng_unit(&rngs[way]) * w->jitter_ms * 1000);
    if (rng_chance(&rngs[way], w->reorder / 100))
        return MAX(leaves_us, due_us - 20000); /* overtakes those before it */
    due_us = MAX(due_us, last_due_us[way]);    /* jitter alone keeps the order */
    last_due_us[way] = due_us;
    return due_us;
}

static void deliver(struct packet *p)
{
    const ssize_t n = p->way == UP
                          ? send(p->client->fd, p->bytes, p->length, MSG_DONTWAIT | MSG_NOSIGNAL)
                          : sendto(listener, p->bytes, p->length, MSG_DONTWAIT,
                                   (struct sockaddr *)&p->client->address, sizeof p->client->address);
    counts[p->way].out += n == (ssize_t)p->length;
    g_free(p);
}

static void take(enum way way, struct client *client, const uint8_t *bytes, size_t length, int64_t now_us)
{
    const int copies = rng_chance(&rngs[way], weather[way].duplicate / 100) ? 2 : 1;
    counts[way].in++;
    for (int i = 0; i < copies; i++) {
        const int64_t due_us = travel(way, length, now_us);
        if (due_us < 0)
            continue;
        struct packet *p = g_malloc(sizeof *p + length);
        *p = (struct packet){
            .due_us = due_us, .order = packet_order++, .client = client, .way = way, .length = length};
        memcpy(p->bytes, bytes, length);
        heap_push(p);
    }
}

static bool client_dial(struct client *c)
{
    const int size = 1 << 20;
    if (c->fd >= 0)
        close(c->fd); /* epoll forgets it by itself */
    c->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    return c->fd >= 0 && connect(c->fd, (struct sockaddr *)&server, sizeof server) == 0 &&
           epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &e) == 0;
}

static struct client *client_of(const struct sockaddr_in *address)
{
    for (int i = 0; i < client_count; i++)
        if (clients[i].address.sin_port == address->sin_port &&
            clients[i].address.sin_addr.s_addr == address->sin_addr.s_addr)
            return &clients[i];
    if (client_count == CLIENTS)
        return NULL;
    struct client *c = &clients[client_count];
    *c = (struct client){.address = *address, .fd = -1};
    return client_dial(c) ? &clients[client_count++] : NULL;
}

static void read_from(struct client *client)
{
    static uint8_t bytes[DATAGRAM];
    for (;;) {
        struct sockaddr_in from;
        socklen_t room = sizeof from;
        const ssize_t n = recvfrom(client ? client->fd : listener, bytes, sizeof bytes, MSG_DONTWAIT,
                                   (struct sockaddr *)&from, &room);
        if (n < 0)
            return;
        struct client *c = client ? client : client_of(&from);
        if (c)
            take(client ? DOWN : UP, c, bytes, (size_t)n, clock_us());
    }
}

static void print_stats(void)
{
    json_t *j = json_object();
    static const char *const names[WAYS] = {"up", "down"};
    for (int way = 0; way < WAYS; way++)
        json_object_set_new(j, names[way],
                            json_pack("{s:I, s:I, s:I, s:I}", "in", (json_int_t)counts[way].in, "out",
                                      (json_int_t)counts[way].out, "lost", (json_int_t)counts[way].lost,
                                      "overflowed", (json_int_t)counts[way].overflowed));
    json_object_set_new(j, "clients", json_integer(client_count));
    g_autofree char *text = json_dumps(j, JSON_COMPACT);
    json_decref(j);
    puts(text);
    fflush(stdout);
}

static double *setting(struct weather *w, const char *name)
{
    const struct {
        const char *name;
        double *value;
    } table[] = {{"loss", &w->loss},      {"reorder", &w->reorder},  {"duplicate", &w->duplicate},
                 {"delay", &w->delay_ms}, {"jitter", &w->jitter_ms}, {"rate", &w->rate_kbps},
                 {"queue", &w->queue_ms}};
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
        if (g_str_equal(table[i].name, name))
            return table[i].value;
    return NULL;
}

/* [up|down] NAME [VALUE]; see the summary in options_read(). False when it means nothing. */
static bool command(const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", 4);
    const bool one_way = g_strv_contains((const char *const[]){"up", "down", NULL}, words[0] ? words[0] : "");
    const char *name = words[one_way ? 1 : 0];
    if (!name)
        return false;
    const char *value = words[one_way ? 2 : 1];
    if (g_str_equal(name, "stats")) {
        print_stats();
        return true;
    }
    if (g_str_equal(name, "rebind")) {
        for (int i = 0; i < client_count; i++)
            client_dial(&clients[i]);
        return true;
    }
    bool known = false;
    for (int way = 0; way < WAYS; way++) {
        if (one_way && !g_str_equal(words[0], way == UP ? "up" : "down"))
            continue;
        double *place = setting(&weather[way], name);
        if (place && value)
            *place = g_ascii_strtod(value, NULL);
        else if (g_str_equal(name, "block") || g_str_equal(name, "unblock"))
            weather[way].blocked = name[0] == 'b';
        else
            continue;
        known = true;
    }
    return known;
}

static void read_commands(void)
{
    static char text[4096];
    static size_t used;
    const ssize_t n = read(STDIN_FILENO, text + used, sizeof text - 1 - used);
    if (n <= 0) { /* nobody to command us any more; the proxy goes on */
        epoll_ctl(epoll_fd, EPOLL_CTL_DEL, STDIN_FILENO, NULL);
        return;
    }
    used += (size_t)n;
    text[used] = '\0';
    char *start = text;
    for (char *end; (end = strchr(start, '\n')); start = end + 1) {
        *end = '\0';
        puts(command(start) ? "ok" : "what?");
        fflush(stdout);
    }
    used = strlen(start);
    memmove(text, start, used);
    if (used == sizeof text - 1)
        used = 0;
}

static bool address_read(const char *text, struct sockaddr_in *address)
{
    g_auto(GStrv) parts = g_strsplit(text ? text : "", ":", 2);
    *address = (struct sockaddr_in){.sin_family = AF_INET};
    if (!parts[0] || !parts[1] || inet_pton(AF_INET, parts[0], &address->sin_addr) != 1)
        return false;
    address->sin_port = htons((uint16_t)atoi(parts[1]));
    return true;
}

static bool open_listener(const char *text)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    const int size = 4 << 20;
    if (!address_read(text, &address))
        return false;
    listener = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0)
        return false;
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &e);
    e.data.ptr = clients + CLIENTS; /* no client: the commands */
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &e);
    printf("ready %d\n", ntohs(address.sin_port));
    fflush(stdout);
    return true;
}

static bool options_read(int *argc, char ***argv, char **listen_at, char **to)
{
    struct weather w = {.queue_ms = 300};
    int seed = 1;
    const GOptionEntry entries[] = {
        {"listen", 0, 0, G_OPTION_ARG_STRING, listen_at, "where clients send to (port 0: any)",
         "ADDRESS:PORT"},
        {"to", 0, 0, G_OPTION_ARG_STRING, to, "the server", "ADDRESS:PORT"},
        {"loss", 0, 0, G_OPTION_ARG_DOUBLE, &w.loss, "percent", "P"},
        {"reorder", 0, 0, G_OPTION_ARG_DOUBLE, &w.reorder, "percent that overtakes by up to 20 ms", "P"},
        {"duplicate", 0, 0, G_OPTION_ARG_DOUBLE, &w.duplicate, "percent", "P"},
        {"delay", 0, 0, G_OPTION_ARG_DOUBLE, &w.delay_ms, "ms each way", "MS"},
        {"jitter", 0, 0, G_OPTION_ARG_DOUBLE, &w.jitter_ms, "up to this much more", "MS"},
        {"rate", 0, 0, G_OPTION_ARG_DOUBLE, &w.rate_kbps, "kb/s each way", "KBPS"},
        {"queue", 0, 0, G_OPTION_ARG_DOUBLE, &w.queue_ms, "what may wait for the rate limit (default 300)",
         "MS"},
        {"seed", 0, 0, G_OPTION_ARG_INT, &seed, "same seed, same weather (default 1)", "N"},
        {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL}};
    g_autoptr(GError) error = NULL;
    g_autoptr(GOptionContext) context = g_option_context_new("- a bad network as a UDP proxy");
    g_option_context_set_summary(
        context, "Commands on stdin: [up|down] loss|reorder|duplicate|delay|jitter|rate|queue "
                 "VALUE; [up|down] block|unblock; rebind; stats");
    g_option_context_add_main_entries(context, entries, NULL);
    const bool ok =
        g_option_context_parse(context, argc, argv, &error) && *listen_at && address_read(*to, &server);
    if (!ok)
        fprintf(stderr, "badlink: %s\n", error ? error->message : "give --listen and --to");
    for (int way = 0; way < WAYS; way++) {
        weather[way] = w;
        rngs[way] = rng_make((uint64_t)seed * 2 + (uint64_t)way);
    }
    return ok;
}

static void interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

static void turn(void)
{
    struct epoll_event events[EVENTS];
    struct timespec wait = {.tv_sec = 1}, *timeout = &wait;
    if (heap->len) {
        const int64_t us = CLAMP(((struct packet *)heap->pdata[0])->due_us - clock_us(), 0, 1000000);
        wait = (struct timespec){.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
    }
    const int n = epoll_pwait2(epoll_fd, events, EVENTS, timeout, NULL);
    for (int i = 0; i < n; i++)
        if (events[i].data.ptr == clients + CLIENTS)
            read_commands();
        else
            read_from(events[i].data.ptr);
    while (heap->len && ((struct packet *)heap->pdata[0])->due_us <= clock_us())
        deliver(heap_pop());
}

int main(int argc, char **argv)
{
    g_autofree char *listen_at = NULL, *to = NULL;
    if (!options_read(&argc, &argv, &listen_at, &to))
        return 2;
    signal(SIGINT, interrupt);
    signal(SIGTERM, interrupt);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    heap = g_ptr_array_new();
    if (!open_listener(listen_at)) {
        fprintf(stderr, "badlink: cannot listen at %s: %s\n", listen_at, g_strerror(errno));
        return 1;
    }
    while (!interrupted)
        turn();
    print_stats();
    while (heap->len)
        g_free(heap_pop());
    g_ptr_array_unref(heap);
    return 0;
}
