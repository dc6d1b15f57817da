//! Changes that no rollback takes back, because their table keeps them at once:
//! asked about before they are made, by the table's name.

use super::EngineError;
use super::block::answered;
use super::recorder::Capturing;
use super::sql_progress::Progress;
use crate::effect::{DatabaseError, NoAnswer, Prompter, TypedQuestion};
use crate::run::BlockRef;

/// Asks whether the statement that comes next may change these tables, of which
/// each stands with the reason: `shop.audit (MyISAM)`. Where it may not, the
/// statements end there. Says why nobody answered.
pub(super) async fn ask(
    tables: &[String],
    reference: &BlockRef,
    progress: &mut Progress,
    prompter: &mut dyn Prompter,
    output: &mut Capturing<'_, '_>,
) -> Result<Option<NoAnswer>, EngineError> {
    let named = tables.join(", ");
    let keeps = if tables.len() == 1 { "keeps" } else { "keep" };
    let warning = format!("{named} {keeps} what is changed at once: no rollback takes it back");
    let qualified = tables.first().and_then(|table| table.rsplit_once(" (")).map_or("", |(name, _)| name);
    let word = qualified.rsplit('.').next().unwrap_or_default().to_owned();
    let answer = prompter.typed(&TypedQuestion { warning: warning.clone(), word }).await;
    let said = match &answer {
        Ok(true) => "run it",
        Ok(false) => "do not run it",
        Err(_) => "no answer",
    };
    output.record(&answered(reference, &warning, said, prompter.who()))?;
    if answer == Ok(true) {
        progress.agreed = Some((progress.next, format!("{named} {keeps} what is changed at once")));
    } else {
        progress.error = Some(DatabaseError::Statement { message: format!("not run: {warning}"), offset: None });
    }
    Ok(answer.err())
}
