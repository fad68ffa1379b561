use http::Extensions;

use crate::problem::Problem;
use crate::violation::{Violation, Violations};

/// Collects the violations of rules, and gives rules their context.
///
/// The context of a rule is the set of extensions that layers or extractors put into the request.
#[derive(Debug, Default)]
pub struct ValidationContext<'c> {
    context: Option<&'c Extensions>,
    found: Violations,
    failure: Option<Problem>,
}

impl<'c> ValidationContext<'c> {
    /// A check without context.
    #[must_use]
    pub const fn new() -> Self {
        Self { context: None, found: Violations::new(), failure: None }
    }

    /// A check whose rules may use these extensions.
    #[must_use]
    pub const fn with_context(context: &'c Extensions) -> Self {
        Self { context: Some(context), found: Violations::new(), failure: None }
    }

    /// A check with the same context and without violations.
    #[must_use]
    pub const fn afresh(&self) -> Self {
        Self { context: self.context, found: Violations::new(), failure: None }
    }

    /// Reports a violation.
    pub fn push(&mut self, violation: Violation) {
        self.found.push(violation);
    }

    /// The violations found so far.
    #[must_use]
    pub const fn found(&self) -> &Violations {
        &self.found
    }

    /// The context of type `T`. If it is missing, the service is at fault: the check as a whole becomes a server error,
    /// so that a rule that could not run never counts as passed.
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

    /// Returns the outcome.
    ///
    /// # Errors
    ///
    /// A server error if a context was missing, otherwise `invalid-input` if there are violations.
    pub fn finish(self) -> Result<(), Problem> {
        match self.failure {
            Some(failure) => Err(failure),
            None if self.found.is_empty() => Ok(()),
            None => Err(Problem::invalid_input(self.found)),
        }
    }

    /// Splits the outcome, for a check that continues elsewhere.
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
