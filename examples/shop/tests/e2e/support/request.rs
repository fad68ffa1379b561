use serde_json::Value;

use super::TOKEN;

/// A request that will be written as HTTP/1.1.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub target: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Option<Vec<u8>>,
}

pub fn get(target: impl Into<String>) -> Request {
    Request::new("GET", target)
}

pub fn head(target: impl Into<String>) -> Request {
    Request::new("HEAD", target)
}

pub fn post(target: impl Into<String>) -> Request {
    Request::new("POST", target)
}

pub fn patch(target: impl Into<String>) -> Request {
    Request::new("PATCH", target)
}

pub fn delete(target: impl Into<String>) -> Request {
    Request::new("DELETE", target)
}

impl Request {
    pub fn new(method: &str, target: impl Into<String>) -> Self {
        Self { method: method.to_owned(), target: target.into(), headers: Vec::new(), body: None }
    }

    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    pub fn admin(self) -> Self {
        self.header("authorization", format!("Bearer {TOKEN}"))
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sends these bytes, declared as JSON.
    pub fn raw_json(self, body: impl Into<Vec<u8>>) -> Self {
        self.header("content-type", "application/json").body(body)
    }

    pub fn json(self, body: &Value) -> Self {
        self.raw_json(body.to_string())
    }

    pub fn merge_patch(self, body: &Value) -> Self {
        self.header("content-type", "application/merge-patch+json").body(body.to_string())
    }

    /// The bytes of the request on the wire.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.head_bytes();
        bytes.extend(self.body.iter().flatten());
        bytes
    }

    pub fn head_bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\nhost: shop.test\r\n", self.method, self.target).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend(name.as_bytes());
            bytes.extend(b": ");
            bytes.extend(value);
            bytes.extend(b"\r\n");
        }
        if let Some(body) = &self.body {
            bytes.extend(format!("content-length: {}\r\n", body.len()).into_bytes());
        }
        bytes.extend(b"\r\n");
        bytes
    }
}
