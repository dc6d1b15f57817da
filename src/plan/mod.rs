//! What would be run, and what would hurt: the page's blocks with everything
//! that can be known of them without running anything.

mod check;
mod entered;
mod facts;
mod fill;
mod json;
mod place;
mod select;

pub use facts::{Disposition, Facts, Found, Plan};
pub use fill::{Filled, Filler};
pub use json::{DiagnosticJson, PlanJson, diagnostics_json, plan_json};
pub use select::{SelectError, Selection, scenarios, select};
