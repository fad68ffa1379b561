//! The rules of a field.

use proc_macro2::Span;
use syn::{Expr, LitStr, Path};

use super::meta::{Item, Value};
use crate::ctxt::Ctxt;

/// A rule with its code and message.
pub(crate) struct Rule {
    pub(crate) kind: Kind,
    pub(crate) key: Path,
    pub(crate) code: Option<LitStr>,
    pub(crate) message: Option<LitStr>,
}

pub(crate) enum Kind {
    Length(Limits),
    Range(Limits),
    Email,
    Url,
    Ip {
        v4: bool,
        v6: bool,
    },
    NonControl,
    Contains(Expr),
    DoesNotContain(Expr),
    Pattern(Expr),
    Required,
    MustMatch(Path),
    /// A function of the user, in validator's style.
    Custom {
        function: Path,
        context: bool,
    },
    /// A function of the user that reports by itself.
    Reports(Path),
}

/// The limits of `length` and `range`.
#[derive(Default)]
pub(crate) struct Limits {
    pub(crate) min: Option<Expr>,
    pub(crate) max: Option<Expr>,
    pub(crate) equal: Option<Expr>,
    pub(crate) exclusive_min: Option<Expr>,
    pub(crate) exclusive_max: Option<Expr>,
}

impl Rule {
    pub(crate) fn span(&self) -> Span {
        syn::spanned::Spanned::span(&self.key).resolved_at(Span::mixed_site())
    }
}

/// The rule in an item of `#[validate(…)]`, if the item is a rule.
pub(super) fn parse(item: &Item, ctxt: &mut Ctxt) -> Option<Rule> {
    let args = Args { item, items: item.list(ctxt)? };
    let kind = match item.name.as_str() {
        "length" => Kind::Length(args.limits(&["min", "max", "equal"], ctxt)?),
        "range" => Kind::Range(args.limits(&["min", "max", "exclusive_min", "exclusive_max"], ctxt)?),
        "email" => args.plain(Kind::Email, ctxt),
        "url" => args.plain(Kind::Url, ctxt),
        "required" => args.plain(Kind::Required, ctxt),
        "non_control_character" => args.plain(Kind::NonControl, ctxt),
        "ip" => args.ip(ctxt),
        "contains" => Kind::Contains(args.one("pattern", ctxt)?.text_expr(ctxt)?),
        "does_not_contain" => Kind::DoesNotContain(args.one("pattern", ctxt)?.text_expr(ctxt)?),
        "regex" => Kind::Pattern(args.one("path", ctxt)?.expr(ctxt)?),
        "must_match" => Kind::MustMatch(args.one("other", ctxt)?.path(ctxt)?),
        "custom" => args.custom(ctxt)?,
        _ => return None,
    };
    let words = |name| args.find(name);
    let (code, message) = (words("code"), words("message"));
    Some(Rule {
        kind,
        key: item.key.clone(),
        code: code.and_then(|item| item.text(ctxt)),
        message: message.and_then(|item| item.text(ctxt)),
    })
}

/// The arguments in the parentheses of a rule.
struct Args<'a> {
    item: &'a Item,
    items: &'a [Item],
}

impl<'a> Args<'a> {
    fn find(&self, name: &str) -> Option<&'a Item> {
        self.items.iter().find(|item| item.name == name)
    }

    /// Reports every argument that this rule does not take.
    fn only(&self, known: &[&str], ctxt: &mut Ctxt) {
        let known: Vec<&str> = known.iter().copied().chain(["code", "message"]).collect();
        for (i, item) in self.items.iter().enumerate() {
            if !known.contains(&item.name.as_str()) {
                item.unknown(&known, &format!("the rule `{}`", self.item.name), ctxt);
            } else if self.items.iter().take(i).any(|before| before.name == item.name) {
                ctxt.error(&item.key, format!("`{}` is given twice", item.name));
            }
        }
    }

    fn plain(&self, kind: Kind, ctxt: &mut Ctxt) -> Kind {
        self.only(&[], ctxt);
        kind
    }

    /// The one argument that the rule requires.
    fn one(&self, name: &str, ctxt: &mut Ctxt) -> Option<&'a Item> {
        self.only(&[name], ctxt);
        let found = self.find(name);
        if found.is_none() {
            let rule = &self.item.name;
            let example = match rule.as_str() {
                "regex" => "*SKU",
                "must_match" => "password",
                _ => "\"…\"",
            };
            ctxt.error(&self.item.key, format!("`{rule}` needs `{name}`: write `{rule}({name} = {example})`"));
        }
        found
    }

    fn limits(&self, known: &[&str], ctxt: &mut Ctxt) -> Option<Limits> {
        self.only(known, ctxt);
        let mut limits = Limits::default();
        for item in self.items {
            let place = match item.name.as_str() {
                "min" => &mut limits.min,
                "max" => &mut limits.max,
                "equal" => &mut limits.equal,
                "exclusive_min" => &mut limits.exclusive_min,
                "exclusive_max" => &mut limits.exclusive_max,
                _ => continue,
            };
            *place = item.expr(ctxt);
        }
        if self.items.iter().any(|item| !["code", "message"].contains(&item.name.as_str())) {
            return Some(limits);
        }
        let rule = &self.item.name;
        ctxt.error(&self.item.key, format!("`{rule}` has no limit: write `{rule}(min = 1, max = 64)`"));
        None
    }

    fn ip(&self, ctxt: &mut Ctxt) -> Kind {
        self.only(&["v4", "v6"], ctxt);
        let mut flag = |name| self.find(name).is_some_and(|item| item.flag(ctxt));
        Kind::Ip { v4: flag("v4"), v6: flag("v6") }
    }

    fn custom(&self, ctxt: &mut Ctxt) -> Option<Kind> {
        self.only(&["function", "use_context"], ctxt);
        let context = self.find("use_context").is_some_and(|item| item.flag(ctxt));
        let Some(function) = self.find("function") else {
            ctxt.error(&self.item.key, "`custom` needs a function: write `custom(function = check_name)`");
            return None;
        };
        Some(Kind::Custom { function: function.path(ctxt)?, context })
    }
}

impl Item {
    /// The value as an expression of type `&str`: a text stays a text.
    fn text_expr(&self, ctxt: &mut Ctxt) -> Option<Expr> {
        if let Value::Expr(expr) = &self.value {
            return Some(expr.clone());
        }
        ctxt.error(&self.key, format!("`{0}` takes a text: `{0} = \"…\"`", self.name));
        None
    }
}
