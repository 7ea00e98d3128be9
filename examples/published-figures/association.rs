//! Models and measures of tables of classes.

use anyhow::{Context, Result, bail, ensure};
use erflijn::core::Estimate;
use erflijn::mobility::class_tables::{
    AcrossLayers, AssociationFit, AssociationModel, AssociationWeights, ClassTable, DiagonalReference,
    ParameterName, Pattern, Product, ScoreWeights, ZeroCells, altham_distance, altham_from_independence,
    fit_association, integer_scores, intrinsic_association,
};
use ndarray::{Array2, Array3, Axis};
use serde::Deserialize;

use crate::cells::{canonical, class_of, distinct, position};
use crate::data::{Condition, DataSet, Label};
use crate::statistics::{Computed, single};

/// A table of counts, one line for each cell; origins and destinations may be different classes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClassCells {
    origin: String,
    destination: String,
    layer: Option<String>,
    value: String,
    /// Classes of both generations in order; an element may join labels.
    classes: Option<Vec<Condition>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Association {
    table: ClassCells,
    model: ModelName,
    #[serde(default)]
    diagonal: bool,
    #[serde(default)]
    by_layer: bool,
    pattern: Option<ModelName>,
    levels: Option<Vec<Vec<u32>>>,
    scores: Option<ScoreWeightsName>,
    layers: Option<Vec<Label>>,
    report: Vec<AssociationReport>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ModelName {
    Independence,
    QuasiIndependence,
    Symmetry,
    QuasiSymmetry,
    Uniform,
    RowEffects,
    ColumnEffects,
    RowAndColumnEffects,
    Levels,
    CommonAssociation,
    Rc,
    EqualScoresRc,
    Unidiff,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ScoreWeightsName {
    Uniform,
    Marginal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AssociationReport {
    Deviance,
    Pearson,
    DegreesOfFreedom,
    Aic,
    BicByCells,
    Bic,
    Dissimilarity,
    Persons,
    Slope,
    SlopeStandardError,
    LogMultipliers,
    LogMultiplierStandardErrors,
    IntrinsicAssociation,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Altham {
    table: ClassCells,
    /// Two layers to be compared; from independence without them.
    between: Option<[Label; 2]>,
    #[serde(default)]
    zero_cells: ZeroCellsName,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IntrinsicAssociation {
    table: ClassCells,
    weights: ScoreWeightsName,
    #[serde(default)]
    zero_cells: ZeroCellsName,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ZeroCellsName {
    #[default]
    Refuse,
    AddHalf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DiagonalReferenceShare {
    origin: String,
    destination: String,
    percent: String,
    persons: String,
    report: Vec<ReferenceReport>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ReferenceReport {
    Deviance,
    DegreesOfFreedom,
    OriginWeight,
    DestinationWeight,
    WeightStandardError,
}

/// How errors of class tables name classes.
const COUNTED_FROM_0: &str = "table of classes (origins, destinations and layers are counted from 0 here)";

/// Cells by layer, with the labels of the layers.
struct Layered {
    cells: Array3<f64>,
    layers: Vec<String>,
}

impl ClassCells {
    fn read(&self, data: &DataSet) -> Result<Layered> {
        let names =
            [Some(self.origin.as_str()), Some(&self.destination), Some(&self.value), self.layer.as_deref()];
        let data = data.complete(names.into_iter().flatten())?;
        let labels = |column: &str| -> Result<Vec<String>> {
            Ok(data.texts(column)?.into_iter().map(canonical).collect())
        };
        let (origins, of_origin) = self.places(labels(&self.origin)?)?;
        let (destinations, of_destination) = self.places(labels(&self.destination)?)?;
        let layer_labels = match &self.layer {
            Some(layer) => labels(layer)?,
            None => vec![String::new(); data.len()],
        };
        let layers = distinct(layer_labels.iter().cloned());
        let mut cells = Array3::zeros((layers.len(), origins, destinations));
        let mut lines = Vec::new();
        for (row, value) in data.numbers(&self.value)?.into_iter().enumerate() {
            let place = [position(&layers, &layer_labels[row]), of_origin[row], of_destination[row]];
            cells[place] += value;
            lines.push(place);
        }
        if self.classes.is_none() {
            lines.sort_unstable();
            let twice = lines.windows(2).find(|pair| pair[0] == pair[1]);
            ensure!(
                twice.is_none(),
                "data file {} has two lines for one cell, expected one (`where` selects lines, `layer` tells them apart)",
                data.file()
            );
        }
        Ok(Layered { cells, layers })
    }

    /// The number of classes and the class of each line: as listed, or the labels in order.
    fn places(&self, labels: Vec<String>) -> Result<(usize, Vec<usize>)> {
        if let Some(classes) = &self.classes {
            for class in classes {
                class.check()?;
            }
            let places = labels.iter().map(|label| class_of(classes, label)).collect::<Result<_>>()?;
            return Ok((classes.len(), places));
        }
        let known = crate::cells::in_order(&labels, &[]);
        let places = labels.iter().map(|label| position(&known, label)).collect();
        Ok((known.len(), places))
    }
}

impl Association {
    pub(crate) fn compute(&self, data: &DataSet) -> Result<Vec<Computed>> {
        let Layered { cells, layers } = self.table.read(data)?;
        let (_, origins, destinations) = cells.dim();
        let persons = cells.sum();
        let model = self.built(origins, destinations)?;
        let fit = ClassTable::by_layer(cells).and_then(|table| fit_association(&table, &model));
        let fit = fit.context(COUNTED_FROM_0)?;
        let mut found = Vec::new();
        for item in &self.report {
            self.add(*item, &fit, persons, &layers, &mut found)?;
        }
        Ok(found)
    }

    fn built(&self, origins: usize, destinations: usize) -> Result<AssociationModel> {
        let mut model = match self.model {
            ModelName::Independence => AssociationModel::independence(),
            ModelName::QuasiIndependence => AssociationModel::quasi_independence(),
            ModelName::Symmetry => AssociationModel::symmetry(),
            ModelName::QuasiSymmetry => AssociationModel::quasi_symmetry(),
            ModelName::Uniform => AssociationModel::uniform(origins, destinations),
            ModelName::RowEffects => AssociationModel::row_effects(destinations),
            ModelName::ColumnEffects => AssociationModel::column_effects(origins),
            ModelName::RowAndColumnEffects => AssociationModel::row_and_column_effects(origins, destinations),
            ModelName::Levels => AssociationModel::levels(self.level_matrix()?),
            ModelName::CommonAssociation => AssociationModel::common_association(),
            ModelName::Rc => AssociationModel::rc(),
            ModelName::EqualScoresRc => AssociationModel::equal_scores_rc(),
            ModelName::Unidiff => AssociationModel {
                product: Some(Product::LayerEffect(self.layer_pattern(origins, destinations)?)),
                ..AssociationModel::independence()
            },
        };
        ensure!(
            self.pattern.is_none() || self.model == ModelName::Unidiff,
            "key `pattern` applies to model unidiff only"
        );
        ensure!(
            self.levels.is_none() || [Some(self.model), self.pattern].contains(&Some(ModelName::Levels)),
            "key `levels` applies to model levels, or pattern levels, only"
        );
        if self.by_layer {
            ensure!(self.table.layer.is_some(), "key `by_layer` was given for a table without `layer`");
            model.terms.iter_mut().for_each(|term| term.layers = AcrossLayers::Separate);
        }
        Ok(if self.diagonal { model.with_diagonal() } else { model })
    }

    fn layer_pattern(&self, origins: usize, destinations: usize) -> Result<Pattern> {
        let (origin, destination) = (integer_scores(origins), integer_scores(destinations));
        Ok(match self.pattern {
            None | Some(ModelName::CommonAssociation) => Pattern::Full,
            Some(ModelName::Uniform) => Pattern::Uniform { origin, destination },
            Some(ModelName::RowEffects) => Pattern::RowEffects { destination },
            Some(ModelName::ColumnEffects) => Pattern::ColumnEffects { origin },
            Some(ModelName::QuasiSymmetry) => Pattern::Symmetric,
            Some(ModelName::Levels) => Pattern::Levels(self.level_matrix()?),
            Some(_) => bail!(
                "key `pattern` is none that layers can multiply, expected common_association, uniform, row_effects, \
                column_effects, quasi_symmetry or levels"
            ),
        })
    }

    fn level_matrix(&self) -> Result<Array2<u32>> {
        let rows = self.levels.as_ref().context("model levels needs key `levels`, rows of whole numbers")?;
        let columns = rows.first().map_or(0, Vec::len);
        ensure!(rows.iter().all(|row| row.len() == columns), "rows of key `levels` are of different length");
        Ok(Array2::from_shape_vec((rows.len(), columns), rows.concat())?)
    }

    fn add(
        &self,
        item: AssociationReport,
        fit: &AssociationFit,
        persons: f64,
        layers: &[String],
        found: &mut Vec<Computed>,
    ) -> Result<()> {
        let mut add = |label: &str, value: f64| found.push(Computed { label: label.to_owned(), value });
        match item {
            AssociationReport::Deviance => add("deviance", fit.deviance()),
            AssociationReport::Pearson => add("Pearson", fit.pearson()),
            AssociationReport::DegreesOfFreedom => add("degrees of freedom", fit.degrees_of_freedom() as f64),
            AssociationReport::Aic => add("AIC", fit.aic()),
            AssociationReport::BicByCells => add("BIC by cells", fit.bic_by_cells()),
            AssociationReport::Bic => add("BIC", fit.bic()),
            AssociationReport::Dissimilarity => add("dissimilarity", fit.dissimilarity()),
            AssociationReport::Persons => add("persons", persons),
            AssociationReport::Slope | AssociationReport::SlopeStandardError => {
                let slope = fit.parameter(ParameterName::Uniform { layer: None });
                let slope = slope.context("report slope is that of model uniform, the same in all layers")?;
                match item {
                    AssociationReport::Slope => add("slope", slope.value),
                    _ => add("standard error of the slope", slope.standard_error),
                }
            }
            AssociationReport::LogMultipliers | AssociationReport::LogMultiplierStandardErrors => {
                let multipliers =
                    fit.log_multipliers().context("report log_multipliers is that of model unidiff")?;
                for layer in self.reported(layers)? {
                    let label = &layers[layer];
                    let multiplier = multipliers[layer]
                        .with_context(|| format!("multiplier of layer {label} has no logarithm"))?;
                    let part: fn(&Estimate) -> f64 = match item {
                        AssociationReport::LogMultipliers => |estimate| estimate.value,
                        _ => |estimate| estimate.standard_error,
                    };
                    add(label, part(&multiplier));
                }
            }
            AssociationReport::IntrinsicAssociation => {
                let weights = self.scores.context("report intrinsic_association needs key `scores`")?;
                let scores = fit.rc_scores(weights.score_weights());
                let scores = scores
                    .context("report intrinsic_association is that of models rc and equal_scores_rc")?;
                add("intrinsic association", scores.phi.value);
            }
        }
        Ok(())
    }

    /// The layers whose multipliers are reported: those of key `layers`, or all.
    fn reported(&self, layers: &[String]) -> Result<Vec<usize>> {
        let Some(wanted) = &self.layers else {
            return Ok((0..layers.len()).collect());
        };
        wanted.iter().map(|label| layer_of(layers, label)).collect()
    }
}

fn layer_of(layers: &[String], label: &Label) -> Result<usize> {
    let label = canonical(&label.to_string());
    layers.iter().position(|layer| *layer == label).with_context(|| format!("table has no layer {label:?}"))
}

impl ScoreWeightsName {
    fn score_weights(self) -> ScoreWeights {
        match self {
            Self::Uniform => ScoreWeights::Uniform,
            Self::Marginal => ScoreWeights::Marginal,
        }
    }

    fn association_weights(self) -> AssociationWeights {
        match self {
            Self::Uniform => AssociationWeights::Uniform,
            Self::Marginal => AssociationWeights::Marginal,
        }
    }
}

impl ZeroCellsName {
    fn rule(self) -> ZeroCells {
        match self {
            Self::Refuse => ZeroCells::Refuse,
            Self::AddHalf => ZeroCells::AddHalf,
        }
    }
}

impl Altham {
    pub(crate) fn compute(&self, data: &DataSet) -> Result<Vec<Computed>> {
        let Layered { cells, layers } = self.table.read(data)?;
        let table = |layer: usize| cells.index_axis(Axis(0), layer).to_owned();
        let Some(between) = &self.between else {
            let [_] = layers.as_slice() else {
                bail!("table has {} layers, expected one, or two of them in key `between`", layers.len());
            };
            return Ok(single(
                altham_from_independence(&table(0), self.zero_cells.rule()).context(COUNTED_FROM_0)?.value,
            ));
        };
        let (p, q) = (table(layer_of(&layers, &between[0])?), table(layer_of(&layers, &between[1])?));
        Ok(single(altham_distance(&p, &q, self.zero_cells.rule()).context(COUNTED_FROM_0)?.value))
    }
}

impl IntrinsicAssociation {
    pub(crate) fn compute(&self, data: &DataSet) -> Result<Vec<Computed>> {
        let Layered { cells, layers } = self.table.read(data)?;
        let of = |(layer, label): (usize, String)| {
            let table = cells.index_axis(Axis(0), layer).to_owned();
            let weights = self.weights.association_weights();
            let value =
                intrinsic_association(&table, weights, self.zero_cells.rule()).context(COUNTED_FROM_0)?.value;
            Ok(Computed { label, value })
        };
        layers.into_iter().enumerate().map(of).collect()
    }
}

impl DiagonalReferenceShare {
    pub(crate) fn compute(&self, data: &DataSet) -> Result<Vec<Computed>> {
        let cells = |value: &str| ClassCells {
            origin: self.origin.clone(),
            destination: self.destination.clone(),
            layer: None,
            value: value.to_owned(),
            classes: None,
        };
        let table = |value: &str| -> Result<Array2<f64>> {
            Ok(cells(value).read(data)?.cells.index_axis(Axis(0), 0).to_owned())
        };
        let persons = table(&self.persons)?;
        let with = table(&self.percent)? * &persons / 100.0;
        let fit = DiagonalReference::fit(&with, &persons).context(COUNTED_FROM_0)?;
        let report = |item: &ReferenceReport| {
            let (label, value) = match item {
                ReferenceReport::Deviance => ("deviance", fit.deviance()),
                ReferenceReport::DegreesOfFreedom => ("degrees of freedom", fit.degrees_of_freedom() as f64),
                ReferenceReport::OriginWeight => ("weight of origin", fit.origin_weight().value),
                ReferenceReport::DestinationWeight => {
                    ("weight of destination", fit.destination_weight().value)
                }
                ReferenceReport::WeightStandardError => {
                    ("standard error of both", fit.origin_weight().standard_error)
                }
            };
            Computed { label: label.to_owned(), value }
        };
        Ok(self.report.iter().map(report).collect())
    }
}
