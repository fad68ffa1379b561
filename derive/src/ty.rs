//! Facts about a type that its spelling shows.

use syn::{GenericArgument, Ident, PathArguments, Type};

/// The `T` of a type that is written `wrapper<T>`, with or without a path before it.
pub(crate) fn inside<'a>(ty: &'a Type, wrapper: &str) -> Option<&'a Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == wrapper)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(inner)) => Some(inner),
        _ => None,
    }
}

/// Whether the type is written `name`, with or without a path before it.
pub(crate) fn is_named(ty: &Type, name: &str) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == name))
}

/// Whether `param` occurs anywhere in the type.
pub(crate) fn mentions(ty: &Type, param: &Ident) -> bool {
    struct Search<'a>(&'a Ident, bool);
    impl syn::visit::Visit<'_> for Search<'_> {
        fn visit_ident(&mut self, ident: &Ident) {
            self.1 |= ident == self.0;
        }
    }
    let mut search = Search(param, false);
    syn::visit::Visit::visit_type(&mut search, ty);
    search.1
}

/// The type inside any number of options, and their number.
pub(crate) fn in_options(ty: &Type) -> (&Type, usize) {
    match inside(ty, "Option") {
        Some(inner) => {
            let (innermost, depth) = in_options(inner);
            (innermost, depth + 1)
        }
        None => (ty, 0),
    }
}

/// Whether it is a `String`, or an option of one.
pub(crate) fn is_text(ty: &Type) -> bool {
    is_named(in_options(ty).0, "String")
}

/// Whether it is a text or a list or map of texts.
pub(crate) fn holds_text(ty: &Type) -> bool {
    let last = |ty: &Type| {
        let Type::Path(path) = ty else { return None };
        let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else { return None };
        arguments.args.iter().rev().find_map(|argument| match argument {
            GenericArgument::Type(inner) => Some(inner.clone()),
            _ => None,
        })
    };
    let contained = ["Option", "Vec", "VecDeque", "Box", "HashMap", "BTreeMap"];
    is_named(ty, "String")
        || contained.iter().any(|name| is_named(ty, name)) && last(ty).is_some_and(|inner| holds_text(&inner))
}

/// Whether it is an array of any length.
pub(crate) fn is_list(ty: &Type) -> bool {
    ["Vec", "VecDeque", "HashSet", "BTreeSet"].iter().any(|name| is_named(ty, name))
}

/// Whether its elements or members can be counted without reading them.
pub(crate) fn is_countable(ty: &Type) -> bool {
    let inner = in_options(ty).0;
    ["Vec", "VecDeque", "HashMap", "BTreeMap"].iter().any(|name| is_named(inner, name))
}

/// A part of the type that does not pass through serde's buffer, as far as its spelling tells.
pub(crate) fn beyond_buffers(ty: &Type) -> Option<&Type> {
    const WIDE: [&str; 4] = ["u128", "i128", "NonZeroU128", "NonZeroI128"];
    const NUMBERS: [&str; 13] =
        ["u8", "u16", "u32", "u64", "usize", "i8", "i16", "i32", "i64", "isize", "u128", "i128", "bool"];
    let is_any = |ty: &Type, names: &[&str]| names.iter().any(|name| is_named(ty, name));
    if is_any(ty, &WIDE) {
        return Some(ty);
    }
    if is_any(ty, &["HashMap", "BTreeMap"]) && types_inside(ty).first().is_some_and(|name| is_any(name, &NUMBERS)) {
        return Some(ty);
    }
    if is_named(ty, "PhantomData") {
        return None;
    }
    types_inside(ty).into_iter().find_map(beyond_buffers)
}

/// The types between the angle brackets, in the tuple or in the array.
fn types_inside(ty: &Type) -> Vec<&Type> {
    match ty {
        Type::Tuple(tuple) => tuple.elems.iter().collect(),
        Type::Array(array) => vec![&array.elem],
        Type::Path(path) => match path.path.segments.last().map(|last| &last.arguments) {
            Some(PathArguments::AngleBracketed(arguments)) => arguments
                .args
                .iter()
                .filter_map(|argument| match argument {
                    GenericArgument::Type(ty) => Some(ty),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}
