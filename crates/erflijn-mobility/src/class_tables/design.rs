//! The columns of a model, over the cells of a table.

use std::collections::BTreeSet;

use erflijn_core::CoreError;
use ndarray::Array2;

use super::model::{AcrossLayers, AssociationModel, Margins, Pattern, Product};
use super::table::Shape;
use crate::MobilityError;
use crate::sampling::{require_finite, require_length};

/// What a parameter of an association model belongs to.
///
/// Classes and layers are numbered from 0; `layer` is `None` for a parameter of all layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
#[allow(missing_docs, reason = "class, origin, destination, level and layer are what they say")]
pub enum ParameterName {
    /// Level of a layer.
    Intercept { layer: usize },
    /// Size of an origin, against origin 0.
    Origin { class: usize, layer: usize },
    /// Size of a destination, against destination 0.
    Destination { class: usize, layer: usize },
    /// Immobility of a class.
    Diagonal { class: usize, layer: Option<usize> },
    /// Slope of uniform association.
    Uniform { layer: Option<usize> },
    /// Slope of an origin over the scores of destinations.
    RowEffect { class: usize, layer: Option<usize> },
    /// Slope of a destination over the scores of origins.
    ColumnEffect { class: usize, layer: Option<usize> },
    /// Density of a level, against the lowest.
    Level { level: u32, layer: Option<usize> },
    /// Association of a cell, or of a pair of classes.
    Pair { origin: usize, destination: usize, layer: Option<usize> },
    /// Score of an origin in a product, or of a class when both generations have the same scores.
    OriginScore { class: usize },
    /// Score of a destination in a product.
    DestinationScore { class: usize },
    /// Multiplier of a layer, against layer 0.
    Multiplier { layer: usize },
}

/// An association of layer 0 that is a smaller share of the strongest is what rounding leaves of none.
const NO_ASSOCIATION: f64 = 1e-8;

/// A column over all cells.
pub(super) type Column = Vec<f64>;

/// The additive part of a model, and the product.
#[derive(Debug)]
pub(super) struct Design {
    pub(super) shape: Shape,
    pub(super) linear: Vec<Column>,
    pub(super) product: Factors,
    pub(super) names: Vec<ParameterName>,
}

/// What the parameters of a product multiply.
#[derive(Debug)]
pub(super) enum Factors {
    None,
    Scores,
    EqualScores {
        /// 1 or -1.
        sign: f64,
    },
    LayerEffect {
        pattern: Vec<Column>,
        first: FirstLayer,
    },
}

/// The multiplier of layer 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FirstLayer {
    /// 1, as results are given.
    One,
    /// A parameter as those of the others, which fixes no scale: that is how a maximum is looked for, since multipliers
    /// are large, and far away, where layer 0 has little association.
    Free,
}

impl Design {
    pub(super) fn new(shape: Shape, model: &AssociationModel) -> Result<Self, MobilityError> {
        let mut columns = margins(shape, model.margins);
        for term in &model.terms {
            let layers: Vec<Option<usize>> = match term.layers {
                AcrossLayers::Common => vec![None],
                AcrossLayers::Separate => (0..shape.layers).map(Some).collect(),
            };
            for layer in layers {
                columns.extend(pattern(shape, &term.pattern, layer)?);
            }
        }
        let (mut names, linear): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
        let product = match &model.product {
            None => Factors::None,
            Some(Product::Scores) => {
                names.extend((0..shape.origins).map(|class| ParameterName::OriginScore { class }));
                names.extend((0..shape.destinations).map(|class| ParameterName::DestinationScore { class }));
                Factors::Scores
            }
            Some(Product::EqualScores) => {
                shape.require_square()?;
                names.extend((0..shape.origins).map(|class| ParameterName::OriginScore { class }));
                Factors::EqualScores { sign: 1.0 }
            }
            Some(Product::LayerEffect(of)) => {
                if shape.layers < 2 {
                    return Err(MobilityError::TooFewLayers { found: shape.layers });
                }
                let (own, pattern): (Vec<_>, Vec<_>) = pattern(shape, of, None)?.into_iter().unzip();
                names.extend(own);
                names.extend((1..shape.layers).map(|layer| ParameterName::Multiplier { layer }));
                Factors::LayerEffect { pattern, first: FirstLayer::One }
            }
        };
        Ok(Self { shape, linear, product, names })
    }

