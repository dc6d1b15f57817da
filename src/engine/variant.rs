//! A block that holds several ways, of which one is taken.

use super::{Engine, EngineError};
use crate::effect::ChoiceQuestion;
use crate::language::shell::{self, Variant};
use crate::run::{BlockRef, Event};
use crate::runbook::{Block, Step};

impl Engine<'_> {
    /// The block with only the way in it that is taken; asked for once a run.
    /// `None` where it holds one way.
    pub(super) async fn one_way(
        &mut self,
        step: &Step,
        block: &Block,
        reference: &BlockRef,
    ) -> Result<Option<Block>, EngineError> {
        if !self.plan.can_enter(block) {
            return Ok(None);
        }
        let ways = shell::variants(&block.run);
        if ways.is_empty() {
            return Ok(None);
        }
        let before = self.progress.variants.get(reference);
        let chosen = match before.and_then(|title| ways.iter().position(|way| way.title == *title)) {
            Some(chosen) => chosen,
            None => self.ask_for_way(step, block, reference, &ways).await?,
        };
        let run = shell::only(&block.run, &ways, chosen);
        Ok(Some(Block { run, ..block.clone() }))
    }

    async fn ask_for_way(
        &mut self,
        step: &Step,
        block: &Block,
        reference: &BlockRef,
        ways: &[Variant],
    ) -> Result<usize, EngineError> {
        self.recorder.view.prose(self.file.slice(block.span));
        let options: Vec<_> =
            (0..ways.len()).map(|at| (ways[at].title.clone(), self.keeps_from(block, ways, at))).collect();
        let default = options.iter().position(|(_, hindrance)| hindrance.is_none()).unwrap_or_default();
        let question = ChoiceQuestion {
            question: "This block holds several ways. Which one?".to_owned(),
            options,
            about: Vec::new(),
            default: Some(default),
        };
        let answer = self.prompter.choice(&question).await?;
        let chosen = if answer.index < ways.len() { answer.index } else { default };
        let title = |way: &Variant| self.recorder.mask(&way.title);
        let event = Event::Chosen {
            step: step.id.clone(),
            block: Some(block.number),
            choice: title(&ways[chosen]),
            others: ways.iter().enumerate().filter(|(at, _)| *at != chosen).map(|(_, way)| title(way)).collect(),
            reason: answer.reason.map(|reason| self.recorder.mask(&reason)),
        };
        self.recorder.record_durably(&event)?;
        self.progress.variants.insert(reference.clone(), ways[chosen].title.clone());
        Ok(chosen)
    }

    /// What keeps a way from being taken on this machine.
    fn keeps_from(&self, block: &Block, ways: &[Variant], at: usize) -> Option<String> {
        let way = &ways[at];
        if !way.systems.is_empty() && !way.systems.iter().any(|system| self.is_this(system)) {
            return Some("this is another system".to_owned());
        }
        let own: String = way.spans.iter().map(|span| &block.run[span.start..span.end]).collect::<Vec<_>>().join("\n");
        let commands = self.plan.analyse(block, &own, None).commands;
        let missing = commands.into_iter().find(|command| !self.shell.finds(command))?;
        Some(format!("{missing} is not installed here"))
    }

    /// Whether this machine is one of a system as comments name it; of a
    /// distribution, by its package manager.
    fn is_this(&self, system: &str) -> bool {
        let here = std::env::consts::OS;
        let finds = |programs: &[&str]| here == "linux" && programs.iter().any(|program| self.shell.finds(program));
        match system {
            "macos" | "mac" | "osx" | "darwin" => here == "macos",
            "windows" | "cmd" => here == "windows",
            "powershell" => here == "windows" || self.shell.finds("pwsh"),
            "linux" | "wsl" => here == "linux",
            "bsd" | "freebsd" => here.ends_with("bsd"),
            "ubuntu" | "debian" => finds(&["apt-get"]),
            "centos" | "rhel" | "fedora" | "redhat" => finds(&["dnf", "yum"]),
            "alpine" => finds(&["apk"]),
            "arch" => finds(&["pacman"]),
            "suse" => finds(&["zypper"]),
            _ => here != "windows",
        }
    }
}
