//! Names: their cases, and suggestions for misspelled ones.

/// `OutOfStock` as `out-of-stock`, `HTTPError` as `http-error`.
pub(crate) fn kebab(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (i, &letter) in letters.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|i| letters.get(i));
        let after = letters.get(i + 1);
        if letter == '_' {
            out.push('-');
            continue;
        }
        let starts_word = letter.is_uppercase()
            && before.is_some_and(|&before| {
                before != '_' && (!before.is_uppercase() || after.is_some_and(|after| after.is_lowercase()))
            });
        if starts_word {
            out.push('-');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

/// `out-of-stock` as `Out of stock`.
pub(crate) fn sentence(code: &str) -> String {
    let mut letters = code.chars().map(|c| if c == '-' { ' ' } else { c });
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// `; did you mean …?`, or the empty text if no candidate is close.
pub(crate) fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let far_enough = name.chars().count() / 3 + 1;
    candidates
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|&(distance, _)| distance <= far_enough)
        .min()
        .map(|(_, candidate)| format!("; did you mean `{candidate}`?"))
        .unwrap_or_default()
}

/// How many letters have to be added, removed or replaced (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(b.chars()) {
            let best = (diagonal + usize::from(x != y)).min(left + 1).min(*cell + 1);
            diagonal = std::mem::replace(cell, best);
            left = best;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kebab_case() {
        for (name, code) in [
            ("OutOfStock", "out-of-stock"),
            ("HTTPError", "http-error"),
            ("Sha256Mismatch", "sha256-mismatch"),
            ("Gone", "gone"),
            ("Bad_Name", "bad-name"),
            ("IO", "io"),
        ] {
            assert_eq!(kebab(name), code);
        }
    }

    #[test]
    fn sentence_case() {
        assert_eq!(sentence("out-of-stock"), "Out of stock");
        assert_eq!(sentence(""), "");
    }

    #[test]
    fn the_closest_name_is_suggested() {
        let keys = ["status", "code", "title"];
        assert_eq!(did_you_mean("staus", keys), "; did you mean `status`?");
        assert_eq!(did_you_mean("titel", keys), "; did you mean `title`?");
        assert_eq!(did_you_mean("flavour", keys), "");
        assert_eq!((distance("kitten", "sitting"), distance("", "abc")), (3, 3));
    }
}
