use std::fmt;

use super::mistake::Mistake;
use super::value::{IntoValue, Value};
use crate::sql::text::System;

/// A statement that is being built. See [statements](crate::sql#statements).
#[must_use = "a statement does nothing until it is executed or fetched"]
#[derive(Clone)]
pub struct Statement<'q> {
    pub(super) first: Words,
    pub(super) more: Vec<Part>,
    pub(super) values: Vec<Value<'q>>,
    pub(super) mistake: Option<Mistake>,
    /// Whether the statement writes rows, and there are none.
    pub(super) nothing: bool,
    pub(super) unprepared: bool,
}

/// Words, and the alternatives for some databases.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    any: &'static str,
    postgres: Option<&'static str>,
    mysql: Option<&'static str>,
    sqlite: Option<&'static str>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    Words(Words),
    /// `(?, ?)`, a set of values; `before` values were bound before it.
    List {
        before: usize,
        length: usize,
    },
    /// `(?, ?), (?, ?)`
    Rows {
        before: usize,
        rows: usize,
        columns: usize,
    },
}

/// The most values for which a list is padded to a power of two.
pub(super) const MOST_FILLED_UP: usize = 1_024;

/// A statement with `?` in place of values. See [statements](crate::sql#statements).
pub const fn sql(words: &'static str) -> Statement<'static> {
    Statement {
        first: Words::new(words),
        more: Vec::new(),
        values: Vec::new(),
        mistake: None,
        nothing: false,
        unprepared: false,
    }
}

impl Words {
    pub(super) const fn new(any: &'static str) -> Self {
        Self { any, postgres: None, mysql: None, sqlite: None }
    }

    pub(super) fn of(&self, system: System) -> &'static str {
        let own = match system {
            System::Postgres => self.postgres,
            System::MySql => self.mysql,
            System::Sqlite => self.sqlite,
        };
        own.unwrap_or(self.any)
    }
}

impl<'q> Statement<'q> {
    /// Binds a value to the next placeholder.
    pub fn bind(mut self, value: impl IntoValue<'q>) -> Self {
        self.values.push(value.into_value());
        self
    }

    /// Adds words, on a line of their own: a word cannot continue across two parts.
    pub fn push(mut self, words: &'static str) -> Self {
        self.more.push(Part::Words(Words::new(words)));
        self
    }

    /// Other words for `PostgreSQL`, in place of the last words that were added. They need the same values in the same
    /// order.
    pub fn postgres(mut self, words: &'static str) -> Self {
        self.last().postgres = Some(words);
        self
    }

    /// Other words for MySQL and MariaDB, in place of the last words that were added. They need the same values in the
    /// same order.
    pub fn mysql(mut self, words: &'static str) -> Self {
        self.last().mysql = Some(words);
        self
    }

    /// Other words for SQLite, in place of the last words that were added. They need the same values in the same order.
    pub fn sqlite(mut self, words: &'static str) -> Self {
        self.last().sqlite = Some(words);
        self
    }

    fn last(&mut self) -> &mut Words {
        let words = self.more.iter_mut().rev().find_map(|part| match part {
            Part::Words(words) => Some(words),
            _ => None,
        });
        words.unwrap_or(&mut self.first)
    }

    /// Makes the database plan the statement anew each time, and does not keep it prepared.
    ///
    /// This is for a statement whose best plan changes while the connection lives: `PostgreSQL` keeps the plan of a
    /// prepared statement after a few uses, and a plan that was made for a table of ten rows reads the whole table when
    /// it has a million. The price is the planning and, on `PostgreSQL` and MySQL, one more round trip.
    ///
    /// ```
    /// # use buttress::sql::sql;
    /// sql("SELECT id FROM jobs WHERE due_at <= ? ORDER BY due_at LIMIT 10").unprepared();
    /// ```
    pub const fn unprepared(mut self) -> Self {
        self.unprepared = true;
        self
    }

    /// Adds the list of an `IN` or `NOT IN`, with its parentheses. The values of the words before it are bound first.
    ///
    /// ```
    /// # use buttress::sql::sql;
    /// # let skus = ["cup", "mug"];
    /// sql("SELECT name FROM products WHERE shop = ? AND sku IN").bind(7).push_list(skus).push("ORDER BY name");
    /// ```
    /// An empty list is the empty set: `IN` is true for no row, and `NOT IN` for every row. Other lists, of up to 1,024
    /// values, are padded to a power of two by repeating the last value. The padding changes neither operator and keeps
    /// the number of different texts small: databases and drivers remember statements by their text.
    pub fn push_list<T: IntoValue<'q>>(mut self, values: impl IntoIterator<Item = T>) -> Self {
        let before = self.values.len();
        let values = values.into_iter();
        // Room for the padding, too, and for a value after the list.
        self.values.reserve(values.size_hint().0.min(MOST_FILLED_UP).next_power_of_two() + 1);
        self.values.extend(values.map(IntoValue::into_value));
        let length = self.values.len() - before;
        let filled = if length <= MOST_FILLED_UP { length.next_power_of_two() } else { length };
        match self.values.last() {
            Some(last) if length > 0 => self.values.resize(before + filled, last.clone()),
            // The subquery that returns no rows still has a column, and the column has a type.
            _ => self.values.push(Value::Null(T::TYPE)),
        }
        self.more.push(Part::List { before, length: if length == 0 { 0 } else { filled } });
        self
    }

    /// Adds rows for the `VALUES` of an `INSERT`, each in parentheses. The values of the words before it are bound
    /// first.
    ///
    /// ```
    /// # use buttress::sql::sql;
    /// # let (order, lines) = (7, [("cup", 2), ("mug", 1)]);
    /// sql("INSERT INTO lines (order_id, sku, quantity) VALUES")
    ///     .push_rows(lines, |row, (sku, quantity)| row.bind(order).bind(sku).bind(quantity));
    /// ```
    ///
    /// A statement of no rows is not sent: it affects no rows, and returns none. One of up to 50 rows is kept prepared
    /// by the connection like any other, once for each number of rows; a driver keeps 100 statements.
    pub fn push_rows<T>(
        mut self,
        items: impl IntoIterator<Item = T>,
        mut row: impl FnMut(RowValues<'q>, T) -> RowValues<'q>,
    ) -> Self {
        let before = self.values.len();
        let (mut rows, mut columns) = (0, None);
        let mut filled = RowValues(std::mem::take(&mut self.values));
        for item in items {
            let start = filled.0.len();
            filled = row(filled, item);
            let length = filled.0.len().saturating_sub(start);
            if length == 0 || *columns.get_or_insert(length) != length {
                self.mistake.get_or_insert(Mistake::Uneven);
            }
            rows += 1;
        }
        self.values = filled.0;
        self.nothing |= rows == 0;
        self.more.push(Part::Rows { before, rows, columns: columns.unwrap_or_default() });
        self
    }
}

/// The values of a row that is being built.
#[must_use]
pub struct RowValues<'q>(Vec<Value<'q>>);

impl<'q> RowValues<'q> {
    /// Adds a value.
    pub fn bind(mut self, value: impl IntoValue<'q>) -> Self {
        self.0.push(value.into_value());
        self
    }
}

/// Shows the words, and not the values.
impl fmt::Debug for Statement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Statement");
        debug.field("first", &self.first).field("more", &self.more).field("values", &self.values).finish()
    }
}

impl fmt::Debug for RowValues<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RowValues").field(&self.0).finish()
    }
}
