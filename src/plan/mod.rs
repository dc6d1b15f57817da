//! What would be run, and what would hurt: the page's blocks with everything
//! that can be known of them without running anything.

mod aside;
mod blank;
mod check;
mod comments;
mod entered;
mod facts;
mod fill;
mod json;
mod losses;
mod mending;
mod needed;
mod notes;
mod obstacle;
mod own;
mod place;
mod prompted;
mod select;
mod servers;
mod statements;
mod stays;

pub use blank::{Blank, is_same_name, looks_secret};
pub use facts::{Disposition, Facts, Found, Plan, position};
pub use fill::{Filled, Filler, Refused, Unfilled};
pub use json::{DiagnosticJson, PlanJson, diagnostics_json, plan_json};
pub use mending::Mending;
pub use notes::{Unparsed, notes, unparsed};
pub use own::Surroundings;
pub use select::{SelectError, Selection, scenarios, select};
pub use statements::NeverSent;
