use erflijn::core::Missing;
use erflijn::linkage::{LinkLoss, ParentFault};

/// Why a child has no usable lineage.
#[must_use]
pub fn link_in_dutch(loss: LinkLoss) -> &'static str {
    match loss {
        LinkLoss::NoRecord => "niet in het kind-ouderregister",
        LinkLoss::LinkMethod => "gekoppeld op een wijze die niet meetelt",
        LinkLoss::Fault(ParentFault::TwoRecords) => "twee regels met verschillende ouders",
        LinkLoss::Fault(ParentFault::OwnNumber) => "het eigen nummer staat er als ouder",
        LinkLoss::Fault(ParentFault::FatherIsMother) => "één persoon als vader en moeder",
        LinkLoss::Fault(ParentFault::Age) => "ouder met een onmogelijke leeftijd",
        LinkLoss::NoParent => "geen juridische ouder bekend",
        LinkLoss::NoFather => "geen juridische vader bekend",
        LinkLoss::NoMother => "geen juridische moeder bekend",
    }
}

/// Why a value is not there.
#[must_use]
pub fn missing_in_dutch(missing: Missing) -> &'static str {
    match missing {
        Missing::Unknown => "onbekend",
        Missing::Institution => "institutioneel huishouden",
        Missing::NotInTargetPopulation => "niet in de doelpopulatie",
        Missing::NotObserved => "niet waargenomen",
    }
}
