use std::collections::{HashMap, HashSet};

/// The names of the definitions of a document.
#[derive(Default)]
pub(super) struct Names {
    by_type: HashMap<&'static str, String>,
    taken: HashSet<String>,
}

impl Names {
    /// The name of a type, and whether this is the first request for it.
    pub(super) fn of(&mut self, type_name: &'static str, renamed: Option<&'static str>) -> (String, bool) {
        if let Some(known) = self.by_type.get(type_name) {
            return (known.clone(), false);
        }
        let wanted = renamed.map_or_else(|| short(type_name), |name| name.chars().map(permitted).collect());
        let mut name = wanted.clone();
        let mut number = 1;
        while !self.taken.insert(name.clone()) {
            number += 1;
            name = format!("{wanted}{number}");
        }
        self.by_type.insert(type_name, name.clone());
        (name, true)
    }
}

/// `shop::Page<shop::Order, 3>` as `Page_Order_3`.
fn short(type_name: &str) -> String {
    let words = type_name.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | ':' | '-')));
    let last =
        words.map(|path| path.rsplit("::").next().unwrap_or(path)).filter(|word| !word.chars().all(|c| c == '_'));
    last.map(|word| word.chars().map(permitted).collect()).collect::<Vec<String>>().join("_")
}

/// The characters that OpenAPI permits in the name of a component.
fn permitted(c: char) -> char {
    if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_end_of_the_path() {
        assert_eq!(short("shop::Order"), "Order");
        assert_eq!(short("shop::Page<core::option::Option<shop::Order>, 3>"), "Page_Option_Order_3");
        assert_eq!(short("a::Pair<&str, [u8; 2]>"), "Pair_str_u8_2");
        assert_eq!(short("a::Answer<'_, a::Line>"), "Answer_Line");
        assert_eq!(short("ü::Größe"), "Gr__e");
    }

    #[test]
    fn two_types_with_one_name_are_told_apart() {
        let mut names = Names::default();
        assert_eq!(names.of("a::Line", None), ("Line".to_owned(), true));
        assert_eq!(names.of("b::Line", None), ("Line2".to_owned(), true));
        assert_eq!(names.of("a::Line", None), ("Line".to_owned(), false));
        assert_eq!(names.of("c::Other", Some("Line")), ("Line3".to_owned(), true));
    }
}
