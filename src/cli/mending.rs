//! The page's text as it was meant, with the responder's consent.

use super::exit::CliError;
use super::locate::Located;
use super::plan::environment;
use super::print::Printer;
use crate::effect::Prompter;
use crate::plan::Mending;
use crate::run::Mended;

impl Located {
    /// Mends the text as far as it can be: `--mend` was given.
    pub(super) fn mend(&mut self) {
        if let Some(mending) = Mending::propose(&self.file, &environment()) {
            self.take(mending);
        }
    }

    /// Offers to mend the text; true where it was.
    pub(super) async fn offer_to_mend(
        &mut self,
        prompter: &mut dyn Prompter,
        printer: &Printer,
    ) -> Result<bool, CliError> {
        let Some(mending) = Mending::propose(&self.file, &environment()) else { return Ok(false) };
        printer.note("This page is not as it was written:");
        for what in &mending.what {
            printer.note(&format!("  {what}"));
        }
        let consents = prompter.confirm("Mend it for this run? The file stays as it is.", true).await?;
        if consents {
            self.take(mending);
        }
        Ok(consents)
    }

    fn take(&mut self, mending: Mending) {
        self.file = mending.file;
        let mended = self.mended.get_or_insert_with(|| Mended { original: self.original.clone(), what: Vec::new() });
        mended.what.extend(mending.what);
    }
}
