/// JSON, in both directions: a handler takes it as an argument and returns it as a response.
///
/// As an argument (feature `extract`) it is a `T` that was read and checked. As a response (feature `respond`) it is
/// the output of [`serde::Serialize`] for `T`.
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
