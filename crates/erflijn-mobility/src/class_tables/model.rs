use ndarray::Array2;

/// A model of the association between origin and destination, within margins that are fitted.
///
/// ```text
/// ln F_ijk = margins + sum of terms + product
/// ```
///
/// `F_ijk` is the expected number in origin `i`, destination `j`, layer `k`. Start from one of the named models;
/// [`Self::with_diagonal`] fits immobility apart, [`Self::differing_by_layer`] lets every term differ by layer.
#[derive(Debug, Clone, PartialEq)]
pub struct AssociationModel {
    /// What is fitted to the margins.
    pub margins: Margins,
    /// Additive terms.
    pub terms: Vec<Term>,
    /// A term that is a product of parameters; at most one.
    pub product: Option<Product>,
}

/// What a model fits to the margins of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Margins {
    /// Both margins of each layer: all models but symmetry.
    Free,
    /// The total of each layer only.
    Totals,
}

/// An additive term of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// Which cells it raises, and how.
    pub pattern: Pattern,
    /// Whether its parameters are those of all layers.
    pub layers: AcrossLayers,
}

/// Whether parameters differ by layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum AcrossLayers {
    /// One set of parameters for all layers.
    Common,
    /// A set for each layer.
    Separate,
}

/// A pattern of association.
#[derive(Debug, Clone, PartialEq)]
pub enum Pattern {
    /// A parameter for each cell of the diagonal, which is then fitted exactly.
    Diagonal,
    /// `b u_i v_j`, with the scores of origins and destinations.
    Uniform {
        /// Scores of origins, such as 1, 2, 3.
        origin: Vec<f64>,
        /// Scores of destinations.
        destination: Vec<f64>,
    },
    /// `b_i v_j`: each origin has its own slope over the scores of destinations; `b` of origin 0 is 0.
    RowEffects {
        /// Scores of destinations.
        destination: Vec<f64>,
    },
    /// `u_i c_j`: each destination has its own slope over the scores of origins; `c` of destination 0 is 0.
    ColumnEffects {
        /// Scores of origins.
        origin: Vec<f64>,
    },
    /// A parameter for each level but the lowest: cells with one number share one level of density.
    Levels(
        /// The level of each cell, origins in rows; any numbers.
        Array2<u32>,
    ),
    /// A parameter for each pair of classes, the same in both directions.
    Symmetric,
    /// A parameter for each cell: with margins, all association there can be.
    Full,
}

/// A term that multiplies parameters.
#[derive(Debug, Clone, PartialEq)]
pub enum Product {
    /// Goodman's RC(1), `a_i b_j`, the same in all layers: scores are estimated.
    Scores,
    /// RC(1) with one set of scores for both generations, `+ a_i a_j` or `- a_i a_j`.
    EqualScores,
    /// Unidiff or log-multiplicative layer effect: `phi_k psi_ij`, where `psi` follows the pattern, and `phi` of layer 0 is 1.
    LayerEffect(Pattern),
}

/// Scores 1, 2, ..., `classes`, around their mean.
#[must_use]
pub fn integer_scores(classes: usize) -> Vec<f64> {
    let middle = (classes as f64 - 1.0) / 2.0;
    (0..classes).map(|class| class as f64 - middle).collect()
}

impl AssociationModel {
    fn of(pattern: Option<Pattern>, product: Option<Product>) -> Self {
        let terms = pattern.into_iter().map(|pattern| Term { pattern, layers: AcrossLayers::Common });
        Self { margins: Margins::Free, terms: terms.collect(), product }
    }

    /// Perfect mobility: destination does not depend on origin, within each layer.
    #[must_use]
    pub fn independence() -> Self {
        Self::of(None, None)
    }

    /// Quasi-perfect mobility: independence among those who leave their class.
    #[must_use]
    pub fn quasi_independence() -> Self {
        Self::independence().with_diagonal()
    }

    /// `F_ij = F_ji` within each layer.
    #[must_use]
    pub fn symmetry() -> Self {
        let diagonal = Term { pattern: Pattern::Diagonal, layers: AcrossLayers::Separate };
        let pairs = Term { pattern: Pattern::Symmetric, layers: AcrossLayers::Separate };
        Self { margins: Margins::Totals, terms: vec![pairs, diagonal], product: None }
    }

    /// Symmetric association within free margins.
    #[must_use]
    pub fn quasi_symmetry() -> Self {
        Self::of(Some(Pattern::Symmetric), None)
    }

    /// Uniform (linear-by-linear) association of integer scores: one local odds ratio `exp(b)` all over the table.
    #[must_use]
    pub fn uniform(origins: usize, destinations: usize) -> Self {
        let (origin, destination) = (integer_scores(origins), integer_scores(destinations));
        Self::of(Some(Pattern::Uniform { origin, destination }), None)
    }

    /// Row effects: integer scores of destinations, a slope for each origin.
    #[must_use]
    pub fn row_effects(destinations: usize) -> Self {
        Self::of(Some(Pattern::RowEffects { destination: integer_scores(destinations) }), None)
    }

    /// Column effects: integer scores of origins, a slope for each destination.
    #[must_use]
    pub fn column_effects(origins: usize) -> Self {
        Self::of(Some(Pattern::ColumnEffects { origin: integer_scores(origins) }), None)
    }

    /// Goodman's R+C: row effects and column effects, both on integer scores.
    #[must_use]
    pub fn row_and_column_effects(origins: usize, destinations: usize) -> Self {
        let mut model = Self::row_effects(destinations);
        model.terms.extend(Self::column_effects(origins).terms);
        model
    }

    /// Hauser's topological model: cells of one level have one density.
    #[must_use]
    pub fn levels(levels: Array2<u32>) -> Self {
        Self::of(Some(Pattern::Levels(levels)), None)
    }

    /// The same association in all layers, of any shape: constant social fluidity.
    #[must_use]
    pub fn common_association() -> Self {
        Self::of(Some(Pattern::Full), None)
    }

    /// Goodman's RC(1).
    #[must_use]
    pub fn rc() -> Self {
        Self::of(None, Some(Product::Scores))
    }

    /// RC(1) with the same scores for origins and destinations.
    #[must_use]
    pub fn equal_scores_rc() -> Self {
        Self::of(None, Some(Product::EqualScores))
    }

    /// Uniform difference: one pattern of association, stronger or weaker by layer.
    #[must_use]
    pub fn unidiff() -> Self {
        Self::of(None, Some(Product::LayerEffect(Pattern::Full)))
    }

    /// The same with the diagonal fitted apart, in each layer.
    #[must_use]
    pub fn with_diagonal(mut self) -> Self {
        self.terms.push(Term { pattern: Pattern::Diagonal, layers: AcrossLayers::Separate });
        self
    }

    /// The same with parameters of its additive terms that differ by layer.
    #[must_use]
    pub fn differing_by_layer(mut self) -> Self {
        self.terms.iter_mut().for_each(|term| term.layers = AcrossLayers::Separate);
        self
    }
}
