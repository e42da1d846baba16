/* config.h: settings: built-in defaults, over them a key file (GKeyFile, group [market]), over that the
 * command line. Names are the long options without dashes in front ("udp-port"); an unknown name in the file
 * is refused, so that a typo is found. */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;

struct config_option {
    const char *name;
    const char *standard; /* NULL: unset */
    bool flag;            /* takes no value on the command line; "true" when given */
    bool many;            /* may be given several times; values are kept apart */
    const char *help;
};

/* Reads defaults, then argv (argv[0] skipped), then the file named by --config below what argv gave. NULL and
 * a message for people (g_free it) when something does not fit. Free with config_free. */
struct config *config_read(const struct config_option *options, size_t count, int argc, char **argv,
                           char **message);
void config_free(struct config *config);

const char *config_text(const struct config *config, const char *name); /* last value given, or NULL */
bool config_flag(const struct config *config, const char *name);
/* A decimal number within the range; false when it is unset or something else. */
bool config_number(const struct config *config, const char *name, int64_t min, int64_t max, int64_t *out);
char **config_list(const struct config *config,
                   const char *name); /* all values, NULL at the end; owned by config */
char *config_help(const struct config_option *options, size_t count); /* one line an option; g_free it */

#endif
