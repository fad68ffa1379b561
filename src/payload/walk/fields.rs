use std::borrow::Cow;

use crate::payload::Node;
use crate::payload::json::Document;
use crate::payload::node::Origin;
use crate::payload::text::{Pair, Text};

/// The members of an object while they are distributed: to the members of its type, to the types that are flattened
/// into it, to the tag and the content of an enum.
#[derive(Debug, Clone)]
pub(super) struct Fields<'n> {
    pub(super) list: Vec<Field<'n>>,
    /// Positions, sorted by name, if there are too many members for a linear search.
    order: Vec<usize>,
}

#[derive(Debug, Clone)]
pub(super) struct Field<'n> {
    /// `None` if the name is not valid Unicode: no member has such a name.
    pub(super) name: Option<Cow<'n, str>>,
    pub(super) node: Node<'n>,
    /// Whether a type took it, so that later types do not get it.
    pub(super) taken: bool,
    /// Whether a type looked at it but left it to others.
    pub(super) seen: bool,
}

impl Field<'_> {
    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("\u{fffd}")
    }
}

impl<'n> Fields<'n> {
    const FEW: usize = 16;

    pub(super) fn of(node: Node<'n>) -> Option<Self> {
        let members = node.members()?;
        let mut list = Vec::with_capacity(node.count().unwrap_or_default());
        list.extend(members.map(|(name, node)| Field { name, node, taken: false, seen: false }));
        let mut order = Vec::new();
        if list.len() > Self::FEW {
            order.extend(0..list.len());
            order.sort_by_key(|position| list.get(*position).map(Field::name));
        }
        Some(Self { list, order })
    }

    /// Takes the remaining members with these names: the first one, and those that come after it.
    pub(super) fn take(&mut self, names: &[&str]) -> Option<(usize, Vec<usize>)> {
        if self.order.is_empty() {
            return self.take_among_few(names);
        }
        let first = self.take_next(names, 0)?;
        let second = self.take_next(names, first + 1);
        Some((first, std::iter::successors(second, |last| self.take_next(names, last + 1)).collect()))
    }

    /// As [`take`](Self::take), in one pass.
    fn take_among_few(&mut self, names: &[&str]) -> Option<(usize, Vec<usize>)> {
        let (mut first, mut again) = (None, Vec::new());
        for (position, field) in self.list.iter_mut().enumerate() {
            if !field.taken && field.name.as_deref().is_some_and(|name| names.contains(&name)) {
                field.taken = true;
                match first {
                    None => first = Some(position),
                    Some(_) => again.push(position),
                }
            }
        }
        first.map(|first| (first, again))
    }

    fn take_next(&mut self, names: &[&str], from: usize) -> Option<usize> {
        let next = names.iter().filter_map(|name| self.next(name, from)).min()?;
        self.mark(next);
        Some(next)
    }

    /// The members that no type took.
    pub(super) fn left(&self) -> Vec<usize> {
        self.positions(|field| !field.taken)
    }

    /// The members that no type knows.
    pub(super) fn unknown(&self) -> Vec<usize> {
        self.positions(|field| !field.taken && !field.seen)
    }

    fn positions(&self, wanted: impl Fn(&Field<'_>) -> bool) -> Vec<usize> {
        let found = self.list.iter().enumerate().filter(|(_, field)| wanted(field));
        found.map(|(position, _)| position).collect()
    }

    /// Looks at members without taking them.
    pub(super) fn see(&mut self, positions: &[usize]) {
        for position in positions {
            if let Some(field) = self.list.get_mut(*position) {
                field.seen = true;
            }
        }
    }

    /// Marks the members as seen that were taken or seen in a copy.
    pub(super) fn see_what_is_taken(&mut self, copy: &Self) {
        for (field, copied) in self.list.iter_mut().zip(&copy.list) {
            field.seen |= copied.taken || copied.seen;
        }
    }

    /// The size of some of the members together, in bytes.
    pub(super) fn size_of(&self, positions: &[usize]) -> usize {
        positions.iter().filter_map(|position| self.get(*position)).map(|field| field.node.size()).sum()
    }

    pub(super) fn get(&self, position: usize) -> Option<&Field<'n>> {
        self.list.get(position)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.next(name, 0).is_some()
    }

    /// The position of the first remaining member with a name.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.next(name, 0)
    }

    fn mark(&mut self, position: usize) {
        if let Some(field) = self.list.get_mut(position) {
            field.taken = true;
        }
    }

    /// The first remaining member with a name, starting at a position.
    fn next(&self, name: &str, from: usize) -> Option<usize> {
        let is_left = |field: &Field<'_>| !field.taken && field.name.as_deref() == Some(name);
        if self.order.is_empty() {
            let mut fields = self.list.iter().enumerate().skip(from);
            return fields.find(|(_, field)| is_left(field)).map(|(position, _)| position);
        }
        let name_at = |position: usize| self.list.get(position).map_or("", Field::name);
        let start = self.order.partition_point(|position| (name_at(*position), *position) < (name, from));
        let mut same = self.order.iter().skip(start).copied().take_while(|position| name_at(*position) == name);
        same.find(|position| self.list.get(*position).is_some_and(is_left))
    }

    /// Passes an object with only some of the members to a function.
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
                // A name is never the value of a member.
                Origin::Name(_) => {}
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
