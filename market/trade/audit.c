/* audit.c: see audit.h. Each statement walks one table in the order of its key and finds the rest by indexes:
 * nothing is sorted or kept but what belongs to lots, of which there are few. */
#include "market/trade/audit.h"

/* What was reversed counts as what it was. */
static bool money(struct store *store, struct misfits *misfits)
{
    static const char sql[] =
        "SELECT o.id, o.code, CASE o.state WHEN 'confirmed' THEN o.total ELSE 0 END,"
        " CAST(COALESCE(SUM(CASE WHEN COALESCE(r.kind, e.kind) IN ('charge', 'adjust') THEN p.amount"
        " ELSE 0 END), 0) AS BIGINT),"
        " CAST(COALESCE(SUM(CASE WHEN COALESCE(r.kind, e.kind) IN ('payment', 'cash', 'resolve', 'credit')"
        " THEN p.amount ELSE 0 END), 0) AS BIGINT), COALESCE(MAX(a.balance), 0)"
        " FROM orders o LEFT JOIN account a ON a.kind = 'order' AND a.subject = o.id"
        " LEFT JOIN posting p ON p.account = a.id LEFT JOIN entry e ON e.id = p.entry"
        " LEFT JOIN entry r ON r.id = e.reverses GROUP BY o.id ORDER BY o.id";
    QUERY query = store_query_args(store, sql, NULL, 0);
    enum step step;
    while ((step = query_step(query)) == STEP_ROW) {
        int64_t id = query_int(query, 0), owed = query_int(query, 2), paid = query_int(query, 4);
        const char *code = query_text(query, 1);
        misfit_order(misfits, "charged", id, code, owed, query_int(query, 3));
        misfit_order(misfits, "receivable", id, code, query_int(query, 5), owed + paid);
    }
    return step == STEP_DONE;
}

/* Statements whose rows are (order, code, kept, counted). */
static bool orders(struct store *store, struct misfits *misfits, const char *what, const char *sql)
{
    QUERY query = store_query_args(store, sql, NULL, 0);
    enum step step;
    while ((step = query_step(query)) == STEP_ROW)
        misfit_order(misfits, what, query_int(query, 0), query_text(query, 1), query_int(query, 2),
                     query_int(query, 3));
    return step == STEP_DONE;
}

static const char fee_sql[] =
    "SELECT o.id, o.code, CASE o.state WHEN 'confirmed' THEN f.amount ELSE 0 END,"
    " (SELECT CAST(COALESCE(SUM(-d.amount), 0) AS BIGINT) FROM account a JOIN posting p ON p.account = a.id"
    "  JOIN posting d ON d.entry = p.entry JOIN account k ON k.id = d.account"
    "  WHERE a.kind = 'order' AND a.subject = o.id AND k.kind = 'delivery')"
    " FROM order_fee f JOIN orders o ON o.id = f.order_id ORDER BY f.order_id";

static const char line_sql[] =
    "SELECT o.id, o.code, s.amount, CASE l.unit WHEN 'kg' THEN (l.price * s.quantity + 500) / 1000"
    " ELSE l.price * s.quantity END"
    " FROM line_state s JOIN order_line l ON l.order_id = s.order_id AND l.position = s.position"
    " JOIN orders o ON o.id = s.order_id ORDER BY s.order_id, s.position";

/* 1 while it has what it took at the flash price: that is so as long as it stands. */
static const char flash_sql[] =
    "SELECT o.id, o.code, 1 - f.back, CASE WHEN o.state <> 'cancelled' THEN 1 ELSE 0 END"
    " FROM flash_line f JOIN orders o ON o.id = f.order_id ORDER BY f.order_id, f.lot";

static const char refund_sql[] =
    "SELECT o.id, o.code, CASE r.state WHEN 'granted' THEN r.amount ELSE 0 END, COALESCE(-a.balance, 0)"
    " FROM refund r JOIN orders o ON o.id = r.order_id"
    " LEFT JOIN account a ON a.kind = 'refund' AND a.subject = r.id ORDER BY r.id";

/* What was taken at a flash price, by its orders that stand. */
static bool flashes(struct store *store, struct misfits *misfits)
{
    static const char sql[] =
        "SELECT f.lot, f.taken, COALESCE(x.taken, 0) FROM flash f LEFT JOIN (SELECT l.flash AS flash,"
        " CAST(SUM(l.quantity) AS BIGINT) AS taken FROM flash_line l WHERE l.back = 0 GROUP BY l.flash) x"
        " ON x.flash = f.id ORDER BY f.id";
    QUERY query = store_query_args(store, sql, NULL, 0);
    enum step step;
    while ((step = query_step(query)) == STEP_ROW)
        misfit_lot(misfits, "flash", query_int(query, 0), query_int(query, 1), query_int(query, 2));
    return step == STEP_DONE;
}

static bool lots(struct store *store, struct misfits *misfits)
{
    static const char sql[] =
        "SELECT t.id, t.held, t.sold, COALESCE(x.held, 0), COALESCE(x.sold, 0) FROM lot t LEFT JOIN"
        " (SELECT l.lot AS lot,"
        "  CAST(SUM(CASE o.state WHEN 'placed' THEN COALESCE(s.quantity, l.quantity)"
        " ELSE 0 END) AS BIGINT) AS held,"
        "  CAST(SUM(CASE o.state WHEN 'confirmed' THEN COALESCE(s.quantity, l.quantity)"
        " ELSE 0 END) AS BIGINT) AS sold FROM orders o JOIN order_line l ON l.order_id = o.id"
        "  LEFT JOIN line_state s ON s.order_id = l.order_id AND s.position = l.position GROUP BY l.lot) x"
        " ON x.lot = t.id ORDER BY t.id";
    QUERY query = store_query_args(store, sql, NULL, 0);
    enum step step;
    while ((step = query_step(query)) == STEP_ROW) {
        misfit_lot(misfits, "held-ordered", query_int(query, 0), query_int(query, 1), query_int(query, 3));
        misfit_lot(misfits, "sold-ordered", query_int(query, 0), query_int(query, 2), query_int(query, 4));
    }
    return step == STEP_DONE;
}

bool audit_orders(struct store *store, struct misfits *misfits)
{
    return money(store, misfits) && orders(store, misfits, "fee", fee_sql) &&
           orders(store, misfits, "line", line_sql) && orders(store, misfits, "flash", flash_sql) &&
           orders(store, misfits, "refund", refund_sql) && flashes(store, misfits) && lots(store, misfits);
}
