-- Money is in minor units; times are microseconds since 1970, UTC; ids are the 16 bytes of a UUID. `version` counts the
-- changes of a row: the shop's entity tags are made from it.

CREATE TABLE products (
    sku        TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    unit_price INTEGER NOT NULL CHECK (unit_price >= 0),
    stock      INTEGER NOT NULL CHECK (stock >= 0),
    version    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE orders (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    customer   TEXT    NOT NULL,
    status     TEXT    NOT NULL CHECK (status IN ('placed', 'cancelled')),
    total      INTEGER NOT NULL CHECK (total >= 0),
    note       TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE order_lines (
    order_id   BLOB    NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    sku        TEXT    NOT NULL REFERENCES products (sku),
    quantity   INTEGER NOT NULL CHECK (quantity > 0),
    unit_price INTEGER NOT NULL CHECK (unit_price >= 0),
    PRIMARY KEY (order_id, position)
) STRICT, WITHOUT ROWID;

-- One index for each sort, for all orders and for one customer. The id makes each key unique, so that pages have no
-- gaps or overlaps.
CREATE INDEX orders_created_at ON orders (created_at, id);
CREATE INDEX orders_total ON orders (total, id);
CREATE INDEX orders_customer_created_at ON orders (customer, created_at, id);
CREATE INDEX orders_customer_total ON orders (customer, total, id);
