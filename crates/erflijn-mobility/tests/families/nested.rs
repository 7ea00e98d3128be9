//! Families nested in dynasties.

use erflijn_core::CoreError;
use erflijn_mobility::MobilityError;
use erflijn_mobility::families::{FamilyErrors, nested_correlations};

use crate::inputs::{EXACT, SEARCHED, close, reference, whole};

#[test]
fn nested_analysis_of_variance_is_exact_and_that_of_lme4_where_sizes_are_equal() {
    let (family, dynasty) = (whole("outlier_family"), whole("outlier_dynasty"));
    let y = reference("nested_y");
    let found = nested_correlations(&y, &family, &dynasty, FamilyErrors::Jackknife).unwrap();
    let [among, between, within] = reference("nested_variances").try_into().unwrap();
    close(found.dynasty_variance, among, EXACT);
    close(found.family_variance, between, EXACT);
    close(found.within_variance, within, EXACT);
    for (found, name) in [(found.cousins, "nested_cousins"), (found.siblings, "nested_siblings")] {
        let [value, standard_error] = reference(name).try_into().unwrap();
        close(found.value, value, EXACT);
        close(found.standard_error, standard_error, EXACT);
    }
    assert_eq!((found.dynasties, found.families), (4, 9));
    let y = [1.0, 3.0, 3.0, 5.0, 6.0, 8.0, 10.0, 8.0, 2.0, 4.0, 5.0, 5.0];
    let family = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6];
    let errors = FamilyErrors::Bootstrap { replicates: 20, seed: 1 };
    let found = nested_correlations(&y, &family, &[1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3], errors);
    let variances = reference("nested");
    // A sample drawn three times from one dynasty has no spread between dynasties, which is no reason to refuse.
    let found = found.unwrap();
    close(found.dynasty_variance, variances[0], SEARCHED);
    close(found.family_variance, variances[1], SEARCHED);
    close(found.within_variance, variances[2], SEARCHED);
    assert!(found.cousins.standard_error > 0.0);
}

#[test]
fn nested_correlations_refuse_what_has_no_cousins_or_no_siblings() {
    let y = [1.0, 2.0, 4.0, 3.0, 5.0, 9.0];
    let refused = |family: &[u32], dynasty: &[u32], errors| {
        nested_correlations(&y, family, dynasty, errors).err().unwrap()
    };
    let jackknife = FamilyErrors::Jackknife;
    let (pairs, singles) = ([1, 1, 2, 2, 3, 3], [1, 2, 3, 4, 5, 6]);
    let none = |relation| MobilityError::NoPairs { relation };
    assert_eq!(refused(&pairs, &pairs, jackknife), none("cousins"));
    assert_eq!(refused(&singles, &pairs, jackknife), none("siblings"));
    assert_eq!(refused(&pairs, &[1; 6], jackknife), MobilityError::TooFewClusters { found: 1 });
    let two = [1, 1, 2, 2, 3, 3];
    let split = MobilityError::FamilyInTwoDynasties { family: 1, first: 1, second: 2 };
    assert_eq!(refused(&[1; 6], &two, jackknife), split);
    let normal = refused(&pairs, &[1, 1, 1, 1, 2, 2], FamilyErrors::NormalTheory);
    assert!(matches!(normal, MobilityError::Core(CoreError::NotDefinedFor { .. })));
}
