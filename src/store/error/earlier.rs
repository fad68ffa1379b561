use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use super::Error;

/// The first failure of a transaction. It is the source of the later errors, which say only that an earlier statement
/// failed. The error itself was given to the work, which may have dropped it.
#[derive(Debug, Clone)]
pub(crate) struct Earlier(Arc<Error>);

impl Earlier {
    pub(crate) fn new(error: Error) -> Self {
        Self(Arc::new(error))
    }
}

impl fmt::Display for Earlier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Earlier {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}
