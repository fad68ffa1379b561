//! Runs every contestant and prints Markdown tables.

use std::process::{Command, ExitCode};

use crate::COUNTED;
use crate::groups::{self, Group};

#[derive(Clone, Copy)]
struct Figures {
    nanoseconds: f64,
    instructions: f64,
    allocations: f64,
}

/// Prints the groups whose names are wanted, or all.
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
    println!("\n### {}\n\n{}\n", group.name, group.about);
    println!("| | instructions | allocations | ns | instructions beside `{}` |", group.contestants[0].name);
    println!("|---|---:|---:|---:|---:|");
    let mut net_of = None;
    let mut first = None;
    for contestant in &group.contestants {
        let gross = figures(group.name, contestant.name)?;
        let net = match net_of {
            Some(base) if group.net => gross.minus(base),
            _ => gross,
        };
        net_of.get_or_insert(gross);
        // The first row of a net group is the base itself, so that ratios are to the second.
        let ratio = match first {
            Some(first) => format!("{:.2}", net.instructions / first),
            None => "1".to_owned(),
        };
        if !group.net || net_of.is_some_and(|base| (base.instructions - gross.instructions).abs() > 0.5) {
            first.get_or_insert(net.instructions);
        }
        println!(
            "| {} | {:.0} | {:.0} | {:.0} | {ratio} |",
            contestant.name, net.instructions, net.allocations, net.nanoseconds
        );
    }
    Ok(())
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

fn figures(group: &str, contestant: &str) -> Result<Figures, String> {
    let me = std::env::current_exe().map_err(|e| e.to_string())?;
    let timed = Command::new(&me).args(["--time", group, contestant]).output().map_err(|e| e.to_string())?;
    let text = String::from_utf8_lossy(&timed.stdout);
    let mut numbers = text.split_whitespace().map_while(|word| word.parse::<f64>().ok());
    let (Some(nanoseconds), Some(allocations)) = (numbers.next(), numbers.next()) else {
        return Err(format!("{contestant}: {}", String::from_utf8_lossy(&timed.stderr)));
    };
    let counted = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*measure*run*"])
        .arg(&me)
        .args(["--count", group, contestant])
        .output()
        .map_err(|e| format!("valgrind: {e}"))?;
    let text = String::from_utf8_lossy(&counted.stderr);
    let collected = text.lines().find_map(|line| line.split("Collected :").nth(1));
    let instructions: f64 =
        collected.and_then(|n| n.trim().parse().ok()).ok_or_else(|| format!("{contestant}: {text}"))?;
    Ok(Figures { nanoseconds, allocations, instructions: instructions / f64::from(COUNTED) })
}
