/* badlink.c: a bad network as a UDP proxy: what a client sends to --listen goes to --to and back, on the way
 * lost, delayed, jittered, doubled, reordered, squeezed through a rate limit or blocked, the same way for the
 * same --seed and traffic. Each client gets its own socket towards the server; "rebind" gives it a new one,
 * which to the server is a phone that moved from Wi-Fi to 4G. Commands come on stdin, one a line; answers and
 * "ready PORT" go to stdout. */
#include "tests/load/base/clock.h"
#include "tests/load/link/orders.h"
#include "tests/load/link/weather.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DATAGRAM = 65536, CLIENTS = 256, EVENTS = 64 };

struct client {
    struct sockaddr_in address;
    int fd; /* connected to the server */
};

static struct weather *weather;
static struct sockaddr_in server;
static struct client clients[CLIENTS];
static int client_count, listener, epoll_fd;
static volatile sig_atomic_t interrupted;

static void deliver(struct packet *p)
{
    struct client *c = p->owner;
    const ssize_t n = p->way == UP ? send(c->fd, p->bytes, p->length, MSG_DONTWAIT | MSG_NOSIGNAL)
                                   : sendto(listener, p->bytes, p->length, MSG_DONTWAIT,
                                            (struct sockaddr *)&c->address, sizeof c->address);
    (void)n; /* a full buffer is one more way to be lost */
    g_free(p);
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
            weather_take(weather, client ? DOWN : UP, c, bytes, (size_t)n, clock_us());
    }
}

static void print_stats(void)
{
    json_t *j = weather_stats(weather);
    json_object_set_new(j, "clients", json_integer(client_count));
    orders_print(j);
}

static bool obey(const char *line)
{
    if (g_str_equal(line, "stats")) {
        print_stats();
        return true;
    }
    if (!g_str_equal(line, "rebind"))
        return weather_command(weather, line);
    for (int i = 0; i < client_count; i++)
        client_dial(&clients[i]);
    return true;
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
    const GOptionEntry entries[] = {{"listen", 0, 0, G_OPTION_ARG_STRING, listen_at,
                                     "where clients send to (port 0: any)", "ADDRESS:PORT"},
                                    {"to", 0, 0, G_OPTION_ARG_STRING, to, "the server", "ADDRESS:PORT"},
                                    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL}};
    g_autoptr(GError) error = NULL;
    g_autoptr(GOptionContext) context = g_option_context_new("- a bad network as a UDP proxy");
    g_option_context_set_summary(context, "Commands on stdin: " WEATHER_HELP "rebind; stats");
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_add_main_entries(context, weather_options(), NULL);
    const bool ok =
        g_option_context_parse(context, argc, argv, &error) && *listen_at && address_read(*to, &server);
    if (!ok)
        fprintf(stderr, "badlink: %s\n", error ? error->message : "give --listen and --to");
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
    struct packet *p;
    const int64_t us = weather_wait_us(weather, clock_us(), 1000000);
    const struct timespec wait = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
    const int n = epoll_pwait2(epoll_fd, events, EVENTS, &wait, NULL);
    for (int i = 0; i < n; i++)
        if (events[i].data.ptr != clients + CLIENTS)
            read_from(events[i].data.ptr);
        else if (!orders_read(obey)) /* nobody to command us any more; the proxy goes on */
            epoll_ctl(epoll_fd, EPOLL_CTL_DEL, STDIN_FILENO, NULL);
    while ((p = weather_arrived(weather, clock_us())))
        deliver(p);
}

int main(int argc, char **argv)
{
    g_autofree char *listen_at = NULL, *to = NULL;
    if (!options_read(&argc, &argv, &listen_at, &to))
        return 2;
    signal(SIGINT, interrupt);
    signal(SIGTERM, interrupt);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    weather = weather_new();
    if (!open_listener(listen_at)) {
        fprintf(stderr, "badlink: cannot listen at %s: %s\n", listen_at, g_strerror(errno));
        return 1;
    }
    while (!interrupted)
        turn();
    print_stats();
    weather_free(weather);
    return 0;
}