    /// `ln F` of each cell.
    pub(super) fn predictor(&self, parameters: &[f64]) -> Vec<f64> {
        let (additive, product) = parameters.split_at(self.linear.len());
        let mut sum = combined(&self.linear, additive, self.shape.cells());
        let places = self.shape.places();
        match &self.product {
            Factors::None => {}
            Factors::Scores => {
                let (a, b) = product.split_at(self.shape.origins);
                sum.iter_mut().zip(places).for_each(|(sum, [_, i, j])| *sum += a[i] * b[j]);
            }
            Factors::EqualScores { sign } => {
                sum.iter_mut()
                    .zip(places)
                    .for_each(|(sum, [_, i, j])| *sum += sign * product[i] * product[j]);
            }
            Factors::LayerEffect { pattern, first } => {
                let (psi, phi) = product.split_at(pattern.len());
                let common = combined(pattern, psi, self.shape.cells());
                for ((sum, common), [layer, ..]) in sum.iter_mut().zip(common).zip(places) {
                    *sum += first.multiplier(phi, layer) * common;
                }
            }
        }
        sum
    }

    /// Derivatives of `ln F` by each parameter.
    pub(super) fn jacobian(&self, parameters: &[f64]) -> Vec<Column> {
        let product = &parameters[self.linear.len()..];
        let mut columns = self.linear.clone();
        let over_cells = |f: &dyn Fn([usize; 3]) -> f64| self.shape.places().map(f).collect::<Column>();
        let is = |a: usize, b: usize| f64::from(u8::from(a == b));
        let Shape { layers, origins, destinations } = self.shape;
        match &self.product {
            Factors::None => {}
            Factors::Scores => {
                let (a, b) = product.split_at(origins);
                columns.extend((0..origins).map(|class| over_cells(&|[_, i, j]| is(i, class) * b[j])));
                columns.extend((0..destinations).map(|class| over_cells(&|[_, i, j]| is(j, class) * a[i])));
            }
            Factors::EqualScores { sign } => {
                let slope = |class: usize, i: usize, j: usize| {
                    sign * (is(i, class) * product[j] + is(j, class) * product[i])
                };
                columns.extend((0..origins).map(|class| over_cells(&|[_, i, j]| slope(class, i, j))));
            }
            Factors::LayerEffect { pattern, first } => {
                let (psi, phi) = product.split_at(pattern.len());
                for column in pattern {
                    let cells = column.iter().zip(self.shape.places());
                    columns.push(cells.map(|(c, [l, ..])| c * first.multiplier(phi, l)).collect());
                }
                let common = combined(pattern, psi, self.shape.cells());
                for layer in first.fixed()..layers {
                    let places = self.shape.places();
                    columns.push(common.iter().zip(places).map(|(c, [l, ..])| c * is(l, layer)).collect());
                }
            }
        }
        columns
    }

    /// Second derivatives of `sum of excess * ln F` by two parameters of the product: their numbers, and the value.
    ///
    /// Those of the additive part are 0. A pair is listed once, or in parts that add up.
    pub(super) fn bends(&self, excess: &[f64], active: &[bool]) -> Vec<(usize, usize, f64)> {
        let first = self.linear.len();
        let cells = self.shape.places().enumerate().filter(|(cell, _)| active[*cell]);
        let cells = cells.map(|(cell, place)| (excess[cell], cell, place));
        let origins = self.shape.origins;
        match &self.product {
            Factors::None => Vec::new(),
            Factors::Scores => cells.map(|(e, _, [_, i, j])| (first + i, first + origins + j, e)).collect(),
            Factors::EqualScores { sign } => cells
                .map(|(e, _, [_, i, j])| (first + i, first + j, sign * if i == j { 2.0 * e } else { e }))
                .collect(),
            Factors::LayerEffect { pattern, first: fixed } => {
                let layers = self.shape.layers - fixed.fixed();
                let mut bends = vec![0.0; pattern.len() * layers];
                for (excess, cell, layer) in
                    cells.filter_map(|(e, cell, [l, ..])| Some((e, cell, l.checked_sub(fixed.fixed())?)))
                {
                    for (number, column) in pattern.iter().enumerate() {
                        bends[number * layers + layer] += column[cell] * excess;
                    }
                }
                let place = |at: usize| (first + at / layers, first + pattern.len() + at % layers);
                bends.into_iter().enumerate().map(|(at, bend)| (place(at).0, place(at).1, bend)).collect()
            }
        }
    }

