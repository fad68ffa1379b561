use http::Extensions;

use crate::problem::Problem;
use crate::violation::{Violation, Violations};

/// What rules report to, and where they find their context.
///
/// The context of a rule is what a layer or an extractor put into the request's extensions.
#[derive(Debug, Default)]
pub struct Check<'c> {
    context: Option<&'c Extensions>,
    found: Violations,
    failure: Option<Problem>,
}

impl<'c> Check<'c> {
    /// A check without context.
    #[must_use]
    pub const fn new() -> Self {
        Self { context: None, found: Violations::new(), failure: None }
    }

    /// A check whose rules may look into these extensions.
    #[must_use]
    pub const fn with_context(context: &'c Extensions) -> Self {
        Self { context: Some(context), found: Violations::new(), failure: None }
    }

    /// A check that looks into the same context and has found nothing yet.
    #[must_use]
    pub const fn afresh(&self) -> Self {
        Self { context: self.context, found: Violations::new(), failure: None }
    }

    /// Reports a violation.
    pub fn push(&mut self, violation: Violation) {
        self.found.push(violation);
    }

    /// What was found so far.
    #[must_use]
    pub const fn found(&self) -> &Violations {
        &self.found
    }

    /// The context of type `T`. Where it is missing, the service is at fault: the check as a whole becomes a server
    /// error, so that a rule that could not be asked never counts as passed.
    pub fn context<T: Send + Sync + 'static>(&mut self) -> Option<&'c T> {
        let found = self.context.and_then(|context| context.get::<T>());
        if found.is_none() {
            let name = std::any::type_name::<T>();
            self.failure.get_or_insert_with(|| {
                Problem::internal(format!("no {name} in the request's extensions, which a rule asks for"))
            });
        }
        found
    }

    /// The outcome.
    ///
    /// # Errors
    ///
    /// A server error if a context was missing, else `invalid-input` if anything was found.
    pub fn finish(self) -> Result<(), Problem> {
        match self.failure {
            Some(failure) => Err(failure),
            None if self.found.is_empty() => Ok(()),
            None => Err(Problem::invalid_input(self.found)),
        }
    }

    /// Splits the outcome, for a check that goes on elsewhere.
    ///
    /// # Errors
    ///
    /// A server error if a context was missing.
    pub fn into_violations(self) -> Result<Violations, Problem> {
        match self.failure {
            Some(failure) => Err(failure),
            None => Ok(self.found),
        }
    }
}
