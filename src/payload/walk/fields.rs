use std::borrow::Cow;

use crate::payload::Node;
use crate::payload::json::Document;
use crate::payload::node::Origin;
use crate::payload::text::{Pair, Text};

/// The members of an object while they are handed out: to the members of its type, to what is flattened into it, to
/// the tag and the content of an enum.
#[derive(Debug, Clone)]
pub(super) struct Fields<'n> {
    pub(super) list: Vec<Field<'n>>,
    /// Positions, sorted by name, so that looking one up stays fast however many there are.
    order: Vec<usize>,
}

#[derive(Debug, Clone)]
pub(super) struct Field<'n> {
    /// `None` where the name is no text in Unicode: nothing is called that.
    pub(super) name: Option<Cow<'n, str>>,
    pub(super) node: Node<'n>,
    pub(super) taken: bool,
}

impl Field<'_> {
    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("\u{fffd}")
    }
}

impl<'n> Fields<'n> {
    pub(super) fn of(node: Node<'n>) -> Option<Self> {
        let list: Vec<_> = node.members()?.into_iter().map(|(name, node)| Field { name, node, taken: false }).collect();
        let mut order: Vec<_> = (0..list.len()).collect();
        order.sort_by_key(|position| list.get(*position).map(Field::name));
        Some(Self { list, order })
    }

    /// Hands out all members of these names that are left, in the order of the input.
    pub(super) fn take(&mut self, names: &[&str]) -> Vec<usize> {
        let mut taken: Vec<usize> = names.iter().flat_map(|name| self.positions(name)).collect();
        taken.retain(|position| self.list.get(*position).is_some_and(|field| !field.taken));
        taken.sort_unstable();
        taken.iter().for_each(|position| self.mark(*position));
        taken
    }

    /// Hands out all members that are left.
    pub(super) fn take_rest(&mut self) -> Vec<usize> {
        let rest = self.left();
        rest.iter().for_each(|position| self.mark(*position));
        rest
    }

    /// The members that nobody took.
    pub(super) fn left(&self) -> Vec<usize> {
        let left = self.list.iter().enumerate().filter(|(_, field)| !field.taken);
        left.map(|(position, _)| position).collect()
    }

    pub(super) fn get(&self, position: usize) -> Option<&Field<'n>> {
        self.list.get(position)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.positions(name).any(|position| self.list.get(position).is_some_and(|field| !field.taken))
    }

    fn mark(&mut self, position: usize) {
        if let Some(field) = self.list.get_mut(position) {
            field.taken = true;
        }
    }

    fn positions(&self, name: &str) -> impl Iterator<Item = usize> {
        let name_at = |position: &usize| self.list.get(*position).map_or("", Field::name);
        let start = self.order.partition_point(|position| name_at(position) < name);
        let same = self.order.iter().skip(start).copied().take_while(move |position| name_at(position) == name);
        same.filter(|position| self.list.get(*position).is_some_and(|field| field.name.is_some()))
    }

    /// Lets something look at an object of some of the members only.
    pub(super) fn with_part<R>(&self, positions: &[usize], look: impl FnOnce(Node<'_>) -> R) -> Option<R> {
        let fields = || positions.iter().filter_map(|position| self.list.get(*position));
        let mut json = String::from("{");
        let mut pairs: Vec<Pair<'_>> = Vec::new();
        for field in fields() {
            match field.node.origin() {
                Origin::Json(document, index) => {
                    let separator = if json.len() > 1 { "," } else { "" };
                    let name = serde_json::Value::from(field.name());
                    json.extend([separator, &name.to_string(), ":", document.raw(index)]);
                }
                Origin::Text(text) => pairs.extend(text.pairs().iter().cloned()),
            }
        }
        json.push('}');
        if fields().any(|field| field.node.is_text()) {
            pairs.sort_by(|a, b| a.name.cmp(&b.name));
            return Some(look(Node::text(Text::Pairs(&pairs))));
        }
        Document::parse(&json).map(|document| look(Node::json(&document)))
    }
}
