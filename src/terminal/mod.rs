//! What is shown and asked. All of it goes to standard error: standard output
//! is for what was asked for.
//!
//! | file | what it is |
//! |---|---|
//! | [`screen`] | the [`View`](crate::effect::View): steps, prose, blocks, output, outcomes |
//! | [`device`] | the one way to the terminal: the output's region, the waiting line |
//! | [`markdown`] | a page's prose for a terminal |
//! | `card` | a block as it will run |
//! | `outcome` | the words for each event |
//! | `waiting` | the one line that shows that something is waited for |
//! | `changed`, `comparison` | output beside that of the try before, beside the page's |
//! | `filter`, `region` | a child's output, made harmless, in its own region |
//! | [`visible`] | characters that could not be seen, made visible |
//! | [`prompts`] | the [`Prompter`](crate::effect::Prompter) for a person |
//! | `conversation` | the course of each question, apart from the terminal |
//! | `menu` | what a typed line means |
//! | [`stake`] | what a block does, said in one line |
//! | `editor` | a block in the responder's own editor |
//! | [`mode`] | the terminal's mode while it asks, and its way back |
//! | [`joining`], `passage` | the terminal while a block has the keyboard, and putting its screen right |
//! | [`suspend`] | Ctrl-Z: the terminal as it was found until the run is continued |
//! | [`unattended`], [`silent`] | the Prompters when nobody is asked |

mod card;
mod changed;
mod comparison;
mod conversation;
mod countdown;
pub mod device;
mod editor;
mod filter;
pub mod joining;
pub mod markdown;
mod menu;
pub mod mode;
mod outcome;
mod passage;
pub mod prompts;
mod region;
pub mod screen;
pub mod silent;
pub mod stake;
mod style;
pub mod suspend;
mod table;
pub mod unattended;
pub mod visible;
mod waiting;
mod wrap;

pub use device::Device;
pub use joining::OwnTerminal;
pub use prompts::Prompts;
pub use screen::Screen;
pub use unattended::Unattended;
