/* relay.c: the relay as our child process. It dies with us (PR_SET_PDEATHSIG), it is started again with
 * growing pauses, and one that dies all the time is left alone for a while. Edge thread. */
#include "market/edge/relay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "market/edge/limits.h"

struct relay {
    struct edge *edge;
    const char *program;
    GPtrArray *argv;
    pid_t pid;       /* 0: none runs */
    unsigned deaths; /* in a row, within RELAY_DEATHS_MS */
    int64_t first_death_ms, started_ms, due_ms;
};

int64_t relay_backoff_ms(unsigned deaths)
{
    if (deaths >= RELAY_DEATHS_MAX)
        return RELAY_PAUSE_MS;
    int64_t wait_ms = deaths == 0 ? 0 : (int64_t)RELAY_BACKOFF_MIN_MS << (deaths - 1);
    return MIN(wait_ms, RELAY_BACKOFF_MAX_MS);
}

static void add(GPtrArray *argv, const char *name, char *value)
{
    g_ptr_array_add(argv, g_strdup(name));
    g_ptr_array_add(argv, value);
}

/* A candidate is an address (RFC 8839 allows names, browsers pass them over): of a machine that is known by
 * its names alone the relay finds the addresses itself. */
static bool is_address(const char *host)
{
    unsigned char bytes[16];
    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

static GPtrArray *arguments(const struct edge_config *config, const char *program)
{
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *folder = g_path_get_dirname(program);
    g_ptr_array_add(argv, g_strdup(program));
    add(argv, "--market", g_strdup_printf("unix:%s/relay.sock", config->data));
    add(argv, "--udp-port", g_strdup_printf("%d", config->udp_port));
    add(argv, "--workers", g_strdup_printf("%d", config->relay_workers));
    add(argv, "--viewers", g_strdup_printf("%d", config->relay_viewers));
    add(argv, "--transcodes", g_strdup_printf("%d", config->relay_transcodes));
    add(argv, "--busy", g_strdup_printf("%d", config->relay_busy));
    add(argv, "--pace", g_strdup_printf("%d", config->relay_pace));
    for (const char *const *host = config->hosts; host && *host; host++)
        if (is_address(*host))
            add(argv, "--host", g_strdup(*host));
    add(argv, "--media", g_strdup_printf("%s/media", config->data));
    add(argv, "--ingest", g_strdup_printf("%s/ingest", folder));
    add(argv, "--studio", g_strdup_printf("%s/studio", folder));
    g_ptr_array_add(argv, NULL);
    return argv;
}

struct relay *relay_new(struct edge *edge, const char *program)
{
    struct relay *relay = g_new0(struct relay, 1);
    relay->edge = edge;
    relay->program = program;
    relay->argv = arguments(edge->config, program);
    return relay;
}

/* In the child: only calls that are safe between fork and exec of a program with threads. */
static void become(char **argv, pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() == parent)
        execv(argv[0], argv);
    _exit(127);
}

static void start(struct relay *relay, int64_t now_ms)
{
    pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        become((char **)relay->argv->pdata, parent);
    relay->started_ms = now_ms;
    if (pid < 0) {
        log_line(LOG_LEVEL_ERROR, "relay.fork", LOG_TEXT("why", g_strerror(errno)));
        relay->due_ms = now_ms + RELAY_BACKOFF_MAX_MS;
        return;
    }
    relay->pid = pid;
    log_line(LOG_LEVEL_INFO, "relay.started", LOG_NUMBER("pid", pid));
}

static void collect(struct relay *relay, int64_t now_ms)
{
    int status;
    if (waitpid(relay->pid, &status, WNOHANG) != relay->pid)
        return;
    if (now_ms - relay->started_ms > RELAY_DEATHS_MS)
        relay->deaths = 0; /* it had lived long enough to be called well */
    relay->deaths++;
    int64_t wait_ms = relay_backoff_ms(relay->deaths);
    log_line(LOG_LEVEL_WARN, "relay.died", LOG_NUMBER("pid", relay->pid),
             LOG_NUMBER("exit", WIFEXITED(status) ? WEXITSTATUS(status) : -1),
             LOG_NUMBER("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0),
             LOG_NUMBER("deaths", relay->deaths), LOG_NUMBER("wait_ms", wait_ms));
    if (relay->deaths >= RELAY_DEATHS_MAX)
        relay->deaths = 0;
    relay->pid = 0;
    relay->due_ms = now_ms + wait_ms;
}

void relay_tick(struct relay *relay, int64_t now_ms)
{
    if (!relay)
        return;
    if (relay->pid)
        collect(relay, now_ms);
    if (!relay->pid && !relay->edge->draining && now_ms >= relay->due_ms)
        start(relay, now_ms);
}

void relay_free(struct relay *relay, int64_t patience_ms)
{
    if (!relay)
        return;
    for (int tries = 0; relay->pid && tries < patience_ms / 10; tries++) {
        if (tries == 0)
            kill(relay->pid, SIGTERM);
        if (waitpid(relay->pid, NULL, WNOHANG) == relay->pid)
            relay->pid = 0;
        else
            g_usleep(10000);
    }
    if (relay->pid) {
        kill(relay->pid, SIGKILL);
        waitpid(relay->pid, NULL, 0);
    }
    g_ptr_array_unref(relay->argv);
    g_free(relay);
}
