//! Young adults year by year, drawn.

use anyhow::Result;
use erflijn::report::{Panel, Part, Series as Line, Trends};
use erflijn_examples::Territory;

use crate::figures::Figures;
use crate::provinces;
use crate::series::{Series, Share, Whose};

impl Figures<'_> {
    /// Years of the share poor: of all and of those without a poor parent, and of those with one.
    pub(crate) fn trends(&self, series: &Series) -> Result<[Part; 2]> {
        let language = self.language;
        let measure = language.choose("zelf arm", "poor themselves");
        let how = [
            "Elk jaar zijn het deels andere mensen: wie te oud wordt, valt af, en jongeren komen erbij. Staande streepjes: de intervallen \
             van het gebied; die van de provincies en het land staan in de tabel.",
            "Each year some are other people: who becomes too old is out, and younger people come in. Upright bars: intervals of the area; \
             those of provinces and country stand in the table.",
        ];
        let draw = |caption, of: [Share; 2]| -> Result<Part> {
            let panels = of.map(|share| self.trend(series, share)).into();
            let trends = Trends { caption, measure: measure.into(), years: series.years().to_vec(), panels };
            Ok(Self::part(trends.draw(language)?))
        };
        let all = self.caption(
            "trends",
            ["Arme jongvolwassenen, per jaar".into(), "Poor young adults, year by year".into()],
            how,
        );
        let with = self.caption(
            "trends-poor-parent",
            [
                "Arme jongvolwassenen met een arme ouder, per jaar".into(),
                "Poor young adults with a poor parent, year by year".into(),
            ],
            [
                "Zelfstandig: niet in één huishouden met een juridische ouder; daarvan zijn er geen getallen per provincie. Staande \
                 streepjes: de intervallen van het gebied; die van de provincies en het land staan in de tabel.",
                "Independent: not in one household with a legal parent; of these there are no numbers by province. Upright bars: intervals \
                 of the area; those of provinces and country stand in the table.",
            ],
        );
        Ok([
            draw(all, [Share::All, Share::WithoutPoorParent])?,
            draw(with, [Share::WithPoorParent, Share::IndependentWithPoorParent])?,
        ])
    }

    fn trend(&self, series: &Series, share: Share) -> Panel {
        let language = self.language;
        let title = match share {
            Share::All => language.choose("alle jongvolwassenen", "all young adults"),
            Share::WithoutPoorParent => language.choose("zonder arme ouder", "without a poor parent"),
            Share::WithPoorParent => language.choose("met een arme ouder", "with a poor parent"),
            Share::IndependentWithPoorParent => {
                language.choose("zelfstandig, met een arme ouder", "independent, with a poor parent")
            }
        };
        let line = |whose, name| {
            let (values, intervals) = series.line(whose, share).into_iter().unzip();
            Line { name, values, intervals }
        };
        let region = |territory| line(Whose::Region(territory), self.name(territory));
        let provinces = if share == Share::IndependentWithPoorParent {
            Vec::new()
        } else {
            provinces::of_area(self.study)
        };
        let provinces =
            provinces.into_iter().map(|of| line(Whose::Province(of), provinces::told(of, language)));
        let country = std::iter::once(region(Territory::Country));
        Panel {
            title: title.into(),
            area: region(Territory::Area),
            against: country.chain(provinces).collect(),
        }
    }
}
