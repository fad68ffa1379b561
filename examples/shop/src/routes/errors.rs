//! The refusals of the handlers. Each has an error of its own, so that its type lists exactly the problems it answers with.

use buttress::Problem;
use buttress::page::{CursorError, InvalidCursor};
use buttress::payload::PatchError;
use buttress::respond::{PreconditionError, PreconditionFailed};
use buttress::store::Error;

use crate::services::{AlreadyCancelled, OrderNotFound, ProductNotFound};

/// The reason why a list was not shown.
#[derive(Debug, thiserror::Error, Problem)]
pub enum ListError {
    #[error(transparent)]
    #[problem(transparent)]
    InvalidCursor(#[from] InvalidCursor),

    #[error(transparent)]
    #[problem(transparent)]
    Cursor(#[from] CursorError),

    #[error(transparent)]
    #[problem(transparent)]
    Data(#[from] Error),
}

/// The reason why an order was not changed.
#[derive(Debug, thiserror::Error, Problem)]
pub enum ChangeOrderError {
    #[error(transparent)]
    #[problem(transparent)]
    NotFound(#[from] OrderNotFound),

    #[error(transparent)]
    #[problem(transparent)]
    Precondition(#[from] PreconditionError),

    #[error(transparent)]
    #[problem(transparent)]
    Patch(#[from] PatchError),

    #[error(transparent)]
    #[problem(transparent)]
    Data(#[from] Error),
}

/// The reason why a product was not changed.
#[derive(Debug, thiserror::Error, Problem)]
pub enum ChangeProductError {
    #[error(transparent)]
    #[problem(transparent)]
    NotFound(#[from] ProductNotFound),

    #[error(transparent)]
    #[problem(transparent)]
    Precondition(#[from] PreconditionError),

    #[error(transparent)]
    #[problem(transparent)]
    Patch(#[from] PatchError),

    #[error(transparent)]
    #[problem(transparent)]
    Data(#[from] Error),
}

/// The reason why an order was not cancelled.
#[derive(Debug, thiserror::Error, Problem)]
pub enum CancelError {
    #[error(transparent)]
    #[problem(transparent)]
    NotFound(#[from] OrderNotFound),

    #[error(transparent)]
    #[problem(transparent)]
    Precondition(#[from] PreconditionFailed),

    #[error(transparent)]
    #[problem(transparent)]
    AlreadyCancelled(#[from] AlreadyCancelled),

    #[error(transparent)]
    #[problem(transparent)]
    Data(#[from] Error),
}

/// The reason why an order was not removed.
#[derive(Debug, thiserror::Error, Problem)]
pub enum RemoveError {
    #[error(transparent)]
    #[problem(transparent)]
    NotFound(#[from] OrderNotFound),

    #[error(transparent)]
    #[problem(transparent)]
    Precondition(#[from] PreconditionFailed),

    #[error(transparent)]
    #[problem(transparent)]
    Data(#[from] Error),
}
