/* bank.c: see bank.h. The built-in table is banks.tsv, taken in by the assembler so that the file itself is
 * the source. */
#include "market/trade/bank.h"

#include <glib.h>
#include <string.h>

__asm__(".pushsection .rodata\n"
        ".globl bank_builtin_text, bank_builtin_text_end\n"
        "bank_builtin_text: .incbin \"" BANKS_TSV "\"\n"
        "bank_builtin_text_end: .byte 0\n"
        ".popsection\n");
extern const char bank_builtin_text[], bank_builtin_text_end[];

enum { BANK_FILE_BYTES = 1 << 20, BANK_COLUMNS = 5 };

struct bank_table {
    char *text;    /* the names point into it */
    GArray *banks; /* of struct bank */
};

bool bank_bin_ok(const char *bin)
{
    return strlen(bin) == 6 && strspn(bin, "0123456789") == 6;
}

static bool read_line(char *line, struct bank *out)
{
    char *cell[BANK_COLUMNS];
    for (int i = 0; i < BANK_COLUMNS; i++) {
        cell[i] = line;
        if (!line)
            return false;
        char *tab = strchr(line, '\t');
        if (tab)
            *tab++ = '\0';
        line = tab;
    }
    if (!bank_bin_ok(cell[0]) || !*cell[2])
        return false;
    *out = (struct bank){cell[0], cell[1], cell[2], cell[3], strstr(cell[4], "receive") != NULL};
    return true;
}

static bool read_lines(struct bank_table *table, char *why, size_t why_size)
{
    char *next = table->text;
    for (int number = 1; next && *next; number++) {
        char *line = next;
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        if (number == 1 || !*line || *line == '#')
            continue; /* titles, blank lines, remarks */
        struct bank bank;
        if (!read_line(line, &bank) || bank_find(table, bank.bin)) {
            if (why)
                g_snprintf(why, why_size, "line %d is not a bank, or one that was there already", number);
            return false;
        }
        g_array_append_val(table->banks, bank);
    }
    return true;
}

struct bank_table *bank_table_new(const char *path, char *why, size_t why_size)
{
    g_autofree char *text = NULL;
    size_t size = 0;
    if (!path)
        text = g_strndup(bank_builtin_text, (size_t)(bank_builtin_text_end - bank_builtin_text));
    else if (!g_file_get_contents(path, &text, &size, NULL) || size > BANK_FILE_BYTES ||
             !g_utf8_validate(text, (gssize)size, NULL)) {
        if (why)
            g_snprintf(why, why_size, "cannot be read as UTF-8 text below 1 MB");
        return NULL;
    }
    struct bank_table *table = g_new0(struct bank_table, 1);
    table->text = g_steal_pointer(&text);
    table->banks = g_array_new(FALSE, FALSE, sizeof(struct bank));
    if (read_lines(table, why, why_size))
        return table;
    bank_table_free(table);
    return NULL;
}

void bank_table_free(struct bank_table *table)
{
    if (!table)
        return;
    g_array_free(table->banks, TRUE);
    g_free(table->text);
    g_free(table);
}

size_t bank_count(const struct bank_table *table)
{
    return table->banks->len;
}

const struct bank *bank_at(const struct bank_table *table, size_t i)
{
    return &((const struct bank *)(const void *)table->banks->data)[i];
}

const struct bank *bank_find(const struct bank_table *table, const char *bin)
{
    for (size_t i = 0; i < bank_count(table); i++)
        if (strcmp(bank_at(table, i)->bin, bin) == 0)
            return bank_at(table, i);
    return NULL;
}
