//! Checks states of a disk as `CAPOSST1` volumes: orders come in (`capos_hosttools::orders`), one line goes out for each
//! state: `ok DIGEST TEXT` or `bad TEXT`. Equal digests mean that a reader could not tell the two states apart.

use capos_hosttools::orders::follow;
use capos_hosttools::store::Checker;
use std::io::{self, BufReader, BufWriter, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut checker = Checker::new(0);
    let mut out = BufWriter::new(io::stdout().lock());
    let mut written = Ok(());
    let followed = follow(BufReader::new(io::stdin().lock()), |disk| {
        if written.is_ok() {
            written = writeln!(out, "{}", checker.state(disk));
        }
    });
    match (followed, written.and_then(|()| out.flush())) {
        (Ok(()), Ok(())) => ExitCode::SUCCESS,
        (Err(fault), _) => {
            eprintln!("check-capos-store: {fault}");
            ExitCode::from(2)
        }
        (Ok(()), Err(error)) => {
            eprintln!("check-capos-store: {error}");
            ExitCode::from(1)
        }
    }
}
