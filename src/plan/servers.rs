//! What the SQL of a page does, once it is known whose rules it follows.

use super::facts::{Facts, Plan};
use crate::language::sql::SqlDialect;

impl Plan {
    /// Judges each block of SQL as its connection's server reads it, where
    /// `dialect_of` knows that by the connection's name. Without it the worst of
    /// all servers' readings is believed.
    pub fn heed_servers(&mut self, dialect_of: &dyn Fn(&str) -> Option<SqlDialect>) {
        let blocks = self.runbook.blocks().enumerate().filter(|(_, block)| block.is_sql());
        let read: Vec<(usize, Facts)> = blocks
            .filter_map(|(place, block)| {
                let dialect = dialect_of(&self.connection_of(&block.settings))?;
                Some((place, self.analyse(block, &block.run, Some(dialect))))
            })
            .collect();
        for (place, read) in read {
            let facts = &mut self.facts[place];
            facts.effect = read.effect;
            facts.reasons = read.reasons;
            facts.inferred = read.inferred;
            facts.table = read.table;
            facts.never_sent = read.never_sent;
            facts.left_out = read.left_out;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runbook::Effect;
    use crate::source::SourceFile;
    use std::collections::HashSet;

    #[test]
    fn what_only_another_server_would_do_is_not_feared_once_the_server_is_known() {
        let page = "# Page\n\n## Step\n\n```sql\nUPDATE \"A\" SET b = 1 WHERE \"Key\" IN (1, 2);\n```\n";
        let mut plan = Plan::read(&SourceFile::new("page.md", page.to_owned()), HashSet::new());
        let effect = |plan: &Plan| plan.facts(plan.runbook.blocks().next().expect("it has one")).effect;
        assert_eq!(effect(&plan), Effect::Destructive, "MySQL would read a text where Postgres reads a column");
        plan.heed_servers(&|_| None);
        assert_eq!(effect(&plan), Effect::Destructive);
        plan.heed_servers(&|name| (name == "default").then_some(SqlDialect::Postgres));
        assert_eq!(effect(&plan), Effect::Write);
    }
}
