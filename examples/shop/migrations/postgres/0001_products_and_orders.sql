-- Money is in minor units. `version` counts the changes of a row: the shop's entity tags are made from it. Text is
-- compared by its bytes: pages and customers must not depend on the server's language.

CREATE TABLE products (
    sku        TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    name       TEXT   NOT NULL,
    unit_price BIGINT NOT NULL CHECK (unit_price >= 0),
    stock      BIGINT NOT NULL CHECK (stock >= 0),
    version    BIGINT NOT NULL
);

CREATE TABLE orders (
    id         UUID        NOT NULL PRIMARY KEY,
    customer   TEXT        COLLATE "C" NOT NULL,
    status     TEXT        NOT NULL CHECK (status IN ('placed', 'cancelled')),
    total      BIGINT      NOT NULL CHECK (total >= 0),
    note       TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version    BIGINT      NOT NULL
);

CREATE TABLE order_lines (
    order_id   UUID   NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    position   BIGINT NOT NULL,
    sku        TEXT   COLLATE "C" NOT NULL REFERENCES products (sku),
    quantity   BIGINT NOT NULL CHECK (quantity > 0),
    unit_price BIGINT NOT NULL CHECK (unit_price >= 0),
    PRIMARY KEY (order_id, position)
);

-- One index for each sort, for all orders and for one customer. The id makes each key unique, so that pages have no
-- gaps or overlaps.
CREATE INDEX orders_created_at ON orders (created_at, id);
CREATE INDEX orders_total ON orders (total, id);
CREATE INDEX orders_customer_created_at ON orders (customer, created_at, id);
CREATE INDEX orders_customer_total ON orders (customer, total, id);