    /// Sets the sign of equal scores.
    pub(super) fn set_sign(&mut self, wanted: f64) {
        if let Factors::EqualScores { sign } = &mut self.product {
            *sign = wanted;
        }
    }

    /// Values of the product with layer 0 as 1 from those with layer 0 free; `None` where it has none.
    pub(super) fn with_first_layer_one(&mut self, parameters: &mut Vec<f64>) -> Option<()> {
        let linear = self.linear.len();
        if let Factors::LayerEffect { pattern, first } = &mut self.product {
            let (psi, phi) = parameters[linear..].split_at_mut(pattern.len());
            let largest = phi.iter().fold(0.0, |most: f64, phi| most.max(phi.abs()));
            let one = phi[0];
            if one.abs() <= NO_ASSOCIATION * largest {
                return None;
            }
            psi.iter_mut().for_each(|psi| *psi *= one);
            phi.iter_mut().for_each(|phi| *phi /= one);
            parameters.remove(linear + pattern.len());
            *first = FirstLayer::One;
        }
        Some(())
    }
}

impl FirstLayer {
    /// Number of layers whose multiplier is no parameter.
    fn fixed(self) -> usize {
        match self {
            Self::One => 1,
            Self::Free => 0,
        }
    }

    fn multiplier(self, phi: &[f64], layer: usize) -> f64 {
        layer.checked_sub(self.fixed()).map_or(1.0, |place| phi[place])
    }
}

fn combined(columns: &[Column], factors: &[f64], cells: usize) -> Vec<f64> {
    let mut sum = vec![0.0; cells];
    for (column, factor) in columns.iter().zip(factors) {
        sum.iter_mut().zip(column).for_each(|(sum, value)| *sum += factor * value);
    }
    sum
}

type Named = (ParameterName, Column);

fn margins(shape: Shape, margins: Margins) -> Vec<Named> {
    let indicator = |holds: &dyn Fn([usize; 3]) -> bool| -> Column {
        shape.places().map(|place| f64::from(u8::from(holds(place)))).collect()
    };
    let mut columns = Vec::new();
    for layer in 0..shape.layers {
        columns.push((ParameterName::Intercept { layer }, indicator(&|[l, ..]| l == layer)));
        if margins == Margins::Free {
            for class in 1..shape.origins {
                let column = indicator(&|[l, i, _]| l == layer && i == class);
                columns.push((ParameterName::Origin { class, layer }, column));
            }
            for class in 1..shape.destinations {
                let column = indicator(&|[l, _, j]| l == layer && j == class);
                columns.push((ParameterName::Destination { class, layer }, column));
            }
        }
    }
    columns
}

