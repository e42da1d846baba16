/* config.c: command line over file over defaults. */
#include "market/base/config.h"

#include <glib.h>
#include <string.h>

struct config {
    const struct config_option *options;
    size_t count;
    GPtrArray **values; /* one list of strings for each option, with a NULL at the end */
};

static size_t option_index(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->count; i++)
        if (strcmp(config->options[i].name, name) == 0)
            return i;
    return config->count;
}

static void put(struct config *config, size_t i, const char *value)
{
    GPtrArray *list = config->values[i];
    if (!config->options[i].many)
        g_ptr_array_set_size(list, 0);
    else if (list->len)
        g_ptr_array_remove_index(list, list->len - 1); /* the NULL */
    g_ptr_array_add(list, g_strdup(value));
    g_ptr_array_add(list, NULL);
}

static bool read_arguments(struct config *config, int argc, char **argv, char **message)
{
    for (int a = 1; a < argc; a++) {
        const char *argument = argv[a];
        const char *equals = strchr(argument, '=');
        if (strncmp(argument, "--", 2) != 0) {
            *message = g_strdup_printf("unexpected argument: %s", argument);
            return false;
        }
        g_autofree char *name =
            equals ? g_strndup(argument + 2, (size_t)(equals - argument - 2)) : g_strdup(argument + 2);
        size_t i = option_index(config, name);
        if (i == config->count) {
            *message = g_strdup_printf("unknown option: --%s", name);
            return false;
        }
        const char *value = equals                    ? equals + 1
                            : config->options[i].flag ? "true"
                            : a + 1 < argc            ? argv[++a]
                                                      : NULL;
        if (!value) {
            *message = g_strdup_printf("--%s needs a value", name);
            return false;
        }
        put(config, i, value);
    }
    return true;
}

static bool read_file(struct config *config, const char *path, char **message)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) error = NULL;
    if (!g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, &error)) {
        *message = g_strdup_printf("%s: %s", path, error->message);
        return false;
    }
    g_auto(GStrv) names = g_key_file_get_keys(file, "market", NULL, NULL);
    for (char **name = names; name && *name; name++) {
        size_t i = option_index(config, *name);
        if (i == config->count) {
            *message = g_strdup_printf("%s: unknown setting: %s", path, *name);
            return false;
        }
        if (config->values[i]->len)
            continue; /* the command line has spoken */
        g_auto(GStrv) list = g_key_file_get_string_list(file, "market", *name, NULL, NULL);
        for (char **value = list; value && *value; value++)
            put(config, i, *value);
    }
    return true;
}

struct config *config_read(const struct config_option *options, size_t count, int argc, char **argv,
                           char **message)
{
    struct config *config = g_new0(struct config, 1);
    *config = (struct config){options, count, g_new0(GPtrArray *, count)};
    for (size_t i = 0; i < count; i++)
        config->values[i] = g_ptr_array_new_with_free_func(g_free);
    bool fine = read_arguments(config, argc, argv, message);
    const char *path = fine ? config_text(config, "config") : NULL;
    if (path)
        fine = read_file(config, path, message);
    if (!fine) {
        config_free(config);
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
        if (!config->values[i]->len && options[i].standard)
            put(config, i, options[i].standard);
    return config;
}

void config_free(struct config *config)
{
    if (!config)
        return;
    for (size_t i = 0; i < config->count; i++)
        g_ptr_array_unref(config->values[i]);
    g_free(config->values);
    g_free(config);
}

char **config_list(const struct config *config, const char *name)
{
    static char *nothing[] = {NULL};
    size_t i = option_index(config, name);
    return i < config->count && config->values[i]->len ? (char **)config->values[i]->pdata : nothing;
}

const char *config_text(const struct config *config, const char *name)
{
    char **list = config_list(config, name);
    const char *last = NULL;
    for (; *list; list++)
        last = *list;
    return last;
}

bool config_flag(const struct config *config, const char *name)
{
    const char *text = config_text(config, name);
    return text && (strcmp(text, "true") == 0 || strcmp(text, "1") == 0 || strcmp(text, "yes") == 0);
}

bool config_number(const struct config *config, const char *name, int64_t min, int64_t max, int64_t *out)
{
    const char *text = config_text(config, name);
    return text && g_ascii_string_to_signed(text, 10, min, max, out, NULL);
}

char *config_help(const struct config_option *options, size_t count)
{
    GString *out = g_string_new(NULL);
    for (size_t i = 0; i < count; i++)
        g_string_append_printf(
            out, "  --%-16s %s%s%s%s\n", options[i].name, options[i].help, options[i].standard ? " [" : "",
            options[i].standard ? options[i].standard : "", options[i].standard ? "]" : "");
    return g_string_free(out, FALSE);
}
