//! The reference of problems: what each handler refuses, as its type says.

use std::collections::BTreeMap;
use std::fmt;

use buttress::handler::Call;
use buttress::problem::{Catalogue, IntoProblem};

/// The problems that the handler of a route answers with. Its extractors and the layers around it have their own.
pub struct RouteProblems {
    method: &'static str,
    path: &'static str,
    catalogue: Catalogue,
}

impl RouteProblems {
    pub fn of<H, Args, T, E>(method: &'static str, path: &'static str, _: H) -> Self
    where
        H: Call<Args, Future: Future<Output = Result<T, E>>>,
        E: IntoProblem,
    {
        Self { method, path, catalogue: E::CATALOGUE }
    }
}

/// A line for each problem: `PATCH /v1/orders/{id} 412 precondition-failed`, and what it means.
impl fmt::Display for RouteProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by_code: BTreeMap<_, _> = self.catalogue.types().map(|kind| (kind.code(), kind)).collect();
        for (code, kind) in by_code {
            write!(f, "{} {} {} {code}", self.method, self.path, kind.status().as_u16())?;
            if !kind.members().is_empty() {
                write!(f, " ({})", kind.members().join(", "))?;
            }
            writeln!(f, ": {}", kind.description().unwrap_or_else(|| kind.title()))?;
        }
        Ok(())
    }
}
