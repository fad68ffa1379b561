//! Writes JSON. A number that JSON cannot express is an error here: serde_json writes it as `null`, and a price that is
//! not a number would look like a price that was never set.

mod compound;
mod finite;

use serde::Serialize;
use serde_json::{Error, Value};

use self::finite::Finite;

/// Writes a value.
///
/// # Errors
///
/// The value has no JSON: it has a number that is not finite or a map whose keys are not texts, or its `Serialize`
/// failed.
pub(crate) fn to_writer(out: impl std::io::Write, value: &(impl Serialize + ?Sized)) -> Result<(), Error> {
    value.serialize(Finite(&mut serde_json::Serializer::new(out)))
}

/// Like [`to_writer`], into a new buffer.
#[cfg(any(test, feature = "payload", feature = "page", feature = "outbox"))]
pub(crate) fn to_vec(value: &(impl Serialize + ?Sized)) -> Result<Vec<u8>, Error> {
    let mut out = Vec::with_capacity(128);
    to_writer(&mut out, value).map(|()| out)
}

/// Like [`to_writer`], as a tree.
pub(crate) fn to_value(value: &(impl Serialize + ?Sized)) -> Result<Value, Error> {
    value.serialize(Finite(serde_json::value::Serializer))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Serialize)]
    struct Newtype(f64);

    #[derive(Serialize)]
    enum Sample {
        One(f32),
        Two(u8, f64),
        Named { f: f64 },
        Nothing,
    }

    #[derive(Serialize)]
    struct Flat {
        a: u8,
        #[serde(flatten)]
        rest: BTreeMap<String, f64>,
    }

    #[derive(Serialize)]
    #[serde(tag = "t")]
    enum Tagged {
        A { f: f32 },
    }

    fn agrees<T: Serialize>(value: &T) {
        assert_eq!(to_vec(value).unwrap(), serde_json::to_vec(value).unwrap());
        assert_eq!(to_value(value).unwrap(), serde_json::to_value(value).unwrap());
    }

    fn refuses<T: Serialize>(value: &T) {
        assert!(to_vec(value).is_err() && to_value(value).is_err(), "{}", serde_json::to_string(value).unwrap());
    }

    #[test]
    fn what_is_finite_is_written_as_serde_json_writes_it() {
        agrees(&(1.5_f64, 1e39_f64, -0.0_f32, f32::MIN, u128::from(u64::MAX), "é\n", 'x', true, ()));
        agrees(&[Sample::One(1.0), Sample::Two(1, 2.0), Sample::Named { f: 3.0 }, Sample::Nothing]);
        agrees(&Flat { a: 1, rest: BTreeMap::from([("b".to_owned(), 2.5)]) });
        agrees(&(Some(Newtype(1.0)), None::<f64>, Tagged::A { f: 1.0 }, BTreeMap::from([(1_u8, 2_u8)])));
        agrees(&serde_json::json!({"a": [1, 2.5, null, {"b": "c"}]}));
    }

    #[test]
    fn what_is_not_finite_is_refused_wherever_it_stands() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            #[allow(clippy::cast_possible_truncation)]
            let small = bad as f32;
            refuses(&bad);
            refuses(&small);
            refuses(&Some(Newtype(bad)));
            refuses(&vec![1.0, bad]);
            refuses(&(1, bad));
            refuses(&BTreeMap::from([("a", bad)]));
            refuses(&[Sample::Nothing, Sample::One(small)]);
            refuses(&Sample::Two(1, bad));
            refuses(&Sample::Named { f: bad });
            refuses(&Flat { a: 1, rest: BTreeMap::from([("b".to_owned(), bad)]) });
            refuses(&Tagged::A { f: small });
        }
    }
}
