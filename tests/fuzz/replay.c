/* replay.c: runs a fuzz target over files and folders of files, so that every input ever found stays a test
 * in the ordinary build. Exit code 1 when there was nothing to replay. */
#include <glib.h>
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static unsigned replay_file(const char *path)
{
    g_autofree char *bytes = NULL;
    gsize size = 0;
    if (!g_file_get_contents(path, &bytes, &size, NULL))
        return 0;
    g_autofree uint8_t *copy = g_memdup2(bytes, size); /* without the byte GLib adds: overreads are seen */
    LLVMFuzzerTestOneInput(copy, size);
    return 1;
}

static unsigned replay(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    unsigned done = 0;
    if (!dir)
        return replay_file(path);
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *inside = g_build_filename(path, name, NULL);
        done += replay_file(inside);
    }
    return done;
}

int main(int argc, char **argv)
{
    unsigned done = 0;
    for (int i = 1; i < argc; i++)
        done += replay(argv[i]);
    printf("%u inputs replayed\n", done);
    return done == 0;
}
