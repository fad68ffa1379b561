//! Facts that a derive can use only if a type implements a trait: the JSON of a default (`Serialize`) and the schema of
//! a leaf (`HasSchema`). The derive calls these traits through different levels of references, so that the compiler
//! uses the first trait that the type implements.

use std::marker::PhantomData;

use serde::Serialize;
use serde_json::Value;

use super::{HasSchema, Schema};
use crate::json;

/// A type that may have a schema.
#[derive(Debug)]
pub struct Described<T: ?Sized>(PhantomData<fn() -> Box<T>>);

impl<T: ?Sized> Described<T> {
    /// Selects `T`.
    #[allow(clippy::new_without_default)]
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// A type with a schema.
pub trait DescribedBySchema {
    /// The schema.
    fn schema(&self) -> Option<&'static Schema>;
}

impl<T: HasSchema + ?Sized> DescribedBySchema for &Described<T> {
    fn schema(&self) -> Option<&'static Schema> {
        Some(T::schema())
    }
}

/// Any other type.
pub trait Undescribed {
    /// Always `None`.
    fn schema(&self) -> Option<&'static Schema>;
}

impl<T: ?Sized> Undescribed for Described<T> {
    fn schema(&self) -> Option<&'static Schema> {
        None
    }
}

/// A value that may have a JSON form.
#[derive(Debug)]
#[allow(clippy::exhaustive_structs)]
pub struct ValueOf<T>(pub T);

/// A value that can be written.
pub trait WithJson {
    /// The value as JSON, if it has one.
    fn json(&self) -> Option<Value>;
}

impl<T: Serialize> WithJson for &ValueOf<T> {
    fn json(&self) -> Option<Value> {
        json::to_value(&self.0).ok()
    }
}

/// Any other value.
pub trait WithoutJson {
    /// Always `None`.
    fn json(&self) -> Option<Value>;
}

impl<T> WithoutJson for ValueOf<T> {
    fn json(&self) -> Option<Value> {
        None
    }
}
