-- Money is in minor units; times are UTC; ids are the 16 bytes of a UUID. `version` counts the changes of a row: the
-- shop's entity tags are made from it. Text is compared by its bytes. This collation ignores spaces at the end of a
-- text, but no text of the shop ends with a space; the collation that respects them has another name on MySQL than on
-- MariaDB.
--
-- Each statement here commits by itself. If a start is killed in between, the next one runs all statements again, so
-- each does nothing if it was done before.

CREATE TABLE IF NOT EXISTS products (
    sku        VARCHAR(32)  NOT NULL PRIMARY KEY,
    name       VARCHAR(100) NOT NULL,
    unit_price BIGINT       NOT NULL CHECK (unit_price >= 0),
    stock      BIGINT       NOT NULL CHECK (stock >= 0),
    version    BIGINT       NOT NULL
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS orders (
    id         BINARY(16)   NOT NULL PRIMARY KEY,
    customer   VARCHAR(64)  NOT NULL,
    status     VARCHAR(16)  NOT NULL CHECK (status IN ('placed', 'cancelled')),
    total      BIGINT       NOT NULL CHECK (total >= 0),
    note       VARCHAR(500),
    created_at DATETIME(6)  NOT NULL,
    updated_at DATETIME(6)  NOT NULL,
    version    BIGINT       NOT NULL,
    -- One index for each sort, for all orders and for one customer. The id makes each key unique, so that pages have no
    -- gaps or overlaps.
    INDEX orders_created_at (created_at, id),
    INDEX orders_total (total, id),
    INDEX orders_customer_created_at (customer, created_at, id),
    INDEX orders_customer_total (customer, total, id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS order_lines (
    order_id   BINARY(16)   NOT NULL,
    position   BIGINT       NOT NULL,
    sku        VARCHAR(32)  NOT NULL,
    quantity   BIGINT       NOT NULL CHECK (quantity > 0),
    unit_price BIGINT       NOT NULL CHECK (unit_price >= 0),
    PRIMARY KEY (order_id, position),
    CONSTRAINT order_lines_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE,
    CONSTRAINT order_lines_sku_fkey FOREIGN KEY (sku) REFERENCES products (sku)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
