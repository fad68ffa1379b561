//! A broken constraint is reported as the violation that was declared for it, the same on every database.

use buttress::Problem;
use buttress::problem::IntoProblem;
use buttress::problem::catalogue::{BAD_REQUEST, FORBIDDEN};
use buttress::store::{Constraint, Constraints, Error, Session, Store};
use serde_json::{Value, json};

use super::{ONCE, run};
use crate::support::TestDatabase;

const ORDERS: Constraints = Constraints::new(&[
    Constraint::new(&["orders_customer_key", "orders.customer"], "/customer", "taken", "has an order already"),
    Constraint::new(
        &["orders_shop_number_key", "orders.shop, orders.number"],
        "/number",
        "taken",
        "is a number of this shop already",
    ),
    Constraint::new(&["orders_quantity_check"], "/line/quantity", "range", "must be at least 1"),
    Constraint::new(&["orders.address"], "/address", "required", "is required"),
    Constraint::new(&["orders_parent_fkey", "FOREIGN KEY"], "/parent", "unknown-order", "is not an order"),
]);

/// The same constraints for a service with other statuses.
const OWN: Constraints = Constraints::new(&[
    Constraint::answered_with(&["orders_customer_key", "orders.customer"], FORBIDDEN),
    Constraint::new(&["orders_quantity_check"], "/quantity", "range", "is not").answering(BAD_REQUEST),
]);

const SCHEMA: &str = "
    CREATE TABLE orders (
        id BIGINT PRIMARY KEY,
        customer VARCHAR(40) NOT NULL,
        shop BIGINT NOT NULL,
        number BIGINT NOT NULL,
        quantity BIGINT NOT NULL,
        address VARCHAR(40) NOT NULL,
        parent BIGINT,
        CONSTRAINT orders_customer_key UNIQUE (customer),
        CONSTRAINT orders_shop_number_key UNIQUE (shop, number),
        CONSTRAINT orders_quantity_check CHECK (quantity > 0),
        CONSTRAINT orders_parent_fkey FOREIGN KEY (parent) REFERENCES orders (id)
    );
    INSERT INTO orders VALUES (1, 'ann', 1, 1, 1, 'here', NULL);
";

/// A repository.
async fn insert<DB: TestDatabase>(on: &mut Session, values: &str) -> Result<(), Error> {
    run::<DB>(on, &format!("INSERT INTO orders VALUES ({values})")).await.map_err(|error| ORDERS.explain(error))
}

/// A service's own error, which wraps the store's.
#[derive(Debug, thiserror::Error)]
#[error("the order was not placed")]
struct PlaceError(#[from] Error);

async fn place<DB: TestDatabase>(store: &Store, values: &str) -> Result<(), PlaceError> {
    store.transaction(async |tx| Ok(insert::<DB>(tx, values).await?)).await
}

/// The response that a client sees.
fn sent(problem: &Problem) -> (u16, Value) {
    let body: Value = serde_json::from_slice(&problem.render()).unwrap();
    (problem.status().as_u16(), body["errors"].clone())
}

async fn a_violation_is_the_same_everywhere<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(SCHEMA).await;
    let store = fresh.store.with_options(ONCE);
    let cases = [
        ("2, 'ann', 2, 2, 1, 'here', NULL", 409, "#/customer", "taken", "has an order already"),
        ("2, 'bob', 1, 1, 1, 'here', NULL", 409, "#/number", "taken", "is a number of this shop already"),
        ("2, 'bob', 2, 2, 0, 'here', NULL", 422, "#/line/quantity", "range", "must be at least 1"),
        ("2, 'bob', 2, 2, 1, NULL, NULL", 422, "#/address", "required", "is required"),
        ("2, 'bob', 2, 2, 1, 'here', 7", 422, "#/parent", "unknown-order", "is not an order"),
    ];
    for (values, status, pointer, code, detail) in cases {
        let PlaceError(error) = place::<DB>(&store, values).await.expect_err(values);
        let errors = json!([{"pointer": pointer, "code": code, "detail": detail}]);
        assert_eq!(sent(&error.into_problem()), (status, errors), "{values}");
    }

    // A constraint that is not declared is not one that the client could have satisfied.
    let PlaceError(error) = place::<DB>(&store, "1, 'bob', 2, 2, 1, 'here', NULL").await.unwrap_err();
    assert_eq!(sent(&ORDERS.problem(error)), (500, Value::Null));
}

async fn a_service_says_what_a_constraint_means<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(SCHEMA).await;
    let session = &mut fresh.store.session();
    for (values, status, errors) in [
        ("2, 'ann', 2, 2, 1, 'here', NULL", 403, Value::Null),
        (
            "2, 'bob', 2, 2, 0, 'here', NULL",
            400,
            json!([{"pointer": "#/quantity", "code": "range", "detail": "is not"}]),
        ),
    ] {
        let error = run::<DB>(session, &format!("INSERT INTO orders VALUES ({values})")).await.unwrap_err();
        assert_eq!(sent(&OWN.problem(error)), (status, errors), "{values}");
    }
}

on_every_database! {
    a_violation_is_the_same_everywhere;
    a_service_says_what_a_constraint_means;
}
