use http::Extensions;

use crate::problem::Problem;
use crate::violation::{Violation, Violations};

/// Collects the violations of rules, and gives rules what they need to know beside the value.
///
/// Rules may use the extensions that layers or extractors put into the request.
#[derive(Debug, Default)]
pub struct ValidationContext<'c> {
    extensions: Option<&'c Extensions>,
    found: Violations,
    failure: Option<Problem>,
}

impl<'c> ValidationContext<'c> {
    /// A context without extensions.
    #[must_use]
    pub const fn new() -> Self {
        Self { extensions: None, found: Violations::new(), failure: None }
    }

    /// A context whose rules may use these extensions.
    #[must_use]
    pub const fn with_extensions(extensions: &'c Extensions) -> Self {
        Self { extensions: Some(extensions), found: Violations::new(), failure: None }
    }

    /// The same extensions, without violations.
    #[must_use]
    pub const fn without_violations(&self) -> Self {
        Self { extensions: self.extensions, found: Violations::new(), failure: None }
    }

    /// Reports a violation.
    pub fn push(&mut self, violation: Violation) {
        self.found.push(violation);
    }

    /// The violations found so far.
    #[must_use]
    pub const fn violations(&self) -> &Violations {
        &self.found
    }

    /// The extension of type `T`. If it is missing, the service is at fault: the check as a whole becomes a server
    /// error, so that a rule that could not run never counts as passed.
    pub fn extension<T: Send + Sync + 'static>(&mut self) -> Option<&'c T> {
        let found = self.extensions.and_then(|extensions| extensions.get::<T>());
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
    /// A server error if an extension was missing, otherwise `invalid-input` if there are violations.
    pub fn finish(self) -> Result<(), Problem> {
        match self.failure {
            Some(failure) => Err(failure),
            None if self.found.is_empty() => Ok(()),
            None => Err(Problem::invalid_input(self.found)),
        }
    }

    /// Returns the violations, for a check that continues elsewhere.
    ///
    /// # Errors
    ///
    /// A server error if an extension was missing.
    pub fn into_violations(self) -> Result<Violations, Problem> {
        match self.failure {
            Some(failure) => Err(failure),
            None => Ok(self.found),
        }
    }
}
