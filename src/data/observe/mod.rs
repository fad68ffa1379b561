//! What a log and a tracer see of transactions and statements. See the [chapter](super).

mod transaction;

pub(crate) use self::transaction::TransactionSpan;
