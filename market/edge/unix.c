/* unix.c: local stream sockets that only our own user may use. */
#include "market/edge/unix.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "market/base/log.h"

static bool address_of(const char *path, struct sockaddr_un *address)
{
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    return g_strlcpy(address->sun_path, path, sizeof address->sun_path) < sizeof address->sun_path;
}

int unix_connect(const char *path)
{
    struct sockaddr_un address;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 &&
        (!address_of(path, &address) || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

int unix_listen(const char *path, const char **why)
{
    struct sockaddr_un address;
    if (!address_of(path, &address)) {
        *why = "the data directory's path is too long for a socket";
        return -1;
    }
    int other = unix_connect(path);
    if (other >= 0) {
        close(other);
        *why = "another market serves this data directory";
        return -1;
    }
    unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || chmod(path, 0600) != 0 ||
        listen(fd, 16) != 0) {
        *why = "cannot listen on a socket in the data directory";
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

int unix_accept(int fd)
{
    int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client < 0)
        return -1;
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(client, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 ||
        (peer.uid != geteuid() && peer.uid != 0)) {
        log_line(LOG_LEVEL_WARN, "unix.stranger", LOG_NUMBER("uid", peer.uid));
        close(client);
        return -1;
    }
    return client;
}
