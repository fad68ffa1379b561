//! `Call` and `Extract` for up to 12 arguments. Every impl of the crate that depends on the number of arguments is
//! here.

use std::future::Future;

use http::Request;

use super::extract::keep;
use super::{Call, Extract, FromRequest, FromRequestParts};
use crate::problem::Problem;
use crate::violation::Violations;

impl<S: Sync, B: Send> Extract<S, B, ()> for () {
    async fn extract(_: Request<B>, _: &S) -> Result<Self, Problem> {
        Ok(())
    }

    async fn extract_all(_: Request<B>, _: &S) -> Result<Self, Problem> {
        Ok(())
    }
}

impl<F, Fut> Call<()> for F
where
    F: FnOnce() -> Fut + Clone + Send + Sync + 'static,
    Fut: Future,
{
    type Future = Fut;

    fn call(self, (): ()) -> Fut {
        self()
    }
}

macro_rules! arity {
    ($($head:ident)* ; $last:ident) => {
        #[allow(non_snake_case, unused_mut)]
        impl<S, B, M, $($head,)* $last> Extract<S, B, M> for ($($head,)* $last,)
        where
            S: Sync,
            B: Send,
            $($head: FromRequestParts<S> + Send,)*
            $last: FromRequest<S, B, M> + Send,
        {
            async fn extract(request: Request<B>, state: &S) -> Result<Self, Problem> {
                let (mut parts, body) = request.into_parts();
                $(let $head = $head::from_request_parts(&mut parts, state).await?;)*
                let $last = $last::from_request(Request::from_parts(parts, body), state).await?;
                Ok(($($head,)* $last,))
            }

            async fn extract_all(request: Request<B>, state: &S) -> Result<Self, Problem> {
                let (mut parts, body) = request.into_parts();
                let mut found = Violations::new();
                $(let $head = keep($head::from_request_parts(&mut parts, state).await, &mut found)?;)*
                let $last = $last::from_request(Request::from_parts(parts, body), state).await;
                match ($($head,)* keep($last, &mut found)?,) {
                    ($(Some($head),)* Some($last),) => Ok(($($head,)* $last,)),
                    _ => Err(Problem::invalid_input(found)),
                }
            }
        }

        #[allow(non_snake_case)]
        impl<F, Fut, $($head,)* $last> Call<($($head,)* $last,)> for F
        where
            F: FnOnce($($head,)* $last) -> Fut + Clone + Send + Sync + 'static,
            Fut: Future,
        {
            type Future = Fut;

            fn call(self, ($($head,)* $last,): ($($head,)* $last,)) -> Fut {
                self($($head,)* $last)
            }
        }
    };
}

arity!(; T1);
arity!(T1; T2);
arity!(T1 T2; T3);
arity!(T1 T2 T3; T4);
arity!(T1 T2 T3 T4; T5);
arity!(T1 T2 T3 T4 T5; T6);
arity!(T1 T2 T3 T4 T5 T6; T7);
arity!(T1 T2 T3 T4 T5 T6 T7; T8);
arity!(T1 T2 T3 T4 T5 T6 T7 T8; T9);
arity!(T1 T2 T3 T4 T5 T6 T7 T8 T9; T10);
arity!(T1 T2 T3 T4 T5 T6 T7 T8 T9 T10; T11);
arity!(T1 T2 T3 T4 T5 T6 T7 T8 T9 T10 T11; T12);
