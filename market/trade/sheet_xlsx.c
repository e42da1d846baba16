/* sheet_xlsx.c: the part of XLSX (ECMA-376) a statement needs: shared strings and one sheet's cells. Debian
 * has no C library that reads XLSX (libxlsxwriter only writes), so libzip opens the package and expat reads
 * the parts. A file from outside is hostile until proved otherwise: what a part unpacks to is bounded before
 * and while it is read, no part is ever written anywhere, document types (and with them entities) are
 * refused. */
#include <expat.h>
#include <string.h>
#include <zip.h>
#include "market/trade/sheet.h"

enum { PARTS = 4000, DEPTH = 64, CHUNK = 65536 };

G_DEFINE_AUTOPTR_CLEANUP_FUNC(zip_file_t, zip_fclose)

struct reader {
    XML_Parser parser;
    int depth;
    enum sheet_reason reason;
    GString *text; /* of the t or v we are in */
    bool in_text;
    bool in_phonetic;   /* rPh: how to pronounce it, not what it says */
    GPtrArray *strings; /* shared, being filled or looked up */
    bool in_string;     /* si or is */
    struct sheet *sheet;
    size_t row, column; /* of the cell we are in */
    char type[12];      /* its t attribute */
};

static void stop(struct reader *r, enum sheet_reason reason)
{
    r->reason = reason;
    XML_StopParser(r->parser, XML_FALSE);
}

/* Names come with or without a prefix ("x:row"). */
static const char *local(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon ? colon + 1 : name;
}

static const char *attribute(const char **attributes, const char *name)
{
    for (size_t i = 0; attributes[i]; i += 2)
        if (strcmp(attributes[i], name) == 0)
            return attributes[i + 1];
    return NULL;
}

/* "AB12": column 27, row 11. */
static bool read_reference(const char *text, size_t *column, size_t *row)
{
    size_t c = 0, letters = 0;
    for (; g_ascii_isupper(text[letters]) && letters < 3; letters++)
        c = c * 26 + (size_t)(text[letters] - 'A' + 1);
    guint64 number;
    if (letters == 0 || !g_ascii_string_to_unsigned(text + letters, 10, 1, 1048576, &number, NULL))
        return false;
    *column = c - 1;
    *row = (size_t)number - 1;
    return true;
}

static void begin_text(struct reader *r)
{
    r->in_text = true;
    if (!r->in_string)
        g_string_truncate(r->text, 0);
}

static void XMLCALL on_start(void *user, const char *name, const char **attributes)
{
    struct reader *r = user;
    const char *tag = local(name);
    if (++r->depth > DEPTH) {
        stop(r, SHEET_BROKEN);
        return;
    }
    if (strcmp(tag, "si") == 0 || strcmp(tag, "is") == 0) {
        r->in_string = true;
        g_string_truncate(r->text, 0);
    } else if (strcmp(tag, "rPh") == 0) {
        r->in_phonetic = true;
    } else if (strcmp(tag, "t") == 0 && !r->in_phonetic) {
        begin_text(r);
    } else if (strcmp(tag, "v") == 0 && r->sheet) {
        begin_text(r);
    } else if (strcmp(tag, "c") == 0 && r->sheet) {
        const char *where = attribute(attributes, "r"), *type = attribute(attributes, "t");
        g_strlcpy(r->type, type ? type : "n", sizeof r->type);
        if (!where)
            r->column++;
        else if (!read_reference(where, &r->column, &r->row))
            stop(r, SHEET_BROKEN);
    } else if (strcmp(tag, "row") == 0 && r->sheet) {
        guint64 number;
        const char *where = attribute(attributes, "r");
        r->column = (size_t)-1;
        if (!where)
            r->row = sheet_rows(r->sheet);
        else if (g_ascii_string_to_unsigned(where, 10, 1, 1048576, &number, NULL))
            r->row = (size_t)number - 1;
        else
            stop(r, SHEET_BROKEN);
    }
}

/* The text collected is a cell's: an index into the shared strings or the thing itself. */
static void put_cell(struct reader *r)
{
    const char *text = r->text->str;
    if (strcmp(r->type, "s") == 0) {
        guint64 index;
        if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT32, &index, NULL) || index >= r->strings->len) {
            stop(r, SHEET_BROKEN);
            return;
        }
        text = r->strings->pdata[index];
    } else if (strcmp(r->type, "e") == 0) {
        return; /* #N/A and its kind */
    }
    if (*text && !sheet_put(r->sheet, r->row, r->column, text, strlen(text)))
        stop(r, SHEET_TOO_BIG);
}

static void XMLCALL on_end(void *user, const char *name)
{
    struct reader *r = user;
    const char *tag = local(name);
    r->depth--;
    if (strcmp(tag, "t") == 0) {
        r->in_text = false;
    } else if (strcmp(tag, "v") == 0 && r->in_text) {
        r->in_text = false;
        put_cell(r);
    } else if (strcmp(tag, "rPh") == 0) {
        r->in_phonetic = false;
    } else if (strcmp(tag, "si") == 0) {
        r->in_string = false;
        g_ptr_array_add(r->strings, g_strdup(r->text->str));
    } else if (strcmp(tag, "is") == 0) {
        r->in_string = false;
        if (r->sheet)
            put_cell(r);
    }
}

