/* orders.c: lines in, lines out. */
#include "tests/load/link/orders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool orders_read(bool (*obey)(const char *line))
{
    static char text[4096];
    static size_t used;
    const ssize_t n = read(STDIN_FILENO, text + used, sizeof text - 1 - used);
    if (n <= 0)
        return false;
    used += (size_t)n;
    text[used] = '\0';
    char *start = text;
    for (char *end; (end = strchr(start, '\n')); start = end + 1) {
        *end = '\0';
        puts(obey(start) ? "ok" : "what?");
        fflush(stdout);
    }
    used = strlen(start);
    memmove(text, start, used);
    if (used == sizeof text - 1)
        used = 0; /* a line without end */
    return true;
}

void orders_print(json_t *j)
{
    char *text = json_dumps(j, JSON_COMPACT);
    json_decref(j);
    puts(text);
    fflush(stdout);
    free(text);
}
