mod template;

use std::sync::Arc;

/// The parameters that a router found in the path, decoded, in the order of the template.
///
/// They are in the request's extensions. The axum adapter puts them there; in a plain `tower` service, the code that
/// routes has to.
///
/// ```
/// use buttress::handler::PathParams;
///
/// let params = PathParams::from_iter([("id", "7")]);
/// assert_eq!(params.get("id"), Some("7"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PathParams(Arc<[(String, String)]>);

impl PathParams {
    /// The parameters of a path, if the template matches it by the rules of axum's router.
    ///
    /// `{id}` is one segment that is not empty, `{*rest}` at the end is the whole rest of the path, and anything else
    /// is literal text. A path is split before it is decoded, so `%2F` never ends a segment. A path with a value that
    /// is not UTF-8 after decoding does not match.
    ///
    /// The path is that of a [`Uri`](http::Uri), without the query. A template is for one route, not a router: with
    /// several templates, the caller decides which to try first.
    ///
    /// ```
    /// use buttress::handler::PathParams;
    ///
    /// let path = "/orders/a%2Fb/files/2026/bill%20one.pdf";
    /// let params = PathParams::matching("/orders/{id}/files/{*file}", path).unwrap();
    /// assert_eq!(params.get("id"), Some("a/b"));
    /// assert_eq!(params.get("file"), Some("2026/bill one.pdf"));
    ///
    /// assert_eq!(PathParams::matching("/orders/{id}", "/orders/"), None);
    /// assert_eq!(PathParams::matching("/orders/{id}", "/orders/7/lines"), None);
    /// assert_eq!(PathParams::matching("/orders/{id}", "/orders/%ff"), None);
    /// ```
    #[must_use]
    pub fn matching(template: &str, path: &str) -> Option<Self> {
        template::matching(template, path).map(|params| Self(params.into()))
    }

    /// The value of a parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The names and values, in the order of the template.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for PathParams {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(params: I) -> Self {
        Self(params.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// The template of the route that matched, such as `/v1/orders/{id}`: the name of the route in spans and metrics.
///
/// The router puts it into the extensions of the request or of the response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteTemplate(Arc<str>);

impl RouteTemplate {
    /// Makes a template.
    pub fn new(template: impl Into<Arc<str>>) -> Self {
        Self(template.into())
    }

    /// The template as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