static void XMLCALL on_text(void *user, const char *text, int size)
{
    struct reader *r = user;
    if (r->in_text && r->text->len + (size_t)size <= SHEET_CELL * 2)
        g_string_append_len(r->text, text, size);
}

static void XMLCALL on_doctype(void *user, const char *name, const char *system, const char *public_,
                               int internal)
{
    (void)name, (void)system, (void)public_, (void)internal;
    stop(user, SHEET_BROKEN);
}

/* Reads a part of the package through expat, keeping count of what has been unpacked in *left. */
static enum sheet_reason read_part(zip_t *package, const char *part, struct reader *r, size_t *left)
{
    zip_stat_t about;
    zip_stat_init(&about);
    if (zip_stat(package, part, 0, &about) != 0 || !(about.valid & ZIP_STAT_SIZE) ||
        !(about.valid & ZIP_STAT_COMP_SIZE))
        return SHEET_BROKEN;
    if (about.encryption_method != ZIP_EM_NONE)
        return SHEET_LOCKED;
    if (about.size > *left || about.size / SHEET_RATIO > about.comp_size + 1024)
        return SHEET_TOO_BIG;
    g_autoptr(zip_file_t) file = zip_fopen(package, part, 0);
    if (!file)
        return SHEET_BROKEN;
    r->parser = XML_ParserCreate(NULL);
    r->depth = 0;
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, on_start, on_end);
    XML_SetCharacterDataHandler(r->parser, on_text);
    XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
    g_autofree char *chunk = g_malloc(CHUNK);
    zip_int64_t n;
    enum XML_Status status = XML_STATUS_OK;
    while (status == XML_STATUS_OK && (n = zip_fread(file, chunk, CHUNK)) > 0) {
        if ((size_t)n > *left) { /* it lied about its size */
            r->reason = SHEET_TOO_BIG;
            break;
        }
        *left -= (size_t)n;
        status = XML_Parse(r->parser, chunk, (int)n, 0);
    }
    if (r->reason == SHEET_OK &&
        (status != XML_STATUS_OK || n < 0 || XML_Parse(r->parser, "", 0, 1) != XML_STATUS_OK))
        r->reason = r->reason == SHEET_OK ? SHEET_BROKEN : r->reason;
    XML_ParserFree(r->parser);
    r->parser = NULL;
    return r->reason;
}

static enum sheet_reason read_sheet(zip_t *package, const char *part, GPtrArray *strings, size_t *left,
                                    struct sheet **out)
{
    struct reader r = {.text = g_string_new(NULL), .strings = strings, .sheet = sheet_new()};
    enum sheet_reason reason = read_part(package, part, &r, left);
    g_string_free(r.text, TRUE);
    if (reason == SHEET_OK)
        *out = r.sheet;
    else
        sheet_free(r.sheet);
    return reason;
}

static enum sheet_reason read_strings(zip_t *package, GPtrArray *strings, size_t *left)
{
    if (zip_name_locate(package, "xl/sharedStrings.xml", 0) < 0)
        return SHEET_OK; /* cells with their own text have none */
    struct reader r = {.text = g_string_new(NULL), .strings = strings};
    enum sheet_reason reason = read_part(package, "xl/sharedStrings.xml", &r, left);
    g_string_free(r.text, TRUE);
    return reason;
}

/* Workbooks of banks have one sheet with rows and sometimes empty ones beside it: the longest is the
 * statement. */
static enum sheet_reason read_package(zip_t *package, struct sheet **out)
{
    g_autoptr(GPtrArray) strings = g_ptr_array_new_with_free_func(g_free);
    size_t left = SHEET_INFLATED;
    zip_int64_t parts = zip_get_num_entries(package, 0);
    if (parts > PARTS)
        return SHEET_TOO_BIG;
    enum sheet_reason reason = read_strings(package, strings, &left);
    struct sheet *best = NULL;
    for (zip_int64_t i = 0; reason == SHEET_OK && i < parts; i++) {
        const char *part = zip_get_name(package, (zip_uint64_t)i, 0);
        if (!part || !g_str_has_prefix(part, "xl/worksheets/") || !g_str_has_suffix(part, ".xml") ||
            strchr(part + strlen("xl/worksheets/"), '/'))
            continue;
        struct sheet *sheet = NULL;
        reason = read_sheet(package, part, strings, &left, &sheet);
        if (sheet && (!best || sheet_rows(sheet) > sheet_rows(best))) {
            struct sheet *shorter = best;
            best = sheet;
            sheet = shorter;
        }
        sheet_free(sheet);
    }
    if (reason == SHEET_OK && !best)
        reason = SHEET_NOT_TEXT;
    if (reason == SHEET_OK && sheet_rows(best) == 0)
        reason = SHEET_EMPTY;
    if (reason == SHEET_OK)
        *out = best;
    else
        sheet_free(best);
    return reason;
}

enum sheet_reason sheet_read_xlsx(const char *bytes, size_t size, struct sheet **out)
{
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(bytes, size, 0, &error);
    zip_t *package = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
    enum sheet_reason reason = SHEET_BROKEN;
    if (package) {
        reason = read_package(package, out);
        zip_discard(package);
    } else if (source) {
        zip_source_free(source);
    }
    zip_error_fini(&error);
    return reason;
}
