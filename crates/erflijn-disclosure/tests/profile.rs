//! Profiles: the built-in ones against their sources, and what a profile cannot be.

use erflijn_disclosure::{
    BothSides, Comparison, DisclosureError, Dominance, PriorPosterior, Profile, Protection, Rules, ZeroCells,
};

fn european() -> Rules {
    Profile::european_rule_of_thumb().rules().clone()
}

#[test]
fn built_in_profiles_have_the_numbers_of_their_sources() {
    // acro 1.0.2, default.yaml: safe_threshold 10, safe_dof_threshold 10, safe_nk_n 2, safe_nk_k 0.90,
    // safe_pratio_p 0.10, zeros_are_disclosive True; its check of dominance reads ">=".
    let sacro = Profile::sacro();
    assert_eq!((sacro.name(), sacro.version()), ("SACRO", "1.0.2"));
    assert_eq!(sacro.source(), "acro 1.0.2, default.yaml (MIT licence)");
    let expected = Rules {
        minimum_units: 10,
        zero_cells: ZeroCells::Sensitive,
        both_sides: BothSides::NotRequired,
        group_disclosure: None,
        dominance: Some(Dominance { largest: 2, share: 0.9, comparison: Comparison::AtLeast }),
        p_percent: Some(10.0),
        prior_posterior: None,
        degrees_of_freedom: 10,
        quantile_units: None,
        protection: Protection { below: 1, above: 1 },
    };
    assert_eq!(*sacro.rules(), expected);
    // Guidelines of 2010: 10 units, 10 degrees of freedom, 90 % of a group, half of a total.
    let rules = european();
    assert_eq!((rules.minimum_units, rules.degrees_of_freedom), (10, 10));
    assert_eq!((rules.group_disclosure, rules.both_sides), (Some(0.9), BothSides::Required));
    let half = Dominance { largest: 1, share: 0.5, comparison: Comparison::Above };
    assert_eq!(rules.dominance, Some(half));
}

#[test]
fn impossible_numbers_are_refused_by_name() {
    let told = |rules: Rules| Profile::new("own", "1", "us", rules).unwrap_err().to_string();
    assert_eq!(
        told(Rules { minimum_units: 0, ..european() }),
        "minimum_units is 0, expected a whole number of at least 1"
    );
    assert_eq!(
        told(Rules { group_disclosure: Some(1.2), ..european() }),
        "group_disclosure is 1.2, expected a share above 0 and up to 1"
    );
    assert_eq!(
        told(Rules { p_percent: Some(f64::NAN), ..european() }),
        "p_percent is NaN, expected a percentage above 0"
    );
    assert_eq!(
        told(Rules { prior_posterior: Some(PriorPosterior { p: 50.0, q: 50.0 }), ..european() }),
        "p of the pq rule is 50, expected less than 50 (its q)"
    );
    let dominance = Dominance { largest: 0, share: 0.5, comparison: Comparison::Above };
    assert_eq!(
        told(Rules { dominance: Some(dominance), ..european() }),
        "dominance.largest is 0, expected a whole number of at least 1"
    );
    for rules in [
        Rules { degrees_of_freedom: 0, ..european() },
        Rules { quantile_units: Some(0), ..european() },
        Rules { group_disclosure: Some(0.0), ..european() },
        Rules {
            dominance: Some(Dominance { share: -0.2, largest: 2, comparison: Comparison::Above }),
            ..european()
        },
        Rules { p_percent: Some(f64::INFINITY), ..european() },
    ] {
        let refused = Profile::new("own", "1", "us", rules);
        assert!(matches!(refused, Err(DisclosureError::Parameter { .. })), "{refused:?}");
    }
    let nameless = Profile::new(" ", "1", "us", european()).unwrap_err();
    assert_eq!(nameless.to_string(), "name of the profile is empty, expected a text");
}

#[cfg(feature = "serde")]
#[test]
fn a_profile_is_checked_when_it_is_read() {
    let text = serde_json::to_string(&Profile::sacro()).unwrap();
    assert_eq!(serde_json::from_str::<Profile>(&text).unwrap(), Profile::sacro());
    let bad = text.replace("\"minimum_units\":10", "\"minimum_units\":0");
    let told = serde_json::from_str::<Profile>(&bad).unwrap_err().to_string();
    assert!(told.contains("minimum_units is 0, expected a whole number of at least 1"), "{told}");
    assert!(serde_json::from_str::<Profile>(&text.replace("minimum_units", "minimum_unit")).is_err());
}
