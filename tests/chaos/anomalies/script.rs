//! The anomalies, each as a script for two or three transactions A, B and C. They begin with two rows: 1 holds 10, and
//! 2 holds 20.
//!
//! A transaction that has to wait runs the rest of its lines later; a transaction that is refused runs no more lines.
//! The names are those of Adya's thesis and of Berenson and others, "A Critique of ANSI SQL Isolation Levels".

use super::stage::Heard;

/// The transaction that runs a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    A,
    B,
    C,
}

/// A line of a script.
#[derive(Debug, Clone, Copy)]
pub(super) enum Line {
    /// A statement that returns a number.
    Read(&'static str),
    Write(&'static str),
    Commit,
    Rollback,
}

#[derive(Clone, Copy)]
pub(super) struct Script {
    pub(super) name: &'static str,
    pub(super) lines: &'static [(Who, Line)],
    /// Whether the results show the anomaly.
    pub(super) happened: fn(&Heard) -> bool,
}

use self::Line::{Commit, Read, Rollback, Write};
use self::Who::{A, B, C};

const FIRST: &str = "SELECT n FROM t WHERE id = 1";
const SECOND: &str = "SELECT n FROM t WHERE id = 2";
const SUM: &str = "SELECT sum(n) FROM t";
const COUNT: &str = "SELECT count(*) FROM t";

/// G0: two transactions write the same rows; one wins in one row and the other in the other.
pub(super) const DIRTY_WRITE: Script = Script {
    name: "dirty write",
    lines: &[
        (A, Write("UPDATE t SET n = 11 WHERE id = 1")),
        (B, Write("UPDATE t SET n = 12 WHERE id = 1")),
        (A, Write("UPDATE t SET n = 21 WHERE id = 2")),
        (A, Commit),
        (B, Write("UPDATE t SET n = 22 WHERE id = 2")),
        (B, Commit),
    ],
    happened: |heard| !matches!(heard.rows[..], [(1, 11), (2, 21)] | [(1, 12), (2, 22)]),
};

/// G1a: a transaction sees a change that is then rolled back.
pub(super) const DIRTY_READ: Script = Script {
    name: "dirty read",
    lines: &[(A, Write("UPDATE t SET n = 11 WHERE id = 1")), (B, Read(FIRST)), (A, Rollback), (B, Commit)],
    happened: |heard| heard.read(B) != [10],
};

/// G-single: two reads see different moments.
pub(super) const READ_SKEW: Script = Script {
    name: "read skew",
    lines: &[
        (A, Read(FIRST)),
        (B, Write("UPDATE t SET n = 11 WHERE id = 1")),
        (B, Write("UPDATE t SET n = 21 WHERE id = 2")),
        (B, Commit),
        (A, Read(SECOND)),
        (A, Commit),
    ],
    happened: |heard| heard.committed(A) && heard.read(A) == [10, 21],
};

/// A3: the same query finds rows that were not there before.
pub(super) const PHANTOM: Script = Script {
    name: "phantom",
    lines: &[(A, Read(COUNT)), (B, Write("INSERT INTO t VALUES (3, 30)")), (B, Commit), (A, Read(COUNT)), (A, Commit)],
    happened: |heard| heard.committed(A) && heard.read(A) == [2, 3],
};

/// P4: two transactions read a value, and each writes a value that it computed from it.
pub(super) const LOST_UPDATE: Script = Script {
    name: "lost update",
    lines: &[
        (A, Read(FIRST)),
        (B, Read(FIRST)),
        (A, Write("UPDATE t SET n = 11 WHERE id = 1")),
        (A, Commit),
        (B, Write("UPDATE t SET n = 11 WHERE id = 1")),
        (B, Commit),
    ],
    happened: |heard| heard.both_committed() && heard.read(A) == [10] && heard.read(B) == [10],
};

/// G-single, too: the write is based on another moment than the read.
pub(super) const WRITE_AFTER_READ: Script = Script {
    name: "write past the snapshot",
    lines: &[
        (A, Read(FIRST)),
        (B, Write("UPDATE t SET n = 11 WHERE id = 1")),
        (B, Write("UPDATE t SET n = 21 WHERE id = 2")),
        (B, Commit),
        (A, Write("UPDATE t SET n = n + 100 WHERE id = 2")),
        (A, Commit),
    ],
    happened: |heard| heard.both_committed() && heard.read(A) == [10] && heard.rows[1] == (2, 121),
};

/// The same for rows that were not there.
pub(super) const PHANTOM_WRITTEN: Script = Script {
    name: "write to a phantom",
    lines: &[
        (A, Read(COUNT)),
        (B, Write("INSERT INTO t VALUES (3, 30)")),
        (B, Commit),
        (A, Write("UPDATE t SET n = n + 100")),
        (A, Commit),
    ],
    happened: |heard| heard.both_committed() && heard.read(A) == [2] && heard.rows.contains(&(3, 130)),
};

/// G2-item: each transaction changes the row on which the other's decision depends.
pub(super) const WRITE_SKEW: Script = Script {
    name: "write skew",
    lines: &[
        (A, Read(SUM)),
        (B, Read(SUM)),
        (A, Write("UPDATE t SET n = 0 WHERE id = 1")),
        (B, Write("UPDATE t SET n = 0 WHERE id = 2")),
        (A, Commit),
        (B, Commit),
    ],
    happened: |heard| heard.both_committed() && heard.read(A) == [30] && heard.read(B) == [30],
};

/// G2: the same with rows that are not there yet.
pub(super) const PHANTOM_SKEW: Script = Script {
    name: "write skew by inserts",
    lines: &[
        (A, Read(COUNT)),
        (B, Read(COUNT)),
        (A, Write("INSERT INTO t VALUES (3, 30)")),
        (B, Write("INSERT INTO t VALUES (4, 40)")),
        (A, Commit),
        (B, Commit),
    ],
    happened: |heard| heard.both_committed() && heard.read(A) == [2] && heard.read(B) == [2],
};

/// Fekete, O'Neil and O'Neil: a third transaction that only reads sees that B came before A, which assumed to have come
/// first.
pub(super) const READ_ONLY_ANOMALY: Script = Script {
    name: "read-only anomaly",
    lines: &[
        (A, Read(SUM)),
        (B, Write("UPDATE t SET n = 40 WHERE id = 2")),
        (B, Commit),
        (C, Read(FIRST)),
        (C, Read(SECOND)),
        (C, Commit),
        (A, Write("UPDATE t SET n = 0 WHERE id = 1")),
        (A, Commit),
    ],
    happened: |heard| {
        heard.both_committed() && heard.committed(C) && heard.read(A) == [30] && heard.read(C) == [10, 40]
    },
};
