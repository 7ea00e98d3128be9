use geojson::{Feature, GeoJson, Position, Value};

use crate::ReportError;

/// Shown on every map that is drawn with the built-in boundaries.
const MAKERS: &str = "© CBS / Kadaster";

/// Outlines of areas, each with its code.
///
/// # Examples
/// ```
/// use erflijn_report::Boundaries;
///
/// assert_eq!(Boundaries::municipalities_2017()?.len(), 35);
/// assert_eq!(Boundaries::municipalities_2023()?.name("GM0114"), Some("Emmen"));
/// # Ok::<(), erflijn_report::ReportError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Boundaries {
    areas: Vec<Outline>,
    attribution: String,
}

/// One area on the plane.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outline {
    pub(crate) code: String,
    pub(crate) name: String,
    /// Rings of all polygons, holes among them; even and odd tell inside from outside.
    pub(crate) rings: Vec<Vec<(f64, f64)>>,
}

impl Boundaries {
    /// The 35 municipalities of Groningen and Drenthe in 2017.
    ///
    /// # Errors
    /// None with the files of this crate.
    pub fn municipalities_2017() -> Result<Self, ReportError> {
        Self::from_geojson(include_str!("../data/municipalities-2017.geojson"), MAKERS)
    }

    /// The 22 municipalities of Groningen and Drenthe in 2023; the same from 2021 up to and including 2025.
    ///
    /// # Errors
    /// None with the files of this crate.
    pub fn municipalities_2023() -> Result<Self, ReportError> {
        Self::from_geojson(include_str!("../data/municipalities-2023.geojson"), MAKERS)
    }

    /// Boundaries from a feature collection in WGS84: polygons with the properties `statcode` and `statnaam`, and
    /// whom to name under the map.
    ///
    /// # Errors
    /// [`ReportError::GeoJson`] for what is no GeoJSON, [`ReportError::Boundary`] for a feature without a code, a
    /// name, or an area.
    pub fn from_geojson(geojson: &str, attribution: &str) -> Result<Self, ReportError> {
        let features = match geojson.parse::<GeoJson>().map_err(Box::new)? {
            GeoJson::FeatureCollection(collection) => collection.features,
            GeoJson::Feature(feature) => vec![feature],
            GeoJson::Geometry(_) => {
                let (expected, found) = ("features", "a geometry alone");
                return Err(ReportError::Boundary { feature: 0, expected, found });
            }
        };
        let areas: Vec<_> = features
            .iter()
            .enumerate()
            .map(|(place, feature)| outline(place, feature))
            .collect::<Result<_, _>>()?;
        Ok(Self { areas: projected(areas), attribution: attribution.to_owned() })
    }

    /// How many areas.
    #[must_use]
    pub fn len(&self) -> usize {
        self.areas.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.areas.is_empty()
    }

    /// Name of an area by its code.
    #[must_use]
    pub fn name(&self, code: &str) -> Option<&str> {
        self.areas.iter().find(|area| area.code == code).map(|area| area.name.as_str())
    }

    pub(crate) fn areas(&self) -> &[Outline] {
        &self.areas
    }

    pub(crate) fn attribution(&self) -> &str {
        &self.attribution
    }
}

fn outline(place: usize, feature: &Feature) -> Result<Outline, ReportError> {
    let fault = |expected, found| ReportError::Boundary { feature: place, expected, found };
    let word = |key: &'static str| {
        let found = feature.property(key).and_then(|value| value.as_str());
        found.map(str::to_owned).ok_or_else(|| fault(key, "none"))
    };
    let geometry = feature.geometry.as_ref().ok_or_else(|| fault("a polygon", "no geometry"))?;
    let rings: Vec<Vec<(f64, f64)>> = match &geometry.value {
        Value::Polygon(rings) => rings.iter().map(|ring| ring_of(ring)).collect(),
        Value::MultiPolygon(polygons) => polygons.iter().flatten().map(|ring| ring_of(ring)).collect(),
        _ => return Err(fault("a polygon", "another geometry")),
    };
    if rings.iter().flatten().any(|(x, y)| !(-180.0..=180.0).contains(x) || !(-90.0..90.0).contains(y)) {
        return Err(fault("longitude and latitude", "other coordinates"));
    }
    if !rings.iter().any(|ring| ring.len() >= 4) {
        return Err(fault("a ring of four points", "fewer"));
    }
    Ok(Outline { code: word("statcode")?, name: word("statnaam")?, rings })
}

fn ring_of(ring: &[Position]) -> Vec<(f64, f64)> {
    // A position without two numbers lies nowhere, and is refused with the coordinates.
    let at = |position: &Position, place: usize| position.get(place).copied().unwrap_or(f64::NAN);
    ring.iter().map(|position| (at(position, 0), at(position, 1))).collect()
}

/// Onto the plane by a cylindrical equal-area projection that is true to shape at the middle latitude:
/// `x = lambda cos(phi0)`, `y = -sin(phi) / cos(phi0)`, downwards as on paper.
fn projected(mut areas: Vec<Outline>) -> Vec<Outline> {
    let latitudes =
        || areas.iter().flat_map(|area| area.rings.iter().flatten()).map(|(_, latitude)| *latitude);
    let (low, high) = (latitudes().fold(90.0, f64::min), latitudes().fold(-90.0, f64::max));
    let scale = f64::midpoint(low, high).to_radians().cos();
    for (x, y) in areas.iter_mut().flat_map(|area| area.rings.iter_mut().flatten()) {
        (*x, *y) = (x.to_radians() * scale, -y.to_radians().sin() / scale);
    }
    areas
}

