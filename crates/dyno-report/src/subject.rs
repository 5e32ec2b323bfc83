//! What rows and lines are about: a target, and the variant it ran in if something
//! is swept.

use dyno_result::{Recording, Target, Trial, Variant};

use crate::text;

/// A target, in a variant if something is swept.
#[derive(Clone)]
pub(crate) struct Subject<'a> {
    pub(crate) target: &'a Target,
    pub(crate) variant: Option<&'a Variant>,
    /// `Go net/http`, or `Go net/http, size-39`.
    pub(crate) name: String,
    /// Its place among all, and that of the first measured target in the same
    /// variant: what the others are compared with.
    pub(crate) index: usize,
    pub(crate) reference: Option<usize>,
}

impl Subject<'_> {
    /// Whether a trial is one of it.
    pub(crate) fn has(&self, trial: &Trial) -> bool {
        let variant = self.variant.map_or("", |variant| variant.id.as_str());
        trial.target == self.target.id && trial.variant == variant
    }
}

/// Every target in every variant, those that were not measured once; the reference of
/// each is the first measured target in the same variant.
pub(crate) fn subjects(recording: &Recording) -> Vec<Subject<'_>> {
    let Recording { run, .. } = recording;
    let variants: Vec<Option<&Variant>> = match run.variants.is_empty() {
        true => vec![None],
        false => run.variants.iter().map(Some).collect(),
    };
    let mut subjects: Vec<Subject<'_>> = Vec::new();
    for variant in variants {
        let first = subjects.len();
        for target in &run.targets {
            let is_measured = target.excluded.is_none();
            if is_measured || first == 0 {
                let variant = variant.filter(|_| is_measured);
                subjects.push(Subject {
                    target,
                    variant,
                    name: name(target, variant),
                    index: subjects.len(),
                    reference: None,
                });
            }
        }
        let measured = |subject: &&Subject| subject.target.excluded.is_none();
        let reference = subjects[first..].iter().find(measured).map(|of| of.index);
        subjects[first..]
            .iter_mut()
            .for_each(|subject| subject.reference = reference);
    }
    subjects
}

fn name(target: &Target, variant: Option<&Variant>) -> String {
    let name = match target.name.trim() {
        "" => target.id.as_str(),
        name => name,
    };
    match variant {
        None => text::line(name),
        Some(variant) => text::line(&format!("{name}, {}", variant.id)),
    }
}
