//! What would be run, and what would hurt: the page's blocks with everything
//! that can be known of them without running anything.

mod aside;
mod check;
mod facts;
mod fill;
mod json;
mod mending;
mod notes;
mod place;
mod select;

pub use facts::{Disposition, Facts, Found, Plan};
pub use fill::{Filled, Filler};
pub use json::{DiagnosticJson, PlanJson, diagnostics_json, plan_json};
pub use mending::Mending;
pub use notes::{Unparsed, notes, unparsed};
pub use select::{SelectError, Selection, scenarios, select};