impl Outline {
    /// A point well inside: of a grid over the area, the one furthest from its outline.
    pub(crate) fn label_point(&self) -> (f64, f64) {
        const STEPS: usize = 28;
        let corners = || self.rings.iter().flatten();
        let ends = |of: fn(&(f64, f64)) -> f64| {
            let low = corners().map(of).fold(f64::INFINITY, f64::min);
            (low, corners().map(of).fold(f64::NEG_INFINITY, f64::max))
        };
        let ((left, right), (top, bottom)) = (ends(|point| point.0), ends(|point| point.1));
        let along =
            |low: f64, high: f64, step: usize| low + (high - low) * (step as f64 + 0.5) / STEPS as f64;
        let points = (0..STEPS * STEPS)
            .map(|at| (along(left, right, at % STEPS), along(top, bottom, at / STEPS)))
            .filter(|point| self.holds(*point));
        let middle = (f64::midpoint(left, right), f64::midpoint(top, bottom));
        let deepest = points.map(|point| (self.distance_to_outline(point), point));
        deepest.max_by(|(one, _), (other, _)| one.total_cmp(other)).map_or(middle, |(_, point)| point)
    }

    fn edges(&self) -> impl Iterator<Item = ((f64, f64), (f64, f64))> + '_ {
        self.rings.iter().flat_map(|ring| ring.windows(2).map(|pair| (pair[0], pair[1])))
    }

    /// Even or odd: how many edges lie to the right of the point.
    fn holds(&self, (x, y): (f64, f64)) -> bool {
        let crosses = |((x1, y1), (x2, y2)): &((f64, f64), (f64, f64))| {
            (*y1 > y) != (*y2 > y) && x < (x2 - x1) * (y - y1) / (y2 - y1) + x1
        };
        self.edges().filter(crosses).count() % 2 == 1
    }

    fn distance_to_outline(&self, (x, y): (f64, f64)) -> f64 {
        self.edges()
            .map(|((x1, y1), (x2, y2))| {
                let (across, down) = (x2 - x1, y2 - y1);
                let square = across * across + down * down;
                let along = if square > 0.0 { ((x - x1) * across + (y - y1) * down) / square } else { 0.0 };
                let along = along.clamp(0.0, 1.0);
                (x - x1 - along * across).hypot(y - y1 - along * down)
            })
            .fold(f64::INFINITY, f64::min)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Planar area by the shoelace rule, on a sphere of radius 6371 km.
    fn square_kilometres(area: &Outline) -> f64 {
        let twice: f64 = area.edges().map(|((x1, y1), (x2, y2))| x1 * y2 - x2 * y1).sum();
        (twice / 2.0).abs() * 6371.0 * 6371.0
    }

    #[test]
    fn areas_keep_their_size() {
        // Land areas that CBS publishes, rounded; simplified outlines are a little off.
        let boundaries = Boundaries::municipalities_2017().unwrap();
        for (code, published) in [("GM0114", 343.0), ("GM0047", 79.0), ("GM0765", 50.0)] {
            let area = boundaries.areas().iter().find(|area| area.code == code).unwrap();
            let drawn = square_kilometres(area);
            assert!((drawn / published - 1.0).abs() < 0.03, "{code}: {drawn}");
        }
    }

    #[test]
    fn labels_stand_inside() {
        for boundaries in [Boundaries::municipalities_2017(), Boundaries::municipalities_2023()] {
            for area in boundaries.unwrap().areas() {
                assert!(area.holds(area.label_point()), "{}", area.name);
            }
        }
        let ring = vec![(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0), (0.0, 0.0)];
        let hole = vec![(1.0, 1.0), (3.0, 1.0), (3.0, 3.0), (1.0, 3.0), (1.0, 1.0)];
        let frame = Outline { code: String::new(), name: String::new(), rings: vec![ring, hole] };
        assert!(!frame.holds((2.0, 2.0)) && frame.holds((0.5, 2.0)) && frame.holds(frame.label_point()));
    }

    #[test]
    fn faulty_files_are_refused() {
        let read = |text: &str| Boundaries::from_geojson(text, "").unwrap_err();
        assert!(matches!(read("no json"), ReportError::GeoJson(_)));
        let collection =
            |feature: &str| format!("{{\"type\":\"FeatureCollection\",\"features\":[{feature}]}}");
        let point = r#"{"type":"Feature","properties":{"statcode":"A","statnaam":"A"},
            "geometry":{"type":"Point","coordinates":[6.0,53.0]}}"#;
        let error = read(&collection(point));
        let told = "feature 0 of the boundaries has another geometry, expected a polygon";
        assert_eq!(error.to_string(), told);
        let metres = r#"{"type":"Feature","properties":{"statcode":"A","statnaam":"A"},"geometry":
            {"type":"Polygon","coordinates":[[[250000,5.0],[250001,5.0],[250001,6.0],[250000,5.0]]]}}"#;
        assert!(matches!(
            read(&collection(metres)),
            ReportError::Boundary { found: "other coordinates", .. }
        ));
        let nameless = r#"{"type":"Feature","properties":{"statcode":"A"},"geometry":
            {"type":"Polygon","coordinates":[[[6.0,53.0],[6.1,53.0],[6.1,53.1],[6.0,53.0]]]}}"#;
        assert!(matches!(read(&collection(nameless)), ReportError::Boundary { expected: "statnaam", .. }));
    }
}
