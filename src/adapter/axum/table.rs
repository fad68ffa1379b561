//! Implements axum's traits for each type of this crate.

use axum::extract::OptionalFromRequestParts;
use http::request::Parts;

use crate::handler::FromRequestParts;
use crate::handler::json::Json;
use crate::handler::state::State;
use crate::problem::Problem;
use crate::request_id::RequestId;
use crate::trace_context::TraceContext;

crate::adapt_response!(Problem);
crate::adapt_response!([T] Json<T>);

/// Extractors of the head that do not read the path: its parameters need not be handed over.
macro_rules! without_path {
    ($([$($parameter:ident)?] $type:ty;)*) => {$(
        impl<S, $($parameter)?> axum::extract::FromRequestParts<S> for $type
        where
            S: Send + Sync,
            Self: FromRequestParts<S>,
        {
            type Rejection = Problem;

            fn from_request_parts(
                parts: &mut Parts,
                state: &S,
            ) -> impl Future<Output = Result<Self, Problem>> + Send {
                <Self as FromRequestParts<S>>::from_request_parts(parts, state)
            }
        }
    )*};
}

without_path! {
    [] RequestId;
    [T] State<T>;
}

/// axum asks the type inside an `Option`, not the `Option` itself, whether it may be missing.
macro_rules! optional_parts {
    ($($type:ty)*) => {$(
        impl<S: Send + Sync> OptionalFromRequestParts<S> for $type {
            type Rejection = Problem;

            fn from_request_parts(
                parts: &mut Parts,
                state: &S,
            ) -> impl Future<Output = Result<Option<Self>, Problem>> + Send {
                <Option<Self> as FromRequestParts<S>>::from_request_parts(parts, state)
            }
        }
    )*};
}

optional_parts!(RequestId TraceContext);

#[cfg(feature = "store")]
mod store {
    crate::adapt_error!(crate::store::Error);
}

#[cfg(feature = "transaction")]
mod transaction {
    use super::*;

    without_path! {
        [N] crate::transaction::RequestTx<N>;
    }
}

#[cfg(feature = "respond")]
mod respond {
    use super::*;
    use crate::respond::{Accepted, Created, IfMatch, IfNoneMatch, NoContent, Preconditions, SeeOther, Versioned};

    crate::adapt_response!([T] Created<T>);
    crate::adapt_response!([T] Accepted<T>);
    crate::adapt_response!(NoContent);
    crate::adapt_response!(SeeOther);
    crate::adapt_response!([T] Versioned<T>);

    without_path! {
        [] IfMatch;
        [] Preconditions;
    }
    optional_parts!(IfMatch IfNoneMatch);
}

#[cfg(feature = "page")]
mod page {
    crate::adapt_response!([T] crate::page::Page<T>);
}

#[cfg(feature = "extract")]
mod extract {
    use axum::body::Body;
    use axum::extract::{OptionalFromRequest, Request};

    use super::super::__private::from_request;
    use super::*;
    use crate::extract::{Form, Headers, Input, MergePatch, Path, Query, RawBody, Unchecked};
    use crate::handler::{FromRequest, via};

    /// Extractors of bodies do not need the path, so the request goes to them unchanged.
    macro_rules! bodies {
        ($($type:ident $(<$parameter:ident>)?;)*) => {$(
            impl<S, $($parameter)?> axum::extract::FromRequest<S> for $type$(<$parameter>)?
            where
                S: Send + Sync,
                Self: FromRequest<S, Body>,
            {
                type Rejection = Problem;

                fn from_request(
                    request: Request,
                    state: &S,
                ) -> impl Future<Output = Result<Self, Problem>> + Send {
                    <Self as FromRequest<S, Body>>::from_request(request, state)
                }
            }
        )*};
    }

    bodies! {
        Json<T>;
        Form<T>;
        MergePatch<T>;
        RawBody;
    }

    without_path! {
        [T] Query<T>;
        [T] Headers<T>;
    }
    crate::adapt_parts!([T] Path<T>);
    crate::adapt_parts!([E] Unchecked<E>);
    crate::adapt_request!([E] Unchecked<E>);

    impl<S, T> OptionalFromRequest<S> for Json<T>
    where
        S: Send + Sync,
        Option<Self>: FromRequest<S, Body>,
    {
        type Rejection = Problem;

        fn from_request(request: Request, state: &S) -> impl Future<Output = Result<Option<Self>, Problem>> + Send {
            <Option<Self> as FromRequest<S, Body>>::from_request(request, state)
        }
    }

    /// Outside the macro because of `M`, which says whether the last of the inner extractors takes the body or only the
    /// head.
    impl<S, M, T> axum::extract::FromRequest<S, (via::Request, M)> for Input<T>
    where
        S: Send + Sync,
        Self: FromRequest<S, Body, (via::Request, M)>,
    {
        type Rejection = Problem;

        fn from_request(request: Request, state: &S) -> impl Future<Output = Result<Self, Problem>> + Send {
            from_request(request, state)
        }
    }
}
