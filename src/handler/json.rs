/// JSON, in both directions: a handler takes it as an argument and returns it as an answer.
///
/// As an argument (feature `extract`) it is a `T` that was read and checked. As an answer (feature `respond`) it is
/// whatever [`serde::Serialize`] makes of `T`.
///
/// ```
/// use buttress::handler::Json;
///
/// async fn double(Json(n): Json<u32>) -> Json<u64> {
///     Json(u64::from(n) * 2)
/// }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T> From<T> for Json<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}
