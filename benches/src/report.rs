//! Runs every contestant and prints Markdown tables.

use std::path::Path;
use std::process::{Child, Command, ExitCode};

use crate::COUNTED;
use crate::groups::{self, Group};

#[derive(Clone, Copy)]
struct Figures {
    nanoseconds: f64,
    instructions: f64,
    allocations: f64,
}

/// Prints the groups with the given names, or all.
pub fn print(wanted: &[&str]) -> ExitCode {
    for group in groups::all() {
        if (wanted.is_empty() || wanted.contains(&group.name))
            && let Err(why) = print_group(&group)
        {
            eprintln!("{}: {why}", group.name);
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn print_group(group: &Group) -> Result<(), String> {
    // The row that the others are compared with: the first, or the one after the base that is subtracted.
    let reference = usize::from(group.net);
    println!("\n### {}\n\n{}\n", group.name, group.about);
    println!("| | instructions | allocations | ns | ratio of instructions |");
    println!("|---|---:|---:|---:|---:|");
    let _awake = if group.waits { Some(Awake::new()?) } else { None };
    let mut rows: Vec<Figures> = Vec::new();
    for (i, contestant) in group.contestants.iter().enumerate() {
        let gross = figures(group, contestant.name)?;
        let net = if group.net && i > 0 { gross.minus(rows[0]) } else { gross };
        rows.push(net);
        let ratio = match i.checked_sub(reference) {
            Some(_) => format!("{:.2}", net.instructions / rows[reference].instructions),
            None => String::new(),
        };
        println!(
            "| {} | {:.0} | {:.0} | {:.0} | {ratio} |",
            contestant.name, net.instructions, net.allocations, net.nanoseconds
        );
    }
    Ok(())
}

/// Keeps the processors busy with work that yields to anything else. A sleeping processor takes a while to wake up,
/// longer on a virtual machine, and would then dominate the measurement of work that waits.
struct Awake(Vec<Child>);

impl Awake {
    fn new() -> Result<Self, String> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let mut awake = Self(Vec::new());
        for _ in 0..processors {
            let spin = Command::new("nice").args(["-n", "19", "sh", "-c", "while :; do :; done"]).spawn();
            awake.0.push(spin.map_err(|e| format!("nice: {e}"))?);
        }
        Ok(awake)
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // There is nothing to wait for if the process has already ended.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Figures {
    fn minus(self, base: Self) -> Self {
        Self {
            nanoseconds: self.nanoseconds - base.nanoseconds,
            instructions: self.instructions - base.instructions,
            allocations: self.allocations - base.allocations,
        }
    }
}

fn figures(group: &Group, contestant: &str) -> Result<Figures, String> {
    let me = std::env::current_exe().map_err(|e| e.to_string())?;
    let timed = Command::new(&me).args(["--time", group.name, contestant]).output().map_err(|e| e.to_string())?;
    let text = String::from_utf8_lossy(&timed.stdout);
    let mut numbers = text.split_whitespace().map_while(|word| word.parse::<f64>().ok());
    let (Some(nanoseconds), Some(allocations)) = (numbers.next(), numbers.next()) else {
        return Err(format!("{contestant}: {}", String::from_utf8_lossy(&timed.stderr)));
    };
    let mut instructions = f64::INFINITY;
    for _ in 0..if group.waits { 7 } else { 1 } {
        instructions = instructions.min(count(&me, group.name, contestant)?);
    }
    Ok(Figures { nanoseconds, allocations, instructions })
}

/// The instructions of one run of the work.
fn count(me: &Path, group: &str, contestant: &str) -> Result<f64, String> {
    let counted = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*measure*run*"])
        .arg(me)
        .args(["--count", group, contestant])
        .output()
        .map_err(|e| format!("valgrind: {e}"))?;
    let text = String::from_utf8_lossy(&counted.stderr);
    let collected = text.lines().find_map(|line| line.split("Collected :").nth(1));
    let instructions: f64 =
        collected.and_then(|n| n.trim().parse().ok()).ok_or_else(|| format!("{contestant}: {text}"))?;
    Ok(instructions / f64::from(COUNTED))
}
