//! Macros that the derives emit and that people can write by hand. The features of this crate decide here whether they
//! expand to anything: a `cfg` in the macro's output would refer to a feature of the caller's crate.

/// Makes an extractor of the head ([`FromRequestParts`](crate::handler::FromRequestParts)) work in axum.
///
/// `adapt_parts!(Type);`, or with parameters `adapt_parts!([T: Bound] Type<T> where T: Bound);`. Expands to nothing
/// without the feature `axum`. See [`adapter`](crate::adapter).
#[macro_export]
macro_rules! adapt_parts {
    ([$($generics:tt)*] $type:ty $(where $($bounds:tt)*)?) => { $crate::__with_axum! {
        impl<__S, $($generics)*> $crate::adapter::axum::__private::FromRequestParts<__S> for $type
        where
            __S: ::core::marker::Send + ::core::marker::Sync,
            $type: $crate::handler::FromRequestParts<__S>,
            $($($bounds)*)?
        {
            type Rejection = $crate::Problem;

            fn from_request_parts(
                parts: &mut $crate::adapter::axum::__private::Parts,
                state: &__S,
            ) -> impl ::core::future::Future<Output = ::core::result::Result<Self, $crate::Problem>> + Send {
                $crate::adapter::axum::__private::from_parts(parts, state)
            }
        }
    } };
    ($type:ty) => { $crate::adapt_parts! { [] $type } };
}

/// Makes an extractor of the whole request ([`FromRequest`](crate::handler::FromRequest)) work in axum.
///
/// `adapt_request!(Type);`, or with parameters `adapt_request!([T: Bound] Type<T> where T: Bound);`. Expands to nothing
/// without the feature `axum`. See [`adapter`](crate::adapter).
#[macro_export]
macro_rules! adapt_request {
    ([$($generics:tt)*] $type:ty $(where $($bounds:tt)*)?) => { $crate::__with_axum! {
        impl<__S, $($generics)*> $crate::adapter::axum::__private::FromRequest<__S> for $type
        where
            __S: ::core::marker::Send + ::core::marker::Sync,
            $type: $crate::handler::FromRequest<__S, $crate::adapter::axum::__private::Body>,
            $($($bounds)*)?
        {
            type Rejection = $crate::Problem;

            fn from_request(
                request: $crate::adapter::axum::__private::Request,
                state: &__S,
            ) -> impl ::core::future::Future<Output = ::core::result::Result<Self, $crate::Problem>> + Send {
                $crate::adapter::axum::__private::from_request(request, state)
            }
        }
    } };
    ($type:ty) => { $crate::adapt_request! { [] $type } };
}

/// Makes a response ([`IntoResponse`](crate::handler::IntoResponse)) work in axum.
///
/// `adapt_response!(Type);`, or with parameters `adapt_response!([T: Bound] Type<T> where T: Bound);`. Expands to
/// nothing without the feature `axum`. See [`adapter`](crate::adapter).
#[macro_export]
macro_rules! adapt_response {
    ([$($generics:tt)*] $type:ty $(where $($bounds:tt)*)?) => { $crate::__with_axum! {
        impl<$($generics)*> $crate::adapter::axum::__private::IntoResponse for $type
        where
            $type: $crate::handler::IntoResponse,
            $($($bounds)*)?
        {
            fn into_response(self) -> $crate::adapter::axum::__private::Response {
                $crate::adapter::axum::response(self)
            }
        }
    } };
    ($type:ty) => { $crate::adapt_response! { [] $type } };
}

/// Lets axum's handlers return an error ([`IntoProblem`](crate::problem::IntoProblem)). `derive(Problem)` writes this
/// line by itself.
///
/// `adapt_error!(Type);`, or with parameters `adapt_error!([T: Bound] Type<T> where T: Bound);`. Expands to nothing
/// without the feature `axum`. See [`adapter`](crate::adapter).
#[macro_export]
macro_rules! adapt_error {
    ([$($generics:tt)*] $type:ty $(where $($bounds:tt)*)?) => {
        $crate::adapt_response! { [$($generics)*] $type $(where $($bounds)*)? }
    };
    ($type:ty) => { $crate::adapt_response! { [] $type } };
}

#[doc(hidden)]
#[macro_export]
#[cfg(feature = "axum")]
macro_rules! __with_axum {
    ($($item:tt)*) => { $($item)* };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "axum"))]
macro_rules! __with_axum {
    ($($item:tt)*) => {};
}