/// Columns of a pattern, in one layer or in all.
fn pattern(shape: Shape, pattern: &Pattern, layer: Option<usize>) -> Result<Vec<Named>, MobilityError> {
    let column = |value: &dyn Fn(usize, usize) -> f64| -> Column {
        let inside = |l: usize| layer.is_none_or(|layer| layer == l);
        shape.places().map(|[l, i, j]| if inside(l) { value(i, j) } else { 0.0 }).collect()
    };
    let is = |holds: bool| f64::from(u8::from(holds));
    let Shape { origins, destinations, .. } = shape;
    Ok(match pattern {
        Pattern::Diagonal => {
            shape.require_square()?;
            let name = |class| ParameterName::Diagonal { class, layer };
            (0..origins).map(|c| (name(c), column(&|i, j| is(i == c && j == c)))).collect()
        }
        Pattern::Uniform { origin, destination } => {
            require_scores("origin scores", origin, origins)?;
            require_scores("destination scores", destination, destinations)?;
            vec![(ParameterName::Uniform { layer }, column(&|i, j| origin[i] * destination[j]))]
        }
        Pattern::RowEffects { destination } => {
            require_scores("destination scores", destination, destinations)?;
            let name = |class| ParameterName::RowEffect { class, layer };
            (1..origins).map(|c| (name(c), column(&|i, j| is(i == c) * destination[j]))).collect()
        }
        Pattern::ColumnEffects { origin } => {
            require_scores("origin scores", origin, origins)?;
            let name = |class| ParameterName::ColumnEffect { class, layer };
            (1..destinations).map(|c| (name(c), column(&|i, j| is(j == c) * origin[i]))).collect()
        }
        Pattern::Levels(levels) => {
            require_length("rows of the level matrix", levels.nrows(), origins)?;
            require_length("columns of the level matrix", levels.ncols(), destinations)?;
            let name = |level| ParameterName::Level { level, layer };
            distinct(levels)
                .into_iter()
                .skip(1)
                .map(|level| (name(level), column(&|i, j| is(levels[[i, j]] == level))))
                .collect()
        }
        Pattern::Symmetric => {
            shape.require_square()?;
            let pairs = (0..origins).flat_map(|a| (a + 1..origins).map(move |b| (a, b)));
            let name = |(origin, destination)| ParameterName::Pair { origin, destination, layer };
            let both = |(a, b)| column(&|i, j| is((i, j) == (a, b) || (j, i) == (a, b)));
            pairs.map(|pair| (name(pair), both(pair))).collect()
        }
        Pattern::Full => {
            let pairs = (1..origins).flat_map(|a| (1..destinations).map(move |b| (a, b)));
            let name = |(origin, destination)| ParameterName::Pair { origin, destination, layer };
            pairs.map(|pair| (name(pair), column(&|i, j| is((i, j) == pair)))).collect()
        }
    })
}

fn distinct(levels: &Array2<u32>) -> BTreeSet<u32> {
    levels.iter().copied().collect()
}

fn require_scores(name: &'static str, scores: &[f64], classes: usize) -> Result<(), MobilityError> {
    require_length(name, scores.len(), classes)?;
    require_finite(name, scores)?;
    let differ = scores.iter().any(|score| score.total_cmp(&scores[0]).is_ne());
    if differ { Ok(()) } else { Err(MobilityError::AllTied { name }) }
}

/// Refuses models of which the columns would not fit in a quarter of a gigabyte.
pub(super) fn require_room(shape: Shape, model: &AssociationModel) -> Result<(), MobilityError> {
    const LARGEST: f64 = 33_554_432.0; // 2^25 numbers of eight bytes
    let Shape { layers, origins, destinations } = shape;
    let [l, r, s] = [layers, origins, destinations].map(|classes| classes as f64);
    let width = |pattern: &Pattern| match pattern {
        Pattern::Diagonal => r,
        Pattern::Uniform { .. } => 1.0,
        Pattern::RowEffects { .. } => r - 1.0,
        Pattern::ColumnEffects { .. } => s - 1.0,
        Pattern::Symmetric => r * (r - 1.0) / 2.0,
        Pattern::Full => (r - 1.0) * (s - 1.0),
        Pattern::Levels(levels) => distinct(levels).len().saturating_sub(1) as f64,
    };
    let term = |term: &super::model::Term| match term.layers {
        AcrossLayers::Common => width(&term.pattern),
        AcrossLayers::Separate => l * width(&term.pattern),
    };
    let product = match &model.product {
        None => 0.0,
        Some(Product::Scores | Product::EqualScores) => r + s,
        Some(Product::LayerEffect(pattern)) => width(pattern) + l,
    };
    let columns = l * (r + s - 1.0) + model.terms.iter().map(term).sum::<f64>() + product;
    let found = columns * l * r * s;
    if found <= LARGEST {
        return Ok(());
    }
    Err(CoreError::OutOfRange { name: "cells times parameters", found, low: 1.0, high: LARGEST }.into())
}
